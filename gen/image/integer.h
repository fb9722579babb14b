/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image networks in integers: the truth that a design equals in every bit.
 *
 * A node's value is a wide one (18 bits, saturating) with `fraction` fraction
 * bits, of a level; the picture's are its bytes.  A convolution reads mantissas
 * of `act_bits` bits that share an exponent in blocks of at most 16 channels of
 * one pixel, as the array's operand does; bytes are mantissas as they are, with
 * the exponent 0 and one bit more.  docs/super-resolution.md says it in words.
 */
#ifndef MILLRACE_GEN_IMAGE_INTEGER_H
#define MILLRACE_GEN_IMAGE_INTEGER_H

#include "gen/image/run.h"

enum {
    SLOPE_FRACTION = 14,  /* of an activation's slopes, 18 bits signed */
    RESIZE_FRACTION = 14, /* of a resize's weights */
    PICTURE_BITS = 9,     /* mantissas of bytes */
    OPERAND_BLOCKS = 80,  /* most of them that a pixel of 1024 channels has */
    FRACTION_LEAST = -16,
    FRACTION_MOST = 24,
};

/* What a node has in integers. */
struct image_integers {
    int32_t fraction;
    uint32_t shift;    /* CONV, AFFINE: of the accumulator or product */
    int32_t low, high; /* ACTIVATION */
    int8_t *q;         /* CONV [channels][kernel_h][kernel_w][inputs of a group], or where taps
                          are blocks [channels][inputs of a group][kernel_h][kernel_w] */
    uint8_t *scale;    /* CONV [channels][image_scales]: one a group of weights */
    int32_t *weight;   /* ACTIVATION slopes, AFFINE factors [channels] */
    int32_t *bias;     /* CONV, AFFINE [channels], with `fraction` */
};

struct integer_network {
    struct image_network network;
    struct image_integers *node; /* [network.nodes] */
    uint32_t weight_bits, act_bits;
};

/* Where the blocks of a CONV's operand begin, counted in channels of a group (of
 * all channels where it is depthwise); start[count] is their number.  Each is at
 * most 16, and none reaches over the end of a concatenation's input. */
struct operand_blocks {
    uint32_t count;
    uint16_t start[OPERAND_BLOCKS + 1];
};
bool image_operand_blocks(const struct image_network *network, const struct image_node *node,
                          struct operand_blocks *blocks);

/* Whether the blocks of a CONV are up to 16 taps of one channel, not channels of
 * one tap: where it is depthwise, or reads bytes, which all have the exponent 0. */
bool image_taps_are_blocks(const struct image_network *network, const struct image_node *node);

/* Groups of weights of a CONV's output channel: one for each tap and block of
 * channels, or for each input and block of taps. */
uint32_t image_scales(const struct image_network *network, const struct image_node *node,
                      const struct operand_blocks *blocks);

/* Whether a node's value is bytes: the picture, or the picture with a border. */
bool image_is_bytes(const struct image_network *network, uint32_t index);

/* Run on bytes (as int32_t); *out holds bytes, too. */
bool image_run_integer(const struct integer_network *network, enum image_subnet subnet,
                       const struct image_tensor *in, struct image_tensor *out, struct error *err);

#endif
