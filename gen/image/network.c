/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

struct image_node *image_network_append(struct image_network *network, enum image_op op,
                                        const char *name, uint32_t *index, struct error *err)
{
    if (network->nodes == IMAGE_NODES_MAX) {
        error_set(err, ERROR_INPUT, "%s: more than %d nodes", network->name, IMAGE_NODES_MAX);
        return NULL;
    }
    if (network->nodes == network->room) {
        uint32_t room = network->room ? 2 * network->room : FIRST_ROOM;
        struct image_node *node = arena_alloc(&network->arena, room, sizeof *node);
        if (!node) {
            error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
            return NULL;
        }
        if (network->nodes)
            memcpy(node, network->node, network->nodes * sizeof *node);
        network->node = node;
        network->room = room;
    }
    *index = network->nodes++;
    struct image_node *node = &network->node[*index];
    *node = (struct image_node){.op = op, .groups = 1};
    snprintf(node->name, sizeof node->name, "%s", name);
    return node;
}

void image_network_free(struct image_network *network)
{
    arena_free(&network->arena);
    *network = (struct image_network){0};
}

static bool fault(const struct image_network *network, const struct image_node *node,
                  const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: node %s: %s", network->name, node->name, what);
}

/* Windows that fit along one side, or 0. */
static uint32_t window_count(uint32_t side, uint32_t pads, uint32_t kernel, uint32_t stride)
{
    return side + pads < kernel ? 0 : (side + pads - kernel) / stride + 1;
}

/* The size of a node's value from those of its inputs. */
static bool node_size(const struct image_network *network, const struct image_node *node,
                      const struct image_size *sizes, struct image_size *out, struct error *err)
{
    const struct image_window *w = &node->window;
    struct image_size in = sizes[node->input[0]];

    *out = in;
    switch (node->op) {
    case IMAGE_CONV:
        out->height = window_count(in.height, w->pad_top + w->pad_bottom, w->kernel_h, w->stride_y);
        out->width = window_count(in.width, w->pad_left + w->pad_right, w->kernel_w, w->stride_x);
        break;
    case IMAGE_PAD:
        out->height += w->pad_top + w->pad_bottom;
        out->width += w->pad_left + w->pad_right;
        break;
    case IMAGE_SHUFFLE:
    case IMAGE_RESIZE:
        out->height *= node->factor;
        out->width *= node->factor;
        break;
    case IMAGE_ADD:
    case IMAGE_CONCAT:
        for (uint32_t i = 1; i < node->inputs; i++)
            if (sizes[node->input[i]].height != in.height ||
                sizes[node->input[i]].width != in.width)
                return error_set(err, ERROR_INPUT,
                                 "%s: node %s: an input is %" PRIu32 " x %" PRIu32
                                 ", another %" PRIu32 " x %" PRIu32,
                                 network->name, node->name, in.width, in.height,
                                 sizes[node->input[i]].width, sizes[node->input[i]].height);
        break;
    default:
        break;
    }
    if (out->height < 1 || out->width < 1)
        return fault(network, node, "the picture is smaller than the kernel", err);
    if (out->height > IMAGE_SIDE_MAX || out->width > IMAGE_SIDE_MAX)
        return fault(network, node, "the picture is too large", err);
    return true;
}

bool image_network_sizes(const struct image_network *network, struct image_size size,
                         struct image_size *sizes, struct error *err)
{
    if (size.height < 1 || size.width < 1 || size.height > IMAGE_SIDE_MAX ||
        size.width > IMAGE_SIDE_MAX)
        return error_set(err, ERROR_INPUT, "%s: a picture of %" PRIu32 " x %" PRIu32 " pixels",
                         network->name, size.width, size.height);
    sizes[0] = size;
    for (uint32_t i = 1; i < network->nodes; i++)
        if (!node_size(network, &network->node[i], sizes, &sizes[i], err))
            return false;
    return true;
}

static bool check_window(const struct image_network *network, const struct image_node *node,
                         struct error *err)
{
    const struct image_window *w = &node->window;
    uint32_t channels = network->node[node->input[0]].channels;

