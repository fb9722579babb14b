/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/quantise.h"

#include <math.h>
#include <stdlib.h>

#include "gen/image/float.h"
#include "gen/op/numerics.h"

enum {
    MARGIN_BITS = 2,       /* above the largest value that calibration saw */
    FIRST_SHIFT_MOST = 55, /* of an accumulator */
};

struct quantiser {
    struct integer_network *out;
    float *largest; /* [nodes]: magnitude seen */
    struct error *err;
};

static bool no_memory(const struct image_network *network, struct error *err)
{
    return error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
}

bool image_integers_alloc(struct integer_network *network, uint32_t index, struct error *err)
{
    struct image_network *net = &network->network;
    const struct image_node *node = &net->node[index];
    struct image_integers *n = &network->node[index];
    bool constants = node->op == IMAGE_CONV || node->op == IMAGE_AFFINE;
    struct operand_blocks blocks;

    if (node->op == IMAGE_CONV) {
        if (!image_operand_blocks(net, node, &blocks))
            return error_set(err, ERROR_INPUT, "%s: node %s: too many blocks of channels",
                             net->name, node->name);
        n->q = arena_alloc(&net->arena, node->channels, image_taps(net, node));
        n->scale = arena_alloc(&net->arena, node->channels, image_scales(net, node, &blocks));
        if (!n->q || !n->scale)
            return no_memory(net, err);
    }
    if (node->op == IMAGE_ACTIVATION || node->op == IMAGE_AFFINE)
        n->weight = arena_alloc(&net->arena, node->channels, sizeof *n->weight);
    if (constants)
        n->bias = arena_alloc(&net->arena, node->channels, sizeof *n->bias);
    if ((constants && !n->bias) ||
        ((node->op == IMAGE_ACTIVATION || node->op == IMAGE_AFFINE) && !n->weight))
        return no_memory(net, err);
    return true;
}

static void watch(void *context, uint32_t index, const struct image_tensor *value)
{
    const struct quantiser *z = context;
    size_t count = (size_t)value->channels * value->height * value->width;
    float largest = z->largest[index];

    for (size_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(value->real[i]));
    z->largest[index] = largest;
}

static bool measure(struct quantiser *z, const struct image_tensor *picture, size_t count)
{
    struct image_network *net = &z->out->network;
    enum image_subnet first = net->selective ? SUBNET_HALF : SUBNET_FULL;

    for (size_t i = 0; i < count; i++)
        for (enum image_subnet s = first; s <= SUBNET_FULL; s++) {
            struct image_tensor out = {net->node[net->nodes - 1].channels,
                                       picture[i].height * net->scale,
                                       picture[i].width * net->scale,
                                       {NULL}};
            out.data = calloc((size_t)out.channels * out.height + 1, out.width * sizeof *out.real);
            bool ok = out.data ? image_run_float(net, s, &picture[i], &out, watch, z, z->err)
                               : no_memory(net, z->err);
            free(out.data);
            if (!ok)
                return false;
        }
    return true;
}

/* The most fraction bits with which `largest` and the margin fit a wide value. */
static int32_t fraction_of(float largest)
{
    int bits = largest > 0 ? (int)ceilf(log2f(largest)) + MARGIN_BITS : -FRACTION_MOST;
    int fraction = WIDE_BITS - 1 - bits;

    return fraction < FRACTION_LEAST  ? FRACTION_LEAST
           : fraction > FRACTION_MOST ? FRACTION_MOST
                                      : fraction;
}

/* Whether a node's format is that of its inputs: it only moves or bends values. */
static bool keeps_format(const struct image_node *node)
{
    return node->op == IMAGE_ACTIVATION || node->op == IMAGE_SHUFFLE || node->op == IMAGE_PAD ||
           node->op == IMAGE_CONCAT;
}

