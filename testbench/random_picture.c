/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: random_picture SEED FOLDER
 *
 * Write a small random convolutional network, FOLDER/net.mill, and pictures for it,
 * FOLDER/0.png and on: an odd-sized one, one of a single pixel, one longer than a row
 * of the design; and print options for `millgen emit`.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gen/image/levels.h"
#include "gen/image/program.h"
#include "gen/image/quantise.h"
#include "gen/image/reach.h"
#include "gen/mill/image_mill.h"
#include "host/image/picture.h"
#include "host/random.h"

struct maker {
    struct image_network *net;
    struct random random;
    struct error err;
};

static uint32_t below(struct maker *m, uint32_t limit)
{
    return (uint32_t)(random_unit(&m->random) * limit);
}

static bool chance(struct maker *m, double part)
{
    return random_unit(&m->random) < part;
}

_Noreturn static void fail(const struct maker *m)
{
    fprintf(stderr, "random_picture: %s\n", m->err.message);
    exit(1);
}

static struct image_node *append(struct maker *m, enum image_op op, uint32_t input,
                                 uint32_t channels, uint32_t *index)
{
    struct image_node *node = image_network_append(m->net, op, "", index, &m->err);

    if (!node)
        fail(m);
    snprintf(node->name, sizeof node->name, "n%" PRIu32, *index);
    node->inputs = op != IMAGE_INPUT;
    node->input[0] = input;
    node->channels = node->half = channels;
    return node;
}

static float *floats(struct maker *m, size_t count, double scale)
{
    float *value = arena_alloc(&m->net->arena, count, sizeof *value);

    if (!value)
        fail(m);
    for (size_t i = 0; i < count; i++)
        value[i] = (float)((random_unit(&m->random) * 2 - 1) * scale);
    return value;
}

static uint32_t convolution(struct maker *m, uint32_t input, uint32_t channels, uint32_t groups,
                            uint32_t height, uint32_t width)
{
    uint32_t index, inputs = m->net->node[input].channels / groups;
    size_t taps = (size_t)inputs * height * width;
    bool padded = m->net->node[input].op == IMAGE_PAD;
    struct image_node *node = append(m, IMAGE_CONV, input, channels, &index);

    node->groups = groups;
    node->window = (struct image_window){height, width, 1, 1, 0, 0, 0, 0};
    if (!padded) {
        node->window.pad_top = (height - 1) / 2;
        node->window.pad_left = (width - 1) / 2;
        node->window.pad_bottom = height - 1 - node->window.pad_top;
        node->window.pad_right = width - 1 - node->window.pad_left;
    }
    if (input == 0 && chance(m, 0.3))
        node->pad_value = 128;
    node->weight = floats(m, taps * channels, 1.7 / sqrt((double)taps));
    node->bias = floats(m, channels, 20);
    return index;
}

static uint32_t pad(struct maker *m, uint32_t input, uint32_t by)
{
    uint32_t index;
    struct image_node *node = append(m, IMAGE_PAD, input, m->net->node[input].channels, &index);

    node->window.pad_top = node->window.pad_left = by;
    node->window.pad_bottom = node->window.pad_right = by;
    return index;
}

static uint32_t activation(struct maker *m, uint32_t input)
{
    uint32_t index, kind = below(m, 4), channels = m->net->node[input].channels;
    struct image_node *node = append(m, IMAGE_ACTIVATION, input, channels, &index);

    node->low = -INFINITY;
    node->high = INFINITY;
    node->weight = floats(m, channels, 1);
    for (uint32_t c = 0; c < channels && kind < 3; c++)
        node->weight[c] = kind == 0 ? 0 : kind == 1 ? 0.125F : 0.2F;
    if (chance(m, 0.3)) {
        node->low = 0;
        node->high = 255;
    }
    return index;
}

static uint32_t join(struct maker *m, enum image_op op, uint32_t a, uint32_t b)
{
    const struct image_node *node = m->net->node;
    uint32_t index, channels = node[a].channels + (op == IMAGE_CONCAT ? node[b].channels : 0);
    struct image_node *joined = append(m, op, a, channels, &index);

    joined->inputs = 2;
    joined->input[1] = b;
    return index;
}

/* One more layer behind `at`, which is no CONCAT. */
static uint32_t layer(struct maker *m, uint32_t at, uint32_t before)
{
    static const uint32_t sides[] = {1, 3, 3, 5, 2};
    uint32_t channels = m->net->node[at].channels, kind = below(m, 8);
    uint32_t height = sides[below(m, 5)], width = chance(m, 0.7) ? height : sides[below(m, 5)];

    if (at && kind == 0)
        at = convolution(m, at, channels, channels, height, width);
    else if (at && kind == 1 && channels % 2 == 0)
        at = convolution(m, at, channels, 2, height, width);
    else if (at && kind == 2 && before && before != at)
        at = convolution(m, join(m, IMAGE_CONCAT, at, before), 1 + below(m, 40), 1, height, width);
    else if (kind == 3)
        at = convolution(m, pad(m, at, 1), 1 + below(m, 24), 1, 3, 3);
    else
        at = convolution(m, at, 1 + below(m, 40), 1, height, width);
    if (chance(m, 0.7))
        at = activation(m, at);
    if (before && m->net->node[before].channels == m->net->node[at].channels)
        at = join(m, IMAGE_ADD, before, at);
    return at;
}