    if (w->kernel_h < 1 || w->kernel_w < 1 || w->kernel_h > IMAGE_KERNEL_MAX ||
        w->kernel_w > IMAGE_KERNEL_MAX)
        return fault(network, node, "the kernel is not 1 to 15 a side", err);
    if (w->stride_y < 1 || w->stride_x < 1 || w->stride_y > IMAGE_STRIDE_MAX ||
        w->stride_x > IMAGE_STRIDE_MAX)
        return fault(network, node, "the stride is not 1 to 8", err);
    if (w->pad_top >= w->kernel_h || w->pad_bottom >= w->kernel_h || w->pad_left >= w->kernel_w ||
        w->pad_right >= w->kernel_w)
        return fault(network, node, "the padding is as large as the kernel", err);
    if (node->groups < 1 || node->channels % node->groups != 0 || channels % node->groups != 0)
        return fault(network, node, "the groups do not divide the channels", err);
    if ((uint64_t)image_taps(network, node) * node->channels > IMAGE_TAPS_MAX)
        return fault(network, node, "has too many weights", err);
    return true;
}

/* Whether the channels, in all and in the half, are what the inputs make them. */
static bool check_channels(const struct image_network *network, const struct image_node *node,
                           struct error *err)
{
    const struct image_node *in = &network->node[node->input[0]];
    uint32_t channels = in->channels, half = in->half;

    if (node->op == IMAGE_SHUFFLE) {
        uint32_t square = node->factor * node->factor;
        if (channels % square != 0 || half != channels)
            return fault(network, node, "the channels are no multiple of the block", err);
        channels /= square;
        half = channels;
    } else if (node->op == IMAGE_ADD || node->op == IMAGE_CONCAT) {
        for (uint32_t i = 1; i < node->inputs; i++) {
            const struct image_node *other = &network->node[node->input[i]];
            if (node->op == IMAGE_CONCAT) {
                channels += other->channels;
                half += other->half;
            } else if (other->channels != channels || other->half != half) {
                return fault(network, node, "the inputs' channels differ", err);
            }
        }
        if (node->op == IMAGE_CONCAT && half != channels)
            return fault(network, node, "a subnet cannot be cut out of a concatenation", err);
    } else if (node->op == IMAGE_CONV) {
        channels = node->channels;
        half = image_is_depthwise(network, node) ? half : node->half;
        if (node->groups > 1 && !image_is_depthwise(network, node) &&
            (in->half != in->channels || node->half != node->channels))
            return fault(network, node, "a subnet cannot be cut out of grouped channels", err);
    }
    if (node->channels != channels || node->half != half || half < 1 || half > channels ||
        channels > IMAGE_CHANNELS_MAX)
        return fault(network, node, "the channels do not fit", err);
    return true;
}

static bool check_node(const struct image_network *network, uint32_t index, struct error *err)
{
    const struct image_node *node = &network->node[index];
    bool many = node->op == IMAGE_ADD || node->op == IMAGE_CONCAT;

    if (node->op == IMAGE_INPUT || node->inputs < 1 || node->inputs > IMAGE_INPUTS_MAX ||
        (!many && node->inputs != 1) || (node->op == IMAGE_ADD && node->inputs != 2))
        return fault(network, node, "a wrong number of inputs", err);
    for (uint32_t i = 0; i < node->inputs; i++)
        if (node->input[i] >= index)
            return fault(network, node, "reads what is not there yet", err);
    if ((node->op == IMAGE_SHUFFLE || node->op == IMAGE_RESIZE) &&
        (node->factor < 1 || node->factor > IMAGE_SCALE_MAX))
        return fault(network, node, "the factor is not 1 to 8", err);
    if (node->op == IMAGE_PAD && (node->window.pad_top | node->window.pad_bottom |
                                  node->window.pad_left | node->window.pad_right) > 255)
        return fault(network, node, "pads by more than 255 pixels", err);
    if (node->op == IMAGE_CONV && !check_window(network, node, err))
        return false;
    return check_channels(network, node, err);
}

