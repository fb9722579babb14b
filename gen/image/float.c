/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/float.h"

#include <stdlib.h>
#include <string.h>

enum { LANES = 16, ROWS = 4 }; /* pixels and output channels at a time */

typedef float float_lanes __attribute__((vector_size(4 * LANES)));

struct float_run {
    const struct image_network *network;
    void (*visit)(void *context, uint32_t index, const struct image_tensor *value);
    void *context;
};

/* A convolution's input with its border, LANES more at the end of a row. */
struct bordered {
    float *data; /* owned */
    uint32_t width;
    size_t plane;
};

static bool add_border(const struct image_node *node, const struct image_tensor *in,
                       struct bordered *b)
{
    const struct image_window *w = &node->window;
    uint32_t height = in->height + w->pad_top + w->pad_bottom;

    b->width = in->width + w->pad_left + w->pad_right + LANES * w->stride_x;
    b->plane = (size_t)height * b->width;
    b->data = malloc(in->channels * b->plane * sizeof *b->data);
    if (!b->data)
        return false;
    for (size_t i = 0; i < in->channels * b->plane; i++)
        b->data[i] = node->pad_value;
    for (uint32_t c = 0; c < in->channels; c++)
        for (uint32_t y = 0; y < in->height; y++)
            memcpy(b->data + c * b->plane + (size_t)(y + w->pad_top) * b->width + w->pad_left,
                   in->real + ((size_t)c * in->height + y) * in->width,
                   in->width * sizeof *b->data);
    return true;
}

static void load_lanes(float_lanes *lanes, const float *from, uint32_t stride)
{
    if (stride == 1) {
        memcpy(lanes, from, sizeof *lanes);
        return;
    }
    for (uint32_t i = 0; i < LANES; i++)
        (*lanes)[i] = from[(size_t)i * stride];
}

/* Where a convolution reads and writes, for all its pixels. */
struct convolution {
    const struct image_node *node;
    const struct bordered *in;
    struct image_tensor *out;
    uint32_t inputs; /* channels that the subnet has of a group */
    size_t taps;     /* weights of a channel, in all */
};

/* LANES pixels from (y, x) on of `rows` channels from `first` on, of one group. */
static void convolve(const struct convolution *v, uint32_t first, uint32_t rows, uint32_t y,
                     uint32_t x)
{
    const struct image_window *w = &v->node->window;
    size_t kernel = (size_t)w->kernel_h * w->kernel_w;
    uint32_t group = first / (v->node->channels / v->node->groups);
    const float *weight = v->node->weight + first * v->taps;
    float_lanes sum[ROWS], value = {0};

    for (uint32_t r = 0; r < rows; r++)
        sum[r] = v->node->bias[first + r] - (float_lanes){0};
    for (uint32_t i = 0; i < v->inputs; i++)
        for (uint32_t ky = 0; ky < w->kernel_h; ky++)
            for (uint32_t kx = 0; kx < w->kernel_w; kx++) {
                load_lanes(&value,
                           v->in->data + (group * v->inputs + i) * v->in->plane +
                               (size_t)(y * w->stride_y + ky) * v->in->width +
                               (size_t)x * w->stride_x + kx,
                           w->stride_x);
                const float *at = weight + i * kernel + (size_t)ky * w->kernel_w + kx;
                for (uint32_t r = 0; r < rows; r++)
                    sum[r] += at[r * v->taps] * value;
            }
    uint32_t count = v->out->width - x < LANES ? v->out->width - x : LANES;
    for (uint32_t r = 0; r < rows; r++)
        memcpy(v->out->real + ((size_t)(first + r) * v->out->height + y) * v->out->width + x,
               &sum[r], count * sizeof(float));
}

