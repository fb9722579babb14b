/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/operand.h"

#include <stdlib.h>
#include <string.h>

#include "gen/op/numerics.h"

/* Blocks of 16 for `channels` more. */
static bool add_blocks(struct operand_blocks *blocks, uint32_t channels)
{
    uint32_t first = blocks->start[blocks->count];

    for (uint32_t c = 0; c < channels; c += BLOCK) {
        if (blocks->count == OPERAND_BLOCKS)
            return false;
        uint32_t size = channels - c < BLOCK ? channels - c : BLOCK;
        blocks->start[++blocks->count] = (uint16_t)(first + c + size);
    }
    return true;
}

bool image_operand_blocks(const struct image_network *network, const struct image_node *node,
                          struct operand_blocks *blocks)
{
    const struct image_node *in = &network->node[node->input[0]];

    blocks->count = 0;
    blocks->start[0] = 0;
    if (node->groups > 1 && !image_is_depthwise(network, node))
        return add_blocks(blocks, in->channels / node->groups);
    if (in->op != IMAGE_CONCAT)
        return add_blocks(blocks, in->channels);
    for (uint32_t i = 0; i < in->inputs; i++)
        if (!add_blocks(blocks, network->node[in->input[i]].channels))
            return false;
    return true;
}

uint32_t image_scales(const struct image_network *network, const struct image_node *node,
                      const struct operand_blocks *blocks)
{
    uint32_t taps = node->window.kernel_h * node->window.kernel_w;
    uint32_t inputs = network->node[node->input[0]].channels / node->groups;

    return image_taps_are_blocks(network, node) ? inputs * ((taps + BLOCK - 1) / BLOCK)
                                                : taps * blocks->count;
}

bool image_taps_are_blocks(const struct image_network *network, const struct image_node *node)
{
    return image_is_depthwise(network, node) || image_is_bytes(network, node->input[0]);
}

bool image_is_bytes(const struct image_network *network, uint32_t index)
{
    while (network->node[index].op == IMAGE_PAD)
        index = network->node[index].input[0];
    return index == 0;
}

/* Block floating point (numerics.h) of channels first to last - 1, a row. */
static void quantise_row(struct image_operand *operand, const struct image_tensor *in,
                         uint32_t first, uint32_t last, size_t from, size_t to, unsigned bits,
                         uint8_t *exponent)
{
    size_t plane = (size_t)in->height * in->width;
    int32_t value[BLOCK] = {0};
    int16_t mantissa[BLOCK] = {0};

    for (uint32_t x = 0; x < in->width; x++) {
        for (uint32_t c = first; c < last; c++)
            value[c - first] = in->whole[c * plane + from + x];
        exponent[x] = (uint8_t)block_quantise(value, last - first, bits, mantissa);
        for (uint32_t c = first; c < last; c++)
            operand->mantissa[c * operand->plane + to + x] = mantissa[c - first];
    }
}

static void copy_row(struct image_operand *operand, const struct image_tensor *in, uint32_t first,
                     uint32_t last, size_t from, size_t to)
{
    size_t plane = (size_t)in->height * in->width;

    for (uint32_t c = first; c < last; c++)
        for (uint32_t x = 0; x < in->width; x++)
            operand->mantissa[c * operand->plane + to + x] =
                (int16_t)in->whole[c * plane + from + x];
}

static void fill_block(struct image_operand *operand, const struct image_window *w,
                       const struct image_tensor *in, uint32_t first, uint32_t last, bool bytes,
                       unsigned bits, uint8_t *exponent)
{
    for (uint32_t y = 0; y < in->height; y++) {
        size_t to = (size_t)(y + w->pad_top) * operand->width + w->pad_left;
        if (bytes)
            copy_row(operand, in, first, last, (size_t)y * in->width, to);
        else
            quantise_row(operand, in, first, last, (size_t)y * in->width, to, bits, exponent + to);
    }
}

static bool allocate(struct image_operand *operand, const struct image_node *node,
                     const struct image_tensor *in, uint32_t groups)
{
    size_t count = in->channels * operand->plane;
    size_t exponents = (size_t)groups * operand->blocks.count * operand->plane;

    operand->mantissa = malloc(count * sizeof *operand->mantissa);
    operand->exponent = calloc(exponents > 0 ? exponents : 1, 1);
    if (!operand->mantissa || !operand->exponent)
        return false;
    for (size_t i = 0; i < count; i++)
        operand->mantissa[i] = (int16_t)node->pad_value;
    return true;
}

bool image_operand_open(struct image_operand *operand, const struct integer_network *network,
                        const struct image_node *node, const struct image_tensor *in)
{
    const struct image_window *w = &node->window;
    uint32_t groups = image_is_depthwise(&network->network, node) ? 1 : node->groups;
    bool bytes = image_is_bytes(&network->network, node->input[0]);

    *operand = (struct image_operand){
        .height = in->height + w->pad_top + w->pad_bottom,
        .width = in->width + w->pad_left + w->pad_right + LANES * w->stride_x,
        .group_channels = in->channels / groups,
    };
    operand->plane = (size_t)operand->height * operand->width;
    if (!image_operand_blocks(&network->network, node, &operand->blocks) ||
        !allocate(operand, node, in, groups))
        return false;
    for (uint32_t g = 0; g < groups; g++)
        for (uint32_t b = 0; b < operand->blocks.count; b++) {
            uint32_t first = operand->blocks.start[b], last = operand->blocks.start[b + 1];
            last = last < operand->group_channels ? last : operand->group_channels;
            if (first < last)
                fill_block(operand, w, in, g * operand->group_channels + first,
                           g * operand->group_channels + last, bytes, network->act_bits,
                           operand->exponent +
                               ((size_t)g * operand->blocks.count + b) * operand->plane);
        }
    return true;
}

void image_operand_close(struct image_operand *operand)
{
    free(operand->mantissa);
    free(operand->exponent);
}