/* Formats from the magnitudes; the coarsest among those that must be the same. */
static bool choose_formats(const struct quantiser *z)
{
    const struct image_network *net = &z->out->network;
    struct image_integers *n = z->out->node;
    bool changed = true;

    for (uint32_t i = 0; i < net->nodes; i++)
        if (!isfinite(z->largest[i]))
            return error_set(z->err, ERROR_INPUT, "%s: node %s: values without bounds", net->name,
                             net->node[i].name);
    for (uint32_t i = 0; i < net->nodes; i++)
        n[i].fraction = image_is_bytes(net, i) ? 0 : fraction_of(z->largest[i]);
    while (changed) {
        changed = false;
        for (uint32_t i = 1; i < net->nodes; i++)
            for (uint32_t k = 0; keeps_format(&net->node[i]) && k < net->node[i].inputs; k++) {
                struct image_integers *in = &n[net->node[i].input[k]];
                int32_t coarser = in->fraction < n[i].fraction ? in->fraction : n[i].fraction;
                changed |= in->fraction != coarser || n[i].fraction != coarser;
                in->fraction = n[i].fraction = coarser;
            }
    }
    for (uint32_t i = 0; i < net->nodes; i++)
        if (image_is_bytes(net, i) && n[i].fraction != 0)
            return error_set(z->err, ERROR_INPUT,
                             "%s: node %s: values that leave no room for the picture's bytes",
                             net->name, net->node[i].name);
    return true;
}

static int32_t to_integer(double value, int fraction, int64_t limit)
{
    double scaled = round(ldexp(value, fraction));
    return (int32_t)fmax(fmin(scaled, (double)limit), (double)-limit);
}

/* A group's scale and integers: `value` has `count` weights, `step` apart. */
static void quantise_group(const float *value, uint32_t count, size_t step, int limit, int exponent,
                           int8_t *q, uint8_t *scale)
{
    float largest = 0;

    for (uint32_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(value[i * step]));
    double wanted = ldexp((double)largest / limit, exponent);
    *scale = (uint8_t)fmin(ceil(wanted), 255);
    for (uint32_t i = 0; i < count && *scale; i++) {
        double steps = round(ldexp((double)value[i * step], exponent) / *scale);
        q[i] = (int8_t)fmax(fmin(steps, limit), -limit);
    }
}

/* Channel c of a convolution whose blocks are taps. */
static void quantise_taps(const struct image_node *node, uint32_t inputs, const float *value,
                          int limit, int exponent, int8_t *q, uint8_t *scale)
{
    uint32_t kernel = node->window.kernel_h * node->window.kernel_w;

    for (uint32_t i = 0; i < inputs; i++)
        for (uint32_t t = 0; t < kernel; t += BLOCK) {
            uint32_t count = kernel - t < BLOCK ? kernel - t : BLOCK;
            quantise_group(value, count, 1, limit, exponent, q, scale++);
            value += count;
            q += count;
        }
}

/* Channel c of a convolution, tap after tap, block after block. */
static void quantise_channel(const struct image_node *node, const struct operand_blocks *blocks,
                             const float *value, int limit, int exponent, int8_t *q, uint8_t *scale)
{
    uint32_t kernel = node->window.kernel_h * node->window.kernel_w;

    for (uint32_t t = 0; t < kernel; t++)
        for (uint32_t b = 0; b < blocks->count; b++) {
            uint32_t count = blocks->start[b + 1] - blocks->start[b];
            quantise_group(value + (size_t)blocks->start[b] * kernel + t, count, kernel, limit,
                           exponent, q, scale++);
            q += count;
        }
}

static bool quantise_conv(const struct quantiser *z, uint32_t index)
{
    const struct image_network *net = &z->out->network;
    const struct image_node *node = &net->node[index];
    struct image_integers *n = &z->out->node[index];
    size_t taps = image_taps(net, node);
    uint32_t kernel = node->window.kernel_h * node->window.kernel_w;
    int limit = (1 << (z->out->weight_bits - 1)) - 1;
    struct operand_blocks blocks;
    float largest = 0;

    image_operand_blocks(net, node, &blocks);
    for (size_t i = 0; i < taps * node->channels; i++)
        largest = fmaxf(largest, fabsf(node->weight[i]));
    int exponent = largest > 0 ? (int)floorf(log2f(255.0f * (float)limit / largest)) : 0;
    int shift = z->out->node[node->input[0]].fraction + exponent + ACCUMULATOR_LEFT - n->fraction;
    if (shift < 0 || shift > FIRST_SHIFT_MOST)
        return error_set(z->err, ERROR_INPUT,
                         "%s: node %s: the weights' magnitude is out of range (a shift of %d)",
                         net->name, node->name, shift);
    n->shift = (uint32_t)shift;
    uint32_t scales = image_scales(net, node, &blocks);
    for (uint32_t c = 0; c < node->channels; c++) {
        const float *value = node->weight + c * taps;
        int8_t *q = n->q + c * taps;
        uint8_t *scale = n->scale + (size_t)c * scales;
        if (image_taps_are_blocks(net, node))
            quantise_taps(node, (uint32_t)(taps / kernel), value, limit, exponent, q, scale);
        else
            quantise_channel(node, &blocks, value, limit, exponent, q, scale);
        n->bias[c] = to_integer((double)node->bias[c], n->fraction, WIDE_MAX);
    }
    return true;
}

