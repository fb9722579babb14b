/* SPDX-License-Identifier: Apache-2.0 */
/* Layers on the larger picture, made on the smaller one: the same value, at every border. */
#include "gen/image/phases.h"

#include "gen/image/float.h"
#include "gen/image/levels.h"
#include "testbench/network_support.h"

enum { WIDTH = 5, HEIGHT = 4 };

static void activation(struct maker *m)
{
    uint32_t channels = m->net->node[m->last].channels;
    struct image_node *node = append(m, IMAGE_ACTIVATION, channels);

    node->weight = units(m, channels);
    node->low = -INFINITY;
    node->high = 60;
}

static void shuffle(struct maker *m, uint32_t factor, enum image_order order)
{
    struct image_node *node =
        append(m, IMAGE_SHUFFLE, m->net->node[m->last].channels / (factor * factor));
    node->factor = factor;
    node->order = order;
}

static float *run(struct maker *m)
{
    static float picture[3 * WIDTH * HEIGHT];
    struct image_tensor in = {3, HEIGHT, WIDTH, {picture}}, out = {0};
    struct error err = {0};

    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        picture[i] = (float)(i * 37 % 256);
    out.channels = 3;
    out.height = HEIGHT * m->net->scale;
    out.width = WIDTH * m->net->scale;
    out.data = malloc(sizeof(float) * out.channels * out.height * out.width);
    assert_non_null(out.data);
    if (!image_run_float(m->net, SUBNET_FULL, &in, &out, NULL, NULL, &err))
        fail_msg("%s", err.message);
    return out.real;
}

/* Simplified, the last node is the only shuffle, and every pixel is what it was. */
static void check(struct maker *m, const char *what)
{
    struct error err = {0};

    if (!image_network_check(m->net, &err))
        fail_msg("%s: %s", what, err.message);
    float *before = run(m);
    if (!image_simplify(m->net, &err))
        fail_msg("%s: %s", what, err.message);
    float *after = run(m);
    for (uint32_t i = 0; i + 1 < m->net->nodes; i++)
        if (m->net->node[i].op == IMAGE_SHUFFLE)
            fail_msg("%s: node %u of %u is a shuffle", what, i, m->net->nodes);
    assert_int_equal(m->net->node[m->net->nodes - 1].op, IMAGE_SHUFFLE);
    uint32_t samples = 3 * WIDTH * HEIGHT * m->net->scale * m->net->scale;
    float largest = 1;
    for (uint32_t i = 0; i < samples; i++)
        largest = fmaxf(largest, fabsf(before[i]));
    for (uint32_t i = 0; i < samples; i++)
        if (fabsf(before[i] - after[i]) > 1e-5F * largest) /* sums are in another order */
            fail_msg("%s: sample %u is %g, was %g", what, i, (double)after[i], (double)before[i]);
    free(before);
    free(after);
    image_network_free(m->net);
}

static void test_convolutions(void **state)
{
    static const uint32_t kernel[][4] = {{3, 3, 1, 1}, {1, 1, 0, 0}, {5, 2, 2, 0},
                                         {2, 4, 1, 3}, {7, 3, 0, 2}, {3, 6, 2, 5}};
    (void)state;

    for (size_t i = 0; i < sizeof kernel / sizeof *kernel; i++)
        for (uint32_t factor = 2; factor <= 4; factor++)
            for (enum image_order order = IMAGE_CHANNEL_FIRST; order < IMAGE_ORDERS; order++) {
                struct image_network net = {0};
                struct maker m = {&net, i * 10 + factor, 1, 0};
                char what[64];
                snprintf(what, sizeof what, "kernel %zu, factor %u, order %d", i, factor,
                         (int)order);
                append(&m, IMAGE_INPUT, 3);
                convolution(&m, 2 * factor * factor, 3, 3, 1, 1);
                shuffle(&m, factor, order);
                activation(&m);
                convolution(&m, 3, kernel[i][0], kernel[i][1], kernel[i][2], kernel[i][3]);
                check(&m, what);
            }
}

/* As the larger c-DCSCN has it: a layer between two shuffles, and one behind both. */
static void test_two_shuffles(void **state)
{
    (void)state;

    for (int i = 0; i < 4; i++) {
        struct image_network net = {0};
        struct maker m = {&net, 77, 1, 0};
        append(&m, IMAGE_INPUT, 3);
        convolution(&m, 5 * 4, 3, 3, 1, 1);
        shuffle(&m, 2, (enum image_order)(i & 1));
        convolution(&m, 2 * 9, 3, 3, 1, 1);
        shuffle(&m, 3, (enum image_order)(i >> 1));
        convolution(&m, 3, 3, 3, 1, 1);
        activation(&m);
        check(&m, i & 1 ? "pixels first" : "channels first");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolutions),
        cmocka_unit_test(test_two_shuffles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