static bool apply_conv(const struct image_network *network, const struct image_node *node,
                       const struct image_tensor *in, struct image_tensor *out)
{
    struct bordered bordered;
    uint32_t a_group = node->channels / node->groups;
    bool depthwise = image_is_depthwise(network, node);

    if (!add_border(node, in, &bordered))
        return false;
    struct convolution v = {node, &bordered, out, depthwise ? 1 : in->channels / node->groups,
                            image_taps(network, node)};
    for (uint32_t y = 0; y < out->height; y++)
        for (uint32_t c = 0; c < out->channels;) {
            uint32_t rest = a_group - c % a_group;
            rest = rest < out->channels - c ? rest : out->channels - c;
            uint32_t rows = rest >= ROWS ? ROWS : 1;
            for (uint32_t x = 0; x < out->width; x += LANES)
                if (rows == ROWS)
                    convolve(&v, c, ROWS, y, x);
                else
                    convolve(&v, c, 1, y, x);
            c += rows;
        }
    free(bordered.data);
    return true;
}

static void apply_activation(const struct image_node *node, const struct image_tensor *in,
                             struct image_tensor *out)
{
    size_t plane = (size_t)out->height * out->width;

    for (uint32_t c = 0; c < out->channels; c++)
        for (size_t i = c * plane; i < (c + 1) * plane; i++) {
            float x = in->real[i] < 0 ? in->real[i] * node->weight[c] : in->real[i];
            out->real[i] = x < node->low ? node->low : x > node->high ? node->high : x;
        }
}

static void apply_affine(const struct image_node *node, const struct image_tensor *in,
                         struct image_tensor *out)
{
    size_t plane = (size_t)out->height * out->width;

    for (uint32_t c = 0; c < out->channels; c++)
        for (size_t i = c * plane; i < (c + 1) * plane; i++)
            out->real[i] = in->real[i] * node->weight[c] + node->bias[c];
}

static bool apply_resize(const struct image_node *node, const struct image_tensor *in,
                         struct image_tensor *out)
{
    struct resize_phases p;
    uint32_t f = node->factor;
    float *row = malloc(in->width * sizeof *row);

    if (!row)
        return false;
    image_resize_phases(node, &p);
    for (size_t cy = 0; cy < (size_t)out->channels * out->height; cy++) {
        size_t c = cy / out->height;
        uint32_t y = (uint32_t)(cy % out->height);
        for (uint32_t x = 0; x < in->width; x++) {
            double sum = 0;
            for (uint32_t k = 0; k < p.taps; k++)
                sum += p.weight[y % f][k] *
                       in->real[(c * in->height +
                                 clamp_index((int64_t)(y / f) + p.first[y % f] + k, in->height)) *
                                    in->width +
                                x];
            row[x] = (float)sum;
        }
        for (uint32_t x = 0; x < out->width; x++) {
            double sum = 0;
            for (uint32_t k = 0; k < p.taps; k++)
                sum += p.weight[x % f][k] *
                       row[clamp_index((int64_t)(x / f) + p.first[x % f] + k, in->width)];
            out->real[cy * out->width + x] = (float)sum;
        }
    }
    free(row);
    return true;
}

static bool apply(void *context, uint32_t index, const struct image_tensor *const *in,
                  struct image_tensor *out, struct error *err)
{
    const struct float_run *run = context;
    const struct image_node *node = &run->network->node[index];
    size_t count = (size_t)out->channels * out->height * out->width;
    bool ok = true;

    switch (node->op) {
    case IMAGE_CONV:
        ok = apply_conv(run->network, node, in[0], out);
        break;
    case IMAGE_ACTIVATION:
        apply_activation(node, in[0], out);
        break;
    case IMAGE_AFFINE:
        apply_affine(node, in[0], out);
        break;
    case IMAGE_RESIZE:
        ok = apply_resize(node, in[0], out);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            out->real[i] = in[0]->real[i] + in[1]->real[i];
    }
    return ok || error_set(err, ERROR_FAILED, "%s: out of memory", run->network->name);
}

static void visit(void *context, uint32_t index, const struct image_tensor *value)
{
    const struct float_run *run = context;

    run->visit(run->context, index, value);
}

bool image_run_float(const struct image_network *network, enum image_subnet subnet,
                     const struct image_tensor *in, struct image_tensor *out,
                     void (*watch)(void *context, uint32_t index, const struct image_tensor *value),
                     void *context, struct error *err)
{
    struct float_run run = {network, watch, context};
    struct image_arithmetic arithmetic = {apply, watch ? visit : NULL, &run};

    return image_run(network, subnet, &arithmetic, in, out, err);
}
