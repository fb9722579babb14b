/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions on the array.  In dot direction a tap address generator puts the
 * taps' mantissas before the array, block after block, as if they were one long
 * operand; the array does what it does for any matrix:
 *
 *     acc = sum over taps and blocks of (sum of q * mantissa) * scale << exponent
 *
 * In lane direction, for depthwise kernels, each lane is a channel and up to 16
 * taps are a block; as they come from different pixels their mantissas are first
 * brought to the largest exponent among them, as probabilities are to that of
 * the values in ATTEND:
 *
 *     E = max over taps of exponent;  m' = round_shift(m, E - exponent)
 *     acc = sum over blocks of taps of (sum of q * m') * scale << E
 *
 * Bytes have the exponent 0, so any of them may share a block: there it is up to
 * 16 taps of one channel, which fill the array's lanes where channels are few.
 *
 * Both end in out = saturate_wide(round_shift(acc << 8, shift) + bias).
 */
#include "gen/image/integer_conv.h"

#include <stdlib.h>
#include <string.h>

#include "gen/image/operand.h"
#include "gen/op/numerics.h"

struct convolution {
    const struct image_node *node;
    const struct image_integers *integers;
    struct image_operand operand;
    struct image_tensor *out;
    int16_t *weight; /* q * scale, [channels][taps][inputs of a group]; dot direction */
    uint32_t inputs; /* of a group, in the full subnet */
    bool taps_are_blocks;
};

static void load_mantissas(int16_t value[LANES], const int16_t *from, uint32_t stride)
{
    if (stride == 1) {
        memcpy(value, from, LANES * sizeof *value);
        return;
    }
    for (uint32_t i = 0; i < LANES; i++)
        value[i] = from[(size_t)i * stride];
}

static void store_lanes(const struct convolution *v, uint32_t channel, uint32_t y, uint32_t x,
                        const int64_t acc[LANES])
{
    int32_t *row = v->out->whole + ((size_t)channel * v->out->height + y) * v->out->width + x;
    uint32_t count = v->out->width - x < LANES ? v->out->width - x : LANES;

    for (uint32_t i = 0; i < count; i++)
        row[i] =
            saturate_wide(round_shift(shift_left(acc[i], ACCUMULATOR_LEFT), v->integers->shift) +
                          v->integers->bias[channel]);
}

/* One block of one tap: sum of weight * mantissa, exponent applied. */
static void add_block(const struct convolution *v, const int16_t *weight, uint32_t channels,
                      const int16_t *mantissa, const uint8_t *exponent, int64_t acc[LANES])
{
    uint32_t stride = v->node->window.stride_x;
    int32_lanes partial = {0};
    int16_t value[LANES];

    for (uint32_t c = 0; c < channels; c++) {
        load_mantissas(value, mantissa + c * v->operand.plane, stride);
        add_product_int16(&partial, weight[c], value);
    }
    for (uint32_t i = 0; i < LANES; i++)
        acc[i] += shift_left(partial[i], exponent[(size_t)i * stride]);
}

static void dot_direction(const struct convolution *v, uint32_t channel, uint32_t y, uint32_t x)
{
    const struct image_window *w = &v->node->window;
    const struct image_operand *in = &v->operand;
    uint32_t group = channel / (v->node->channels / v->node->groups);
    const int16_t *weight = v->weight + (size_t)channel * w->kernel_h * w->kernel_w * v->inputs;
    int64_t acc[LANES] = {0};

    for (uint32_t ky = 0; ky < w->kernel_h; ky++)
        for (uint32_t kx = 0; kx < w->kernel_w; kx++, weight += v->inputs) {
            size_t at = (size_t)(y * w->stride_y + ky) * in->width + (size_t)x * w->stride_x + kx;
            for (uint32_t b = 0; b < in->blocks.count; b++) {
                uint32_t first = in->blocks.start[b], last = in->blocks.start[b + 1];
                last = last < in->group_channels ? last : in->group_channels;
                if (first >= last)
                    break;
                add_block(v, weight + first, last - first,
                          in->mantissa + (group * in->group_channels + first) * in->plane + at,
                          in->exponent + ((size_t)group * in->blocks.count + b) * in->plane + at,
                          acc);
            }
        }
    store_lanes(v, channel, y, x, acc);
}

/* The taps of one block of a depthwise kernel, for LANES pixels. */
struct tap_block {
    uint32_t count;
    size_t at[BLOCK];       /* place in the operand's planes */
    uint8_t largest[LANES]; /* E */
};

static void find_largest(const struct convolution *v, const uint8_t *exponent,
                         struct tap_block *taps)
{
    uint32_t stride = v->node->window.stride_x;

    memset(taps->largest, 0, sizeof taps->largest);
    for (uint32_t t = 0; t < taps->count; t++)
        for (uint32_t i = 0; i < LANES; i++) {
            uint8_t e = exponent[taps->at[t] + (size_t)i * stride];
            taps->largest[i] = e > taps->largest[i] ? e : taps->largest[i];
        }
}

static void add_taps(const struct convolution *v, const struct tap_block *taps, const int8_t *q,
                     uint8_t scale, const int16_t *mantissa, const uint8_t *exponent,
                     int64_t acc[LANES])
{
    uint32_t stride = v->node->window.stride_x;
    int32_t sum[LANES] = {0};

    for (uint32_t t = 0; t < taps->count; t++)
        for (uint32_t i = 0; i < LANES; i++) {
            size_t at = taps->at[t] + (size_t)i * stride;
            unsigned down = taps->largest[i] - exponent[at];
            sum[i] += q[t] * round_shift_32(mantissa[at], down);
        }
    for (uint32_t i = 0; i < LANES; i++)
        acc[i] += shift_left((int64_t)sum[i] * scale, taps->largest[i]);
}

/* All channels of one block, from (y, x) on. */
static void lane_direction(const struct convolution *v, uint32_t block, uint32_t y, uint32_t x)
{
    const struct image_window *w = &v->node->window;
    const struct image_operand *in = &v->operand;
    const uint8_t *exponent = in->exponent + block * in->plane;
    uint32_t kernel = w->kernel_h * w->kernel_w, scales = (kernel + BLOCK - 1) / BLOCK;
    int64_t acc[BLOCK][LANES] = {{0}};
    uint32_t first = in->blocks.start[block], last = in->blocks.start[block + 1];

    last = last < v->out->channels ? last : v->out->channels;
    for (uint32_t t = 0; t < kernel; t += BLOCK) {
        struct tap_block taps = {.count = kernel - t < BLOCK ? kernel - t : BLOCK};
        for (uint32_t i = 0; i < taps.count; i++)
            taps.at[i] = (size_t)(y * w->stride_y + (t + i) / w->kernel_w) * in->width +
                         (size_t)x * w->stride_x + (t + i) % w->kernel_w;
        find_largest(v, exponent, &taps);
        for (uint32_t c = first; c < last; c++)
            add_taps(v, &taps, v->integers->q + (size_t)c * kernel + t,
                     v->integers->scale[c * scales + t / BLOCK], in->mantissa + c * in->plane,
                     exponent, acc[c - first]);
    }
    for (uint32_t c = first; c < last; c++)
        store_lanes(v, c, y, x, acc[c - first]);
}

/* As expand_weights, where blocks are taps of a channel. */
static void expand_taps(const struct convolution *v, uint32_t channels)
{
    uint32_t kernel = v->node->window.kernel_h * v->node->window.kernel_w;
    const int8_t *q = v->integers->q;
    const uint8_t *scale = v->integers->scale;

    for (uint32_t c = 0; c < channels; c++)
        for (uint32_t i = 0; i < v->inputs; i++)
            for (uint32_t t = 0; t < kernel; t++) {
                v->weight[((size_t)c * kernel + t) * v->inputs + i] = (int16_t)(*q++ * *scale);
                if (t % BLOCK == BLOCK - 1 || t == kernel - 1)
                    scale++;
            }
}

/* Weights times scales, so that a block's sum needs no further product. */
static bool expand_weights(struct convolution *v, uint32_t channels)
{
    uint32_t kernel = v->node->window.kernel_h * v->node->window.kernel_w;
    const struct operand_blocks *blocks = &v->operand.blocks;
    const int8_t *q = v->integers->q;
    const uint8_t *scale = v->integers->scale;
    int16_t *weight = malloc((size_t)channels * kernel * v->inputs * sizeof *weight);

    v->weight = weight;
    if (weight && v->taps_are_blocks) {
        expand_taps(v, channels);
        return true;
    }
    for (uint32_t t = 0; weight && t < channels * kernel; t++)
        for (uint32_t b = 0; b < blocks->count; b++, scale++)
            for (uint32_t i = blocks->start[b]; i < blocks->start[b + 1]; i++)
                *weight++ = (int16_t)(*q++ * *scale);
    return v->weight;
}

static void convolve_all(const struct convolution *v, bool depthwise)
{
    for (uint32_t y = 0; y < v->out->height; y++)
        for (uint32_t x = 0; x < v->out->width; x += LANES) {
            if (!depthwise)
                for (uint32_t c = 0; c < v->out->channels; c++)
                    dot_direction(v, c, y, x);
            for (uint32_t b = 0; depthwise && b < v->operand.blocks.count; b++)
                lane_direction(v, b, y, x);
        }
}

bool image_convolve_integer(const struct integer_network *network, uint32_t index,
                            const struct image_tensor *in, struct image_tensor *out)
{
    const struct image_node *node = &network->network.node[index];
    bool depthwise = image_is_depthwise(&network->network, node);
    struct convolution v = {
        .node = node,
        .integers = &network->node[index],
        .out = out,
        .inputs = network->network.node[node->input[0]].channels / node->groups,
        .taps_are_blocks = image_taps_are_blocks(&network->network, node),
    };

    bool ok = image_operand_open(&v.operand, network, node, in) &&
              (depthwise || expand_weights(&v, out->channels));
    if (ok)
        convolve_all(&v, depthwise);
    free(v.weight);
    image_operand_close(&v.operand);
    return ok;
}