static void quantise_activation(const struct image_node *node, struct image_integers *n)
{
    for (uint32_t c = 0; c < node->channels; c++)
        n->weight[c] = to_integer((double)node->weight[c], SLOPE_FRACTION, WIDE_MAX);
    n->low = to_integer((double)node->low, n->fraction, WIDE_MAX);
    n->high = to_integer((double)node->high, n->fraction, WIDE_MAX);
}

static bool quantise_affine(const struct quantiser *z, uint32_t index)
{
    const struct image_node *node = &z->out->network.node[index];
    struct image_integers *n = &z->out->node[index];
    float largest = 0;

    for (uint32_t c = 0; c < node->channels; c++)
        largest = fmaxf(largest, fabsf(node->weight[c]));
    int weight_fraction = fraction_of(largest);
    int shift = z->out->node[node->input[0]].fraction + weight_fraction - n->fraction;
    while (shift > FIRST_SHIFT_MOST)
        weight_fraction--, shift--;
    if (shift < 0)
        return error_set(z->err, ERROR_INPUT, "%s: node %s: a factor that is out of range",
                         z->out->network.name, node->name);
    n->shift = (uint32_t)shift;
    for (uint32_t c = 0; c < node->channels; c++) {
        n->weight[c] = to_integer((double)node->weight[c], weight_fraction, WIDE_MAX);
        n->bias[c] = to_integer((double)node->bias[c], n->fraction, WIDE_MAX);
    }
    return true;
}

static bool quantise_nodes(const struct quantiser *z)
{
    for (uint32_t i = 0; i < z->out->network.nodes; i++) {
        const struct image_node *node = &z->out->network.node[i];
        if (!image_integers_alloc(z->out, i, z->err))
            return false;
        if ((node->op == IMAGE_CONV && !quantise_conv(z, i)) ||
            (node->op == IMAGE_AFFINE && !quantise_affine(z, i)))
            return false;
        if (node->op == IMAGE_ACTIVATION)
            quantise_activation(node, &z->out->node[i]);
    }
    return true;
}

static bool check_finite(const struct image_network *net, struct error *err)
{
    for (uint32_t i = 1; i < net->nodes; i++) {
        const struct image_node *node = &net->node[i];
        size_t weights = node->op == IMAGE_CONV ? node->channels * image_taps(net, node)
                         : node->weight         ? node->channels
                                                : 0;
        bool ok = true;
        for (size_t k = 0; ok && k < weights; k++)
            ok = isfinite(node->weight[k]);
        for (uint32_t c = 0; ok && node->bias && c < node->channels; c++)
            ok = isfinite(node->bias[c]);
        if (!ok)
            return error_set(err, ERROR_INPUT, "%s: node %s: a weight that is not finite",
                             net->name, node->name);
    }
    return true;
}

bool image_quantise(struct integer_network *out, const struct image_quantise_options *options,
                    const struct image_tensor *picture, size_t count, struct error *err)
{
    struct quantiser z = {out, calloc(out->network.nodes, sizeof *z.largest), err};

    out->weight_bits = options->weight_bits;
    out->act_bits = options->act_bits;
    out->node = arena_alloc(&out->network.arena, out->network.nodes, sizeof *out->node);
    bool ok = z.largest && out->node;
    if (!ok)
        no_memory(&out->network, err);
    ok = ok && check_finite(&out->network, err) && measure(&z, picture, count) &&
         choose_formats(&z) && quantise_nodes(&z);
    free(z.largest);
    return ok;
}