static uint32_t resize(struct maker *m, uint32_t factor)
{
    uint32_t index;
    struct image_node *node = append(m, IMAGE_RESIZE, 0, m->net->node[0].channels, &index);

    node->factor = factor;
    node->filter = (enum image_filter)below(m, IMAGE_FILTERS);
    node->cubic_a = -0.5F;
    return index;
}

static void make_network(struct maker *m)
{
    uint32_t channels = chance(m, 0.5) ? 1 : 3, factor = 1 + below(m, 4);
    uint32_t at, before = 0, layers = 1 + below(m, 5), anchor = 0;

    append(m, IMAGE_INPUT, 0, channels, &at)->inputs = 0;
    if (chance(m, 0.5))
        anchor = resize(m, factor);
    for (uint32_t i = 0; i < layers; i++) {
        uint32_t last = at;
        at = layer(m, at, before);
        before = last;
    }
    bool larger = factor > 1 && chance(m, 0.4); /* a layer on the larger picture */
    uint32_t shuffled = larger ? 1 + below(m, 4) : channels;
    at = convolution(m, at, shuffled * factor * factor, 1, 3, 3);
    if (chance(m, 0.3))
        at = activation(m, at);
    if (factor > 1) {
        struct image_node *node = append(m, IMAGE_SHUFFLE, at, shuffled, &at);
        node->factor = factor;
        node->order = (enum image_order)below(m, IMAGE_ORDERS);
    }
    if (larger)
        at = convolution(m, at, channels, 1, 3, 3);
    if (anchor)
        join(m, IMAGE_ADD, anchor, at);
}

/* Noise to the right, and a flat part `flat` pixels wide, which has no edges. */
static void write_picture(struct maker *m, const char *folder, uint32_t number, uint32_t width,
                          uint32_t height, uint32_t flat)
{
    struct picture picture;
    char path[4096];

    snprintf(path, sizeof path, "%s/%" PRIu32 ".png", folder, number);
    if (!picture_alloc(&picture, width, height, m->net->node[0].channels, &m->err))
        fail(m);
    for (size_t i = 0; i < (size_t)width * height * picture.channels; i++)
        picture.sample[i] = i / picture.channels % width < flat ? 90 : (uint8_t)below(m, 256);
    if (!picture_write(&picture, path, &m->err))
        fail(m);
    picture_free(&picture);
}

static void quantise(struct maker *m, struct integer_network *network, const char *folder)
{
    const struct image_quantise_options options = {chance(m, 0.8) ? 8 : 4,
                                                   chance(m, 0.7) ? 8 : 8 + below(m, 5)};
    struct image_tensor *picture;
    size_t count;
    char path[4096];

    snprintf(network->network.name, sizeof network->network.name, "random");
    snprintf(path, sizeof path, "%s/net.mill", folder);
    if (!image_network_check(m->net, &m->err) || !image_simplify(m->net, &m->err) ||
        !image_synthetic_pictures(m->net, &picture, &count, &m->net->arena, &m->err) ||
        !image_quantise(network, &options, picture, count, &m->err) ||
        !image_mill_write(network, path, &m->err))
        fail(m);
}

/* Three of four designs that can. */
static bool keeps_edges(struct maker *m, struct integer_network *network, uint32_t lanes,
                        uint32_t columns)
{
    const struct picture_design design = {lanes, columns, 1, true};
    struct picture_program program;
    struct error none = {0};

    return chance(m, 0.75) && picture_program_make(&program, network, &design, &none);
}

int main(int argc, char **argv)
{
    struct integer_network network = {0};
    struct maker m = {.net = &network.network};
    uint32_t reach, columns;

    if (argc != 3) {
        fputs("usage: random_picture SEED FOLDER\n", stderr);
        return 2;
    }
    random_seed(&m.random, strtoull(argv[1], NULL, 10));
    make_network(&m);
    quantise(&m, &network, argv[2]);
    if (!image_reach(m.net, &reach, &m.err))
        fail(&m);
    columns = 5 + below(&m, 4);
    uint32_t lanes = 4U << below(&m, 3);
    bool edges = keeps_edges(&m, &network, lanes, columns);
    uint32_t row = (edges ? 1 + below(&m, 3) : 2 * reach / columns + 2) * columns;
    write_picture(&m, argv[2], 0, 1, 1, 0);
    write_picture(&m, argv[2], 1, 1 + below(&m, row), 1 + below(&m, 12), 0);
    uint32_t longer = row + 1 + below(&m, 2 * columns);
    write_picture(&m, argv[2], 2, longer, 3, longer * 4 / 5);
    printf("--lanes %" PRIu32 " --columns %" PRIu32 " --row %" PRIu32 "%s\n", lanes, columns, row,
           edges ? " --keep-edges" : "");
    image_network_free(&network.network);
    return 0;
}
