/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/image/phases.h"

static void multiply(float *value, size_t count, float factor)
{
    for (size_t i = 0; value && i < count; i++)
        value[i] *= factor;
}

bool image_to_levels(struct image_network *network, float white, struct error *err)
{
    float factor = 255.0f / white;

    for (uint32_t i = 1; i < network->nodes; i++) {
        struct image_node *node = &network->node[i];
        multiply(node->bias, node->channels, factor);
        node->low *= node->low == 0 ? 1 : factor;
        node->high *= node->high == 0 ? 1 : factor;
        for (uint32_t c = 0; node->bias && c < node->channels; c++)
            if (!isfinite(node->bias[c]))
                return error_set(err, ERROR_INPUT, "%s: node %s: a bias that is not finite",
                                 network->name, node->name);
    }
    return true;
}

/* conv, then x * weight + bias: the affine node becomes the convolution. */
static void fold_behind(struct image_network *network, uint32_t index)
{
    struct image_node *affine = &network->node[index];
    struct image_node *conv = &network->node[affine->input[0]];

    if (affine->op != IMAGE_AFFINE || conv->op != IMAGE_CONV ||
        image_consumers(network, affine->input[0]) != 1)
        return;
    size_t taps = image_taps(network, conv);
    for (uint32_t c = 0; c < conv->channels; c++) {
        multiply(conv->weight + c * taps, taps, affine->weight[c]);
        conv->bias[c] = conv->bias[c] * affine->weight[c] + affine->bias[c];
    }
    *affine = *conv;
}

static bool is_uniform(const float *value, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (value[i] != value[0])
            return false;
    return true;
}

/* A conv that reads scale * picture + offset reads the picture instead. */
static void fold_before(struct image_network *network, uint32_t index)
{
    struct image_node *conv = &network->node[index];

    if (conv->op != IMAGE_CONV)
        return;
    const struct image_node *affine = &network->node[conv->input[0]];
    if (affine->op != IMAGE_AFFINE || affine->input[0] != 0 ||
        !is_uniform(affine->weight, affine->channels) ||
        !is_uniform(affine->bias, affine->channels) || affine->weight[0] == 0)
        return;
    float scale = affine->weight[0], offset = affine->bias[0];
    float outside = roundf((conv->pad_value - offset) / scale);
    const struct image_window *w = &conv->window;
    bool padded = w->pad_top | w->pad_left | w->pad_bottom | w->pad_right;
    /* Bytes are what the convolution will read, outside the picture too. */
    if (padded &&
        (outside < 0 || outside > 255 || fabsf(outside * scale + offset - conv->pad_value) > 1e-3f))
        return;
    size_t taps = image_taps(network, conv);
    for (uint32_t c = 0; c < conv->channels; c++) {
        double sum = 0;
        for (size_t i = 0; i < taps; i++)
            sum += conv->weight[c * taps + i];
        conv->bias[c] = (float)(conv->bias[c] + sum * offset);
        multiply(conv->weight + c * taps, taps, scale);
    }
    conv->pad_value = padded ? outside : 0;
    conv->input[0] = 0;
}

/* Whether `node` is a 1x1 convolution without bias of the picture, or of the
 * picture with a mean taken off. */
static bool is_picture_mix(const struct image_network *network, const struct image_node *node)
{
    const struct image_node *in = &network->node[node->input[0]];

    if (node->op != IMAGE_CONV || node->groups != 1 || node->window.kernel_h != 1 ||
        node->window.kernel_w != 1 || node->window.stride_y != 1 || node->window.stride_x != 1 ||
        !(in->op == IMAGE_INPUT || (in->op == IMAGE_AFFINE && in->input[0] == 0)))
        return false;
    for (uint32_t c = 0; c < node->channels; c++)
        if (node->bias[c] != 0)
            return false;
    return true;
}

static bool fold_head(struct image_network *network, uint32_t index, struct error *err)
{
    struct image_node *depthwise = &network->node[index];

    if (!image_is_depthwise(network, depthwise) || depthwise->pad_value != 0 ||
        image_consumers(network, depthwise->input[0]) != 1)
        return true;
    const struct image_node *mix = &network->node[depthwise->input[0]];
    if (!is_picture_mix(network, mix))
        return true;
    size_t kernel = (size_t)depthwise->window.kernel_h * depthwise->window.kernel_w;
    uint32_t inputs = network->node[mix->input[0]].channels;
    float *weight =
        arena_alloc(&network->arena, (size_t)depthwise->channels * inputs * kernel, sizeof *weight);
    if (!weight)
        return error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
    float *at = weight;
    for (uint32_t c = 0; c < depthwise->channels; c++)
        for (uint32_t i = 0; i < inputs; i++)
            for (size_t k = 0; k < kernel; k++)
                *at++ = mix->weight[(size_t)c * inputs + i] * depthwise->weight[c * kernel + k];
    depthwise->weight = weight;
    depthwise->groups = 1;
    depthwise->input[0] = mix->input[0];
    return true;
}

/* Keep what the output, or the anchor, is made of. */
static bool prune(struct image_network *network, struct error *err)
{
    uint32_t *place = calloc(network->nodes, sizeof *place); /* 1: kept */
    uint32_t kept = 0;

    if (!place)
        return error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
    place[0] = place[network->nodes - 1] = 1;
    if (network->selective)
        place[network->anchor] = 1;
    for (uint32_t i = network->nodes; i-- > 1;)
        for (uint32_t k = 0; place[i] && k < network->node[i].inputs; k++)
            place[network->node[i].input[k]] = 1;
    for (uint32_t i = 0; i < network->nodes; i++) {
        if (!place[i])
            continue;
        struct image_node node = network->node[i];
        for (uint32_t k = 0; k < node.inputs; k++)
            node.input[k] = place[node.input[k]];
        network->node[kept] = node;
        place[i] = kept++;
    }
    network->anchor = place[network->anchor];
    network->nodes = kept;
    free(place);
    return true;
}

bool image_simplify(struct image_network *network, struct error *err)
{
    for (uint32_t i = 1; i < network->nodes; i++)
        fold_behind(network, i);
    for (uint32_t i = 1; i < network->nodes; i++)
        if (!fold_head(network, i, err))
            return false;
    for (uint32_t i = 1; i < network->nodes; i++)
        fold_before(network, i);
    return image_move_shuffles(network, err) && prune(network, err) &&
           image_network_check(network, err);
}