/* The scale, from what becomes of two pictures of different sizes. */
static bool find_scale(struct image_network *network, struct error *err)
{
    static const struct image_size probe[] = {{61, 97}, {128, 64}};
    struct image_size *sizes = calloc(network->nodes, sizeof *sizes);
    bool ok = true;

    if (!sizes)
        return error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
    for (size_t i = 0; ok && i < sizeof probe / sizeof *probe; i++) {
        ok = image_network_sizes(network, probe[i], sizes, err);
        const struct image_size out = sizes[network->nodes - 1];
        uint32_t scale = out.height / probe[i].height;
        if (ok && (scale < 1 || scale > IMAGE_SCALE_MAX || out.height != scale * probe[i].height ||
                   out.width != scale * probe[i].width || (i > 0 && scale != network->scale)))
            ok = error_set(err, ERROR_INPUT,
                           "%s: makes %" PRIu32 " x %" PRIu32 " pixels of %" PRIu32 " x %" PRIu32
                           ", which is no whole multiple",
                           network->name, out.width, out.height, probe[i].width, probe[i].height);
        network->scale = scale;
    }
    free(sizes);
    return ok;
}

bool image_network_check(struct image_network *network, struct error *err)
{
    if (network->nodes < 2 || network->node[0].op != IMAGE_INPUT)
        return error_set(err, ERROR_INPUT, "%s: no network: %" PRIu32 " nodes", network->name,
                         network->nodes);
    const struct image_node *in = &network->node[0], *out = &network->node[network->nodes - 1];
    if ((in->channels != 1 && in->channels != 3) || in->half != in->channels)
        return error_set(err, ERROR_INPUT,
                         "%s: the input has %" PRIu32 " channels; 1 (luma) or 3 (RGB) are read",
                         network->name, in->channels);
    for (uint32_t i = 1; i < network->nodes; i++)
        if (!check_node(network, i, err))
            return false;
    if (out->channels != in->channels || out->half != out->channels)
        return error_set(err, ERROR_INPUT, "%s: %" PRIu32 " channels in, %" PRIu32 " out",
                         network->name, in->channels, out->channels);
    if (!find_scale(network, err))
        return false;
    if (network->selective &&
        (network->anchor >= network->nodes || network->node[network->anchor].op != IMAGE_RESIZE ||
         network->node[network->anchor].input[0] != 0 ||
         network->node[network->anchor].factor != network->scale || network->tile < 4 ||
         network->tile > 256 || network->threshold[0] > network->threshold[1]))
        return error_set(err, ERROR_INPUT, "%s: the subnets' anchor, tile or thresholds are wrong",
                         network->name);
    return true;
}

uint32_t image_consumers(const struct image_network *network, uint32_t index)
{
    uint32_t count = 0;

    for (uint32_t i = 1; i < network->nodes; i++)
        for (uint32_t k = 0; k < network->node[i].inputs; k++)
            count += network->node[i].input[k] == index;
    return count;
}

/* Weights that a subnet reads for one output channel. */
static uint64_t subnet_taps(const struct image_network *network, const struct image_node *node,
                            enum image_subnet subnet)
{
    uint64_t inputs = image_channels(&network->node[node->input[0]], subnet);
    uint64_t kernel = (uint64_t)node->window.kernel_h * node->window.kernel_w;

    if (image_is_depthwise(network, node))
        return kernel;
    return inputs / node->groups * kernel;
}

uint64_t image_parameters(const struct image_network *network, enum image_subnet subnet)
{
    uint64_t sum = 0;

    for (uint32_t i = 1; subnet != SUBNET_BILINEAR && i < network->nodes; i++) {
        const struct image_node *node = &network->node[i];
        uint64_t channels = image_channels(node, subnet);
        if (node->op == IMAGE_CONV)
            sum += channels * subnet_taps(network, node, subnet);
        for (uint64_t c = 0; node->bias && c < channels; c++)
            sum += node->bias[c] != 0;
        for (uint64_t c = 0; node->op == IMAGE_ACTIVATION && c < channels; c++)
            sum += node->weight[c] != 0 && node->weight[c] != 1;
    }
    return sum;
}

bool image_macs(const struct image_network *network, enum image_subnet subnet,
                struct image_size size, uint64_t *macs, struct error *err)
{
    struct image_size *sizes = calloc(network->nodes, sizeof *sizes);
    bool ok = sizes != NULL;

    if (!ok)
        return error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
    *macs = 0;
    ok = image_network_sizes(network, size, sizes, err);
    for (uint32_t i = 1; ok && subnet != SUBNET_BILINEAR && i < network->nodes; i++) {
        const struct image_node *node = &network->node[i];
        if (node->op == IMAGE_CONV)
            *macs += (uint64_t)sizes[i].height * sizes[i].width * image_channels(node, subnet) *
                     subnet_taps(network, node, subnet);
    }
    free(sizes);
    return ok;
}
