/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/phases.h"

#include <string.h>

/* A shuffle with a node behind it that is its only reader. */
struct pair {
    struct image_node *shuffle, *reader;
    uint32_t at; /* the shuffle's index */
};

static bool find_pair(struct image_network *network, uint32_t reader, enum image_op op,
                      struct pair *p)
{
    *p = (struct pair){.reader = &network->node[reader], .at = network->node[reader].input[0]};
    p->shuffle = &network->node[p->at];
    return p->reader->op == op && p->shuffle->op == IMAGE_SHUFFLE &&
           image_consumers(network, p->at) == 1;
}

/* The channel that holds pixel (dy, dx) of channel c of `channels` (enum image_order). */
static uint32_t phase_channel(const struct image_node *shuffle, uint32_t channels, uint32_t c,
                              uint32_t dy, uint32_t dx)
{
    uint32_t f = shuffle->factor, phase = dy * f + dx;
    return shuffle->order == IMAGE_PIXEL_FIRST ? phase * channels + c : c * f * f + phase;
}

static float *floats(struct image_network *network, size_t count, struct error *err)
{
    float *value = arena_alloc(&network->arena, count, sizeof *value);

    if (!value)
        error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
    return value;
}

/* Channel values of the reader, for each of the phases of its pixels. */
static bool spread(struct image_network *network, const struct pair *p, float **value,
                   struct error *err)
{
    uint32_t f = p->shuffle->factor, channels = p->reader->channels;
    float *all = floats(network, (size_t)channels * f * f, err);

    if (!all)
        return false;
    for (uint32_t i = 0; i < channels * f * f; i++)
        all[phase_channel(p->shuffle, channels, i / (f * f), i / f % f, i % f)] =
            (*value)[i / (f * f)];
    *value = all;
    return true;
}

/* The reader, made on the smaller picture, stands where the shuffle stood, and behind it the
 * shuffle, of what it has made. */
static void change_places(const struct pair *p)
{
    struct image_node reader = *p->reader, shuffle = *p->shuffle;
    uint32_t phases = shuffle.factor * shuffle.factor;

    reader.input[0] = shuffle.input[0];
    shuffle.input[0] = p->at;
    shuffle.channels = shuffle.half = reader.channels;
    reader.channels *= phases;
    reader.half = reader.channels;
    *p->shuffle = reader;
    *p->reader = shuffle;
}

static bool move_past_activation(struct image_network *network, const struct pair *p,
                                 struct error *err)
{
    if (!spread(network, p, &p->reader->weight, err))
        return false;
    change_places(p);
    return true;
}

/* a / b towards minus infinity. */
static int32_t floor_divide(int32_t a, int32_t b)
{
    return (a >= 0 ? a : a - b + 1) / b;
}

/* Along one side: taps of all phases reach so far above, and are so many. */
static void reach(uint32_t kernel, uint32_t factor, uint32_t pad, uint32_t *above, uint32_t *taps)
{
    int32_t f = (int32_t)factor, before = (int32_t)pad;
    int32_t first = floor_divide(-before, f);
    int32_t last = floor_divide(f - 1 + (int32_t)kernel - 1 - before, f);

    *above = (uint32_t)-first;
    *taps = (uint32_t)(last - first + 1);
}

static bool keeps_size(const struct image_window *w)
{
    return w->stride_y == 1 && w->stride_x == 1 && w->pad_top + w->pad_bottom + 1 == w->kernel_h &&
           w->pad_left + w->pad_right + 1 == w->kernel_w;
}

static bool can_move_past_convolution(const struct image_network *network, const struct pair *p)
{
    uint32_t phases = p->shuffle->factor * p->shuffle->factor;

    return p->reader->groups == 1 && p->reader->pad_value == 0 && keeps_size(&p->reader->window) &&
           p->reader->channels * phases <= PHASE_CHANNELS &&
           network->node[p->shuffle->input[0]].channels <= PHASE_CHANNELS;
}

/* A weight of the larger picture's convolution, for every phase of its pixel. */
struct tap {
    uint32_t out, in, ky, kx;
};

