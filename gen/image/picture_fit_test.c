/* SPDX-License-Identifier: Apache-2.0 */
/* How well a whole frame fills the lanes of the ULX3S' designs. */
#include "gen/image/picture_fit.h"

#include "gen/image/levels.h"
#include "gen/image/quantise.h"
#include "testbench/network_support.h"

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
    convolution(m, 64, 5, 5, 2, 2);
    relu(m);
    convolution(m, 32, 3, 3, 1, 1);
    relu(m);
    convolution(m, scale * scale, 3, 3, 1, 1);
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
        struct maker m = {&network.network, scale, 0.05F, 0};
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
