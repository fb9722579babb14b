/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A convolutional network that makes a picture larger, as an importer leaves it:
 * a list of nodes, each behind those that it reads.
 *
 * Values are in 8-bit levels: white is 255 wherever a node's value is a pixel's.
 * All the operations here are linear, or homogeneous but for a constant, so an
 * importer brings a network of 0..1 there by multiplying its constants by 255.
 *
 * A network may hold subnets that share its weights (Hsu and Chang, "8K@30FPS SR
 * accelerator with edge selective network", 2024; Chen et al., "ARM", 2022):
 * the resized picture alone, the first `half` channels of every node, all of them.
 */
#ifndef MILLRACE_GEN_IMAGE_NETWORK_H
#define MILLRACE_GEN_IMAGE_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum {
    IMAGE_INPUTS_MAX = 16, /* of a node */
    IMAGE_CHANNELS_MAX = 1024,
    IMAGE_KERNEL_MAX = 15,
    IMAGE_STRIDE_MAX = 8,
    IMAGE_SCALE_MAX = 8,
    IMAGE_NODES_MAX = 4096,
    IMAGE_SIDE_MAX = 1 << 16, /* pixels */
    IMAGE_TAPS_MAX = 1 << 24, /* weights of a node */
};

enum image_op {
    IMAGE_INPUT,
    IMAGE_CONV,       /* cross-correlation, then bias[channel] is added */
    IMAGE_ACTIVATION, /* x * (x < 0 ? weight[channel] : 1), then held to low..high */
    IMAGE_ADD,
    IMAGE_AFFINE, /* x * weight[channel] + bias[channel] */
    IMAGE_CONCAT,
    IMAGE_SHUFFLE, /* depth to space: factor x factor channels become one channel's pixels */
    IMAGE_RESIZE,  /* by `factor`, half-pixel centres, the border replicated */
    IMAGE_PAD,     /* by window.pad_..., the border replicated */
    IMAGE_OPS
};

/* Which channel of `factor`^2 times C holds pixel (dy, dx) of channel c:
 * c * factor^2 + dy * factor + dx (ONNX's CRD, PyTorch's pixel shuffle), or
 * (dy * factor + dx) * C + c (DCR, TensorFlow's depth to space). */
enum image_order { IMAGE_CHANNEL_FIRST, IMAGE_PIXEL_FIRST, IMAGE_ORDERS };

enum image_filter { IMAGE_NEAREST, IMAGE_LINEAR, IMAGE_CUBIC, IMAGE_FILTERS };

/* Pixel (y, x) of a convolution sees rows y * stride_y - pad_top to
 * y * stride_y - pad_top + kernel_h - 1, and columns likewise. */
struct image_window {
    uint32_t kernel_h, kernel_w, stride_y, stride_x;
    uint32_t pad_top, pad_left, pad_bottom, pad_right;
};

struct image_node {
    enum image_op op;
    char name[64]; /* of the file's, for messages; cut to fit */
    uint32_t inputs, input[IMAGE_INPUTS_MAX];
    uint32_t channels, half; /* channels in all, and in the half subnet */

    struct image_window window; /* CONV, PAD */
    uint32_t groups;            /* CONV */
    float pad_value;            /* CONV: what stands outside the picture */
    float *weight;   /* CONV [channels][inputs of a group][kernel_h][kernel_w]; [channels] else */
    float *bias;     /* CONV, AFFINE [channels] */
    float low, high; /* ACTIVATION; infinite where it has no bound */
    uint32_t factor; /* SHUFFLE, RESIZE */
    enum image_order order;   /* SHUFFLE */
    enum image_filter filter; /* RESIZE */
    float cubic_a;            /* RESIZE: Keys' parameter, -0.5 or -0.75 */
};

enum image_subnet { SUBNET_BILINEAR, SUBNET_HALF, SUBNET_FULL, SUBNETS };

struct image_network {
    char name[64];
    struct image_node *node; /* [nodes], in the arena; 0 is the input, the last the output */
    uint32_t nodes, room;
    uint32_t scale;
    bool selective;        /* has the subnets; else only SUBNET_FULL */
    uint32_t anchor;       /* selective: the node whose value SUBNET_BILINEAR puts out */
    uint32_t tile;         /* selective: side of a patch that a subnet is chosen for */
    uint32_t threshold[2]; /* selective: edge score of a patch from which the half and the
                              full subnet take it */
    struct arena arena;
};

struct image_size {
    uint32_t height, width;
};

/* Append a node of `op`, zero but for its name: *index is its place.  NULL with
 * an error where there are too many or memory is short. */
struct image_node *image_network_append(struct image_network *network, enum image_op op,
                                        const char *name, uint32_t *index, struct error *err);

/* Sizes of all nodes' values for a picture of `size`: sizes[nodes].  ERROR_INPUT
 * where a node's inputs do not fit each other or the picture is too small. */
bool image_network_sizes(const struct image_network *network, struct image_size size,
                         struct image_size *sizes, struct error *err);

/* Check everything that running relies on but the contents of arrays, and find
 * the scale: every input is an earlier node, channels fit, the output is a whole
 * multiple of the picture and has 1 channel or 3, as the picture has. */
bool image_network_check(struct image_network *network, struct error *err);

void image_network_free(struct image_network *network);

/* Channels of a node in a subnet. */
static inline uint32_t image_channels(const struct image_node *node, enum image_subnet subnet)
{
    return subnet == SUBNET_HALF ? node->half : node->channels;
}

/* Weights of a CONV's output channel. */
static inline size_t image_taps(const struct image_network *network, const struct image_node *node)
{
    return (size_t)network->node[node->input[0]].channels / node->groups * node->window.kernel_h *
           node->window.kernel_w;
}

/* A convolution of each channel with a kernel of its own. */
static inline bool image_is_depthwise(const struct image_network *network,
                                      const struct image_node *node)
{
    return node->op == IMAGE_CONV && node->groups == node->channels && node->groups > 1 &&
           network->node[node->input[0]].channels == node->groups;
}

/* Nodes that read node `index`. */
uint32_t image_consumers(const struct image_network *network, uint32_t index);

/* Weights, biases and slopes of a subnet; SUBNET_BILINEAR has none. */
uint64_t image_parameters(const struct image_network *network, enum image_subnet subnet);

/* Multiply-accumulates of all convolutions for a picture of `size`. */
bool image_macs(const struct image_network *network, enum image_subnet subnet,
                struct image_size size, uint64_t *macs, struct error *err);

#endif