static void set_phases(const struct pair *p, const struct image_window *wide, float *weight,
                       const struct tap *tap)
{
    const struct image_window *w = &p->reader->window;
    uint32_t f = p->shuffle->factor, inputs = p->shuffle->channels;
    float value =
        p->reader
            ->weight[((size_t)(tap->out * inputs + tap->in) * w->kernel_h + tap->ky) * w->kernel_w +
                     tap->kx];

    for (uint32_t dy = 0; dy < f; dy++)
        for (uint32_t dx = 0; dx < f; dx++) {
            int32_t y = (int32_t)(dy + tap->ky) - (int32_t)w->pad_top;
            int32_t x = (int32_t)(dx + tap->kx) - (int32_t)w->pad_left;
            int32_t row = floor_divide(y, (int32_t)f), column = floor_divide(x, (int32_t)f);
            uint32_t out = phase_channel(p->shuffle, p->reader->channels, tap->out, dy, dx);
            uint32_t in =
                phase_channel(p->shuffle, inputs, tap->in, (uint32_t)(y - row * (int32_t)f),
                              (uint32_t)(x - column * (int32_t)f));
            size_t at = (size_t)out * inputs * f * f + in;
            at = at * wide->kernel_h + (size_t)(row + (int32_t)wide->pad_top);
            weight[at * wide->kernel_w + (size_t)(column + (int32_t)wide->pad_left)] = value;
        }
}

static bool move_past_convolution(struct image_network *network, const struct pair *p,
                                  struct error *err)
{
    const struct image_window *w = &p->reader->window;
    uint32_t f = p->shuffle->factor, inputs = p->shuffle->channels;
    struct image_window wide = {.stride_y = 1, .stride_x = 1};

    reach(w->kernel_h, f, w->pad_top, &wide.pad_top, &wide.kernel_h);
    reach(w->kernel_w, f, w->pad_left, &wide.pad_left, &wide.kernel_w);
    wide.pad_bottom = wide.kernel_h - 1 - wide.pad_top;
    wide.pad_right = wide.kernel_w - 1 - wide.pad_left;
    size_t count = (size_t)p->reader->channels * f * f * inputs * f * f;
    float *weight = floats(network, count * wide.kernel_h * wide.kernel_w, err);
    if (!weight || !spread(network, p, &p->reader->bias, err))
        return false;
    struct tap tap;
    for (tap.out = 0; tap.out < p->reader->channels; tap.out++)
        for (tap.in = 0; tap.in < inputs; tap.in++)
            for (tap.ky = 0; tap.ky < w->kernel_h; tap.ky++)
                for (tap.kx = 0; tap.kx < w->kernel_w; tap.kx++)
                    set_phases(p, &wide, weight, &tap);
    p->reader->weight = weight;
    p->reader->window = wide;
    change_places(p);
    return true;
}

/* Two shuffles of a convolution's value become one of the value with its channels in the order
 * that this wants. */
static bool merge(struct image_network *network, const struct pair *p, struct error *err)
{
    struct image_node *conv = &network->node[p->shuffle->input[0]];
    uint32_t inner = p->shuffle->factor, outer = p->reader->factor, factor = inner * outer;
    uint32_t channels = p->reader->channels;

    if (conv->op != IMAGE_CONV || conv->groups != 1 ||
        image_consumers(network, p->shuffle->input[0]) != 1 || factor > IMAGE_SCALE_MAX)
        return true;
    size_t taps = image_taps(network, conv);
    float *weight = floats(network, conv->channels * taps, err);
    float *bias = floats(network, conv->channels, err);
    struct image_node one = *p->reader;
    one.factor = factor;
    if (!weight || !bias)
        return false;
    for (uint32_t i = 0; i < channels * factor * factor; i++) {
        uint32_t c = i / (factor * factor), dy = i / factor % factor, dx = i % factor;
        uint32_t between = phase_channel(p->reader, channels, c, dy % outer, dx % outer);
        uint32_t from =
            phase_channel(p->shuffle, p->shuffle->channels, between, dy / outer, dx / outer);
        uint32_t to = phase_channel(&one, channels, c, dy, dx);
        memcpy(weight + to * taps, conv->weight + from * taps, taps * sizeof *weight);
        bias[to] = conv->bias[from];
    }
    conv->weight = weight;
    conv->bias = bias;
    one.input[0] = p->shuffle->input[0];
    *p->reader = one;
    return true;
}

/* The node's own step towards that: none where it reads no shuffle. */
static bool move_one(struct image_network *network, uint32_t index, struct error *err)
{
    struct pair p;

    if (find_pair(network, index, IMAGE_CONV, &p) && can_move_past_convolution(network, &p))
        return move_past_convolution(network, &p, err);
    if (find_pair(network, index, IMAGE_ACTIVATION, &p))
        return move_past_activation(network, &p, err);
    return !find_pair(network, index, IMAGE_SHUFFLE, &p) || merge(network, &p, err);
}

bool image_move_shuffles(struct image_network *network, struct error *err)
{
    for (uint32_t i = 1; i < network->nodes && !network->selective; i++)
        if (!move_one(network, i, err))
            return false;
    return true;
}
