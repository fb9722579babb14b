/* SPDX-License-Identifier: Apache-2.0 */
/* How well a whole frame fills the lanes of the ULX3S' designs. */
#include "gen/image/picture_fit.h"

#include <math.h>

#include "gen/image/levels.h"
#include "gen/image/quantise.h"
#include "testbench/test_support.h"

struct maker {
    struct image_network *net;
    uint64_t random;
    uint32_t last; /* the node that comes before the next one */
};

static float *units(struct maker *m, size_t count)
{
    float *value = arena_alloc(&m->net->arena, count, sizeof *value);

    assert_non_null(value);
    for (size_t i = 0; i < count; i++)
        value[i] = (float)(next_random(&m->random) % 2001) / 20000 - 0.05F;
    return value;
}

static struct image_node *append(struct maker *m, enum image_op op, uint32_t channels)
{
    struct error err = {0};
    uint32_t before = m->last;
    struct image_node *node = image_network_append(m->net, op, "layer", &m->last, &err);

    if (!node) {
        fail_msg("%s", err.message);
        abort(); /* which fail_msg does not say that it does */
    }
    node->inputs = op != IMAGE_INPUT;
    node->input[0] = before;
    node->channels = node->half = channels;
    return node;
}

static void convolution(struct maker *m, uint32_t channels, uint32_t side)
{
    uint32_t inputs = m->net->node[m->last].channels, pad = side / 2;
    struct image_node *node = append(m, IMAGE_CONV, channels);

    node->groups = 1;
    node->window = (struct image_window){side, side, 1, 1, pad, pad, pad, pad};
    node->weight = units(m, (size_t)channels * inputs * side * side);
    node->bias = units(m, channels);
}

static void relu(struct maker *m)
{
    struct image_node *node = append(m, IMAGE_ACTIVATION, m->net->node[m->last].channels);

    node->weight = arena_alloc(&m->net->arena, node->channels, sizeof *node->weight);
    assert_non_null(node->weight);
    node->low = -INFINITY;
    node->high = INFINITY;
}

/* The layers of ESPCN (Shi and others, "Real-time single image and video super-resolution using
 * an efficient sub-pixel convolutional neural network", 2016), with ReLU and random weights. */
static void make_espcn(struct maker *m, uint32_t scale)
{
    append(m, IMAGE_INPUT, 1);
    convolution(m, 64, 5);
    relu(m);
    convolution(m, 32, 3);
    relu(m);
    convolution(m, scale * scale, 3);
    append(m, IMAGE_SHUFFLE, 1)->factor = scale;
}

static void quantise(struct integer_network *network)
{
    const struct image_quantise_options options = {8, 8};
    struct image_network *net = &network->network;
    struct image_tensor *picture;
    struct error err = {0};
    size_t count;

    snprintf(net->name, sizeof net->name, "espcn");
    if (!image_network_check(net, &err) || !image_simplify(net, &err) ||
        !image_synthetic_pictures(net, &picture, &count, &net->arena, &err) ||
        !image_quantise(network, &options, picture, count, &err))
        fail_msg("%s", err.message);
}

/* The part of the lanes' cycles that a frame's own multiplications fill. */
static double utilisation(struct integer_network *network, const struct board *board)
{
    const struct image_size size = {270, 480};
    struct picture_design design = {0};
    struct picture_program program;
    struct picture_frame frame = {0};
    struct error err = {0};

    if (!picture_fit(&design, network, board, size.width, &err) ||
        !picture_program_make(&program, network, &design, &err) ||
        !picture_frame_of(&program, &network->network, SUBNET_FULL, size, &frame, &err))
        fail_msg("%s", err.message);
    double part = (double)frame.macs / ((double)frame.cycles * design.inputs * design.columns);
    print_message("%u x %u lanes, rows of %u pixels: %.3f\n", design.inputs, design.columns,
                  design.columns * design.groups, part);
    return part;
}

static void test_espcn(void **state)
{
    (void)state;

    for (uint32_t scale = 2; scale <= 4; scale++) {
        struct integer_network network = {0};
        struct maker m = {.net = &network.network, .random = scale};
        make_espcn(&m, scale);
        quantise(&network);
        double part = utilisation(&network, board_find("ulx3s-85f"));
        if (part < 0.9)
            fail_msg("x%u: %.3f of the lanes' cycles", scale, part);
        image_network_free(&network.network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_espcn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
