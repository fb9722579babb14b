/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/integer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/image/integer_conv.h"
#include "gen/image/resize_weights.h"
#include "gen/op/numerics.h"

/* x * 2^by, rounded where by is negative. */
static int64_t scale_by(int64_t x, int32_t by)
{
    return by >= 0 ? shift_left(x, (unsigned)by) : round_shift(x, (unsigned)-by);
}

/* out = x < 0 ? x * slope : x, held to low..high. */
static void apply_activation(const struct image_integers *n, const struct image_tensor *in,
                             struct image_tensor *out)
{
    size_t plane = (size_t)out->height * out->width;

    for (uint32_t c = 0; c < out->channels; c++)
        for (size_t i = c * plane; i < (c + 1) * plane; i++) {
            int64_t x = in->whole[i];
            if (x < 0)
                x = saturate_wide(round_shift(x * n->weight[c], SLOPE_FRACTION));
            out->whole[i] = (int32_t)(x < n->low ? n->low : x > n->high ? n->high : x);
        }
}

static void apply_affine(const struct image_integers *n, const struct image_tensor *in,
                         struct image_tensor *out)
{
    size_t plane = (size_t)out->height * out->width;

    for (uint32_t c = 0; c < out->channels; c++)
        for (size_t i = c * plane; i < (c + 1) * plane; i++)
            out->whole[i] = saturate_wide(
                round_shift((int64_t)in->whole[i] * n->weight[c], n->shift) + n->bias[c]);
}

/* Both brought to the finer of their formats, added, brought to the result's. */
static void apply_add(const struct integer_network *network, uint32_t index,
                      const struct image_tensor *const *in, struct image_tensor *out)
{
    const struct image_node *node = &network->network.node[index];
    int32_t a = network->node[node->input[0]].fraction;
    int32_t b = network->node[node->input[1]].fraction;
    int32_t finer = a > b ? a : b, fraction = network->node[index].fraction;
    size_t count = (size_t)out->channels * out->height * out->width;

    for (size_t i = 0; i < count; i++)
        out->whole[i] = saturate_wide(
            scale_by(scale_by(in[0]->whole[i], finer - a) + scale_by(in[1]->whole[i], finer - b),
                     fraction - finer));
}

void resize_weights(const struct image_node *node, struct resize_weights *weights)
{
    memset(weights, 0, sizeof *weights);
    image_resize_phases(node, &weights->phases);
    for (uint32_t p = 0; p < node->factor; p++) {
        int32_t rest = 1 << RESIZE_FRACTION;
        uint32_t largest = 0;
        for (uint32_t k = 0; k < weights->phases.taps; k++) {
            weights->weight[p][k] =
                (int32_t)lround(ldexp(weights->phases.weight[p][k], RESIZE_FRACTION));
            rest -= weights->weight[p][k];
            largest = weights->weight[p][k] > weights->weight[p][largest] ? k : largest;
        }
        weights->weight[p][largest] += rest;
    }
}

/* Sum over the taps of output `at`, along a line of `count` values `step` apart. */
static int64_t filter(const struct resize_weights *r, uint32_t factor, const int32_t *line,
                      uint32_t count, size_t step, uint32_t at)
{
    uint32_t phase = at % factor;
    int64_t sum = 0;

    for (uint32_t k = 0; k < r->phases.taps; k++) {
        int64_t from = (int64_t)(at / factor) + r->phases.first[phase] + k;
        sum += (int64_t)r->weight[phase][k] * line[clamp_index(from, count) * step];
    }
    return sum;
}

static bool apply_resize(const struct integer_network *network, uint32_t index,
                         const struct image_tensor *in, struct image_tensor *out)
{
    const struct image_node *node = &network->network.node[index];
    int32_t finer = network->node[index].fraction - network->node[node->input[0]].fraction;
    int32_t *row = malloc(in->width * sizeof *row);
    struct resize_weights r;
    uint32_t f = node->factor;

    if (!row)
        return false;
    resize_weights(node, &r);
    for (size_t cy = 0; cy < (size_t)out->channels * out->height; cy++) {
        size_t plane = cy / out->height * in->height * in->width;
        uint32_t y = (uint32_t)(cy % out->height);
        for (uint32_t x = 0; x < in->width; x++)
            row[x] = saturate_wide(
                scale_by(filter(&r, f, in->whole + plane + x, in->height, in->width, y),
                         finer - RESIZE_FRACTION));
        for (uint32_t x = 0; x < out->width; x++)
            out->whole[cy * out->width + x] =
                saturate_wide(round_shift(filter(&r, f, row, in->width, 1, x), RESIZE_FRACTION));
    }
    free(row);
    return true;
}

static bool apply(void *context, uint32_t index, const struct image_tensor *const *in,
                  struct image_tensor *out, struct error *err)
{
    const struct integer_network *network = context;
    const struct image_node *node = &network->network.node[index];
    bool ok = true;

    switch (node->op) {
    case IMAGE_CONV:
        ok = image_convolve_integer(network, index, in[0], out);
        break;
    case IMAGE_ACTIVATION:
        apply_activation(&network->node[index], in[0], out);
        break;
    case IMAGE_AFFINE:
        apply_affine(&network->node[index], in[0], out);
        break;
    case IMAGE_RESIZE:
        ok = apply_resize(network, index, in[0], out);
        break;
    default:
        apply_add(network, index, in, out);
    }
    return ok || error_set(err, ERROR_FAILED, "%s: out of memory", network->network.name);
}

bool image_run_integer(const struct integer_network *network, enum image_subnet subnet,
                       const struct image_tensor *in, struct image_tensor *out, struct error *err)
{
    struct image_arithmetic arithmetic = {apply, NULL, (void *)(uintptr_t)network};
    uint32_t last =
        subnet == SUBNET_BILINEAR ? network->network.anchor : network->network.nodes - 1;
    size_t count = (size_t)out->channels * out->height * out->width;

    if (!image_run(&network->network, subnet, &arithmetic, in, out, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t level = scale_by(out->whole[i], -network->node[last].fraction);
        out->whole[i] = (int32_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
    return true;
}
