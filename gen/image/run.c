/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ELEMENT = 4 }; /* bytes of a float or an int32_t */

struct run {
    const struct image_network *network;
    enum image_subnet subnet;
    const struct image_arithmetic *arithmetic;
    struct image_size *size;     /* [nodes] */
    uint32_t *last;              /* [nodes]: the last node that reads it; 0 where none does */
    struct image_tensor *tensor; /* [nodes] */
    uint32_t output;
    struct error *err;
};

static uint8_t *plane(const struct image_tensor *t, size_t channel)
{
    return (uint8_t *)t->data + channel * t->height * t->width * ELEMENT;
}

static void move_concat(const struct image_node *node, const struct image_tensor *const *in,
                        struct image_tensor *out)
{
    uint32_t channel = 0;

    for (uint32_t i = 0; i < node->inputs; channel += in[i++]->channels)
        memcpy(plane(out, channel), in[i]->data,
               (size_t)in[i]->channels * out->height * out->width * ELEMENT);
}

static void move_pad(const struct image_node *node, const struct image_tensor *in,
                     struct image_tensor *out)
{
    for (uint32_t c = 0; c < out->channels; c++)
        for (uint32_t y = 0; y < out->height; y++) {
            uint32_t from = clamp_index((int64_t)y - node->window.pad_top, in->height);
            const uint8_t *source = plane(in, c) + (size_t)from * in->width * ELEMENT;
            uint8_t *row = plane(out, c) + (size_t)y * out->width * ELEMENT;
            for (uint32_t x = 0; x < out->width; x++) {
                uint32_t at = clamp_index((int64_t)x - node->window.pad_left, in->width);
                memcpy(row + (size_t)x * ELEMENT, source + (size_t)at * ELEMENT, ELEMENT);
            }
        }
}

static void move_shuffle(const struct image_node *node, const struct image_tensor *in,
                         struct image_tensor *out)
{
    uint32_t f = node->factor;

    for (uint32_t c = 0; c < out->channels; c++)
        for (uint32_t y = 0; y < out->height; y++) {
            uint8_t *row = plane(out, c) + (size_t)y * out->width * ELEMENT;
            for (uint32_t x = 0; x < out->width; x++) {
                uint32_t phase = y % f * f + x % f;
                uint32_t channel = node->order == IMAGE_PIXEL_FIRST ? phase * out->channels + c
                                                                    : c * f * f + phase;
                size_t at = (size_t)(y / f) * in->width + x / f;
                memcpy(row + (size_t)x * ELEMENT, plane(in, channel) + at * ELEMENT, ELEMENT);
            }
        }
}

static bool apply_node(const struct run *r, uint32_t index, const struct image_tensor *const *in,
                       struct image_tensor *out)
{
    const struct image_node *node = &r->network->node[index];

    switch (node->op) {
    case IMAGE_CONCAT:
        move_concat(node, in, out);
        return true;
    case IMAGE_PAD:
        move_pad(node, in[0], out);
        return true;
    case IMAGE_SHUFFLE:
        move_shuffle(node, in[0], out);
        return true;
    default:
        return r->arithmetic->apply(r->arithmetic->context, index, in, out, r->err);
    }
}

static bool no_memory(const struct run *r)
{
    return error_set(r->err, ERROR_FAILED, "%s: out of memory", r->network->name);
}

static bool run_node(const struct run *r, uint32_t index, const struct image_tensor *result)
{
    const struct image_node *node = &r->network->node[index];
    const struct image_tensor *in[IMAGE_INPUTS_MAX] = {&r->tensor[node->input[0]]};
    struct image_tensor *out = &r->tensor[index];

    for (uint32_t i = 1; i < node->inputs; i++)
        in[i] = &r->tensor[node->input[i]];
    *out = (struct image_tensor){
        image_channels(node, r->subnet), r->size[index].height, r->size[index].width, {NULL}};
    out->data = index == r->output
                    ? result->data
                    : malloc((size_t)out->channels * out->height * out->width * ELEMENT);
    if (!out->data)
        return no_memory(r);
    if (!apply_node(r, index, in, out))
        return false;
    if (r->arithmetic->visit)
        r->arithmetic->visit(r->arithmetic->context, index, out);
    return true;
}

/* Free a node's value, which is neither the picture nor the result. */
static void release(const struct run *r, uint32_t index)
{
    if (index != 0 && index != r->output) {
        free(r->tensor[index].data);
        r->tensor[index].data = NULL;
    }
}

static bool run_nodes(const struct run *r, const struct image_tensor *result)
{
    for (uint32_t i = 1; i <= r->output; i++) {
        if (r->last[i] == 0)
            continue;
        if (!run_node(r, i, result))
            return false;
        for (uint32_t k = 0; k < i; k++)
            if (r->last[k] == i)
                release(r, k);
    }
    return true;
}

/* Which nodes the output needs, and when each is read last. */
static void find_last(const struct run *r)
{
    r->last[r->output] = r->output + 1;
    for (uint32_t i = r->output; i > 0; i--)
        for (uint32_t k = 0; r->last[i] && k < r->network->node[i].inputs; k++) {
            uint32_t from = r->network->node[i].input[k];
            if (r->last[from] < i)
                r->last[from] = i;
        }
}

static bool start(struct run *r, const struct image_tensor *in, const struct image_tensor *out)
{
    struct image_size size = {in->height, in->width};

    if (!r->size || !r->last || !r->tensor)
        return no_memory(r);
    if (!image_network_sizes(r->network, size, r->size, r->err))
        return false;
    find_last(r);
    r->tensor[0] = *in;
    if (in->channels != r->network->node[0].channels ||
        out->channels != r->network->node[r->output].channels ||
        out->height != r->size[r->output].height || out->width != r->size[r->output].width)
        return error_set(r->err, ERROR_INPUT, "%s: a picture of another shape", r->network->name);
    if (r->arithmetic->visit)
        r->arithmetic->visit(r->arithmetic->context, 0, in);
    return run_nodes(r, out);
}

bool image_run(const struct image_network *network, enum image_subnet subnet,
               const struct image_arithmetic *arithmetic, const struct image_tensor *in,
               struct image_tensor *out, struct error *err)
{
    struct run r = {
        .network = network,
        .subnet = subnet,
        .arithmetic = arithmetic,
        .size = calloc(network->nodes, sizeof *r.size),
        .last = calloc(network->nodes, sizeof *r.last),
        .tensor = calloc(network->nodes, sizeof *r.tensor),
        .output = subnet == SUBNET_BILINEAR ? network->anchor : network->nodes - 1,
        .err = err,
    };
    bool ok = start(&r, in, out);

    for (uint32_t i = 0; r.tensor && i < network->nodes; i++)
        release(&r, i);
    free(r.size);
    free(r.last);
    free(r.tensor);
    return ok;
}

/* Keys, "Cubic convolution interpolation for digital image processing", 1981. */
static double cubic(double x, double a)
{
    x = fabs(x);
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
}

void image_resize_phases(const struct image_node *node, struct resize_phases *phases)
{
    uint32_t f = node->factor;

    phases->taps = node->filter == IMAGE_CUBIC ? 4 : node->filter == IMAGE_LINEAR ? 2 : 1;
    for (uint32_t p = 0; p < f; p++) {
        double centre = (p + 0.5) / f - 0.5, whole = floor(centre), t = centre - whole;
        if (node->filter == IMAGE_NEAREST) {
            phases->first[p] = 0;
            phases->weight[p][0] = 1;
        } else if (node->filter == IMAGE_LINEAR) {
            phases->first[p] = (int32_t)whole;
            phases->weight[p][0] = 1 - t;
            phases->weight[p][1] = t;
        } else {
            phases->first[p] = (int32_t)whole - 1;
            for (int i = 0; i < RESIZE_TAPS; i++)
                phases->weight[p][i] = cubic(t + 1 - i, (double)node->cubic_a);
        }
    }
}
