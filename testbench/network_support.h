/* SPDX-License-Identifier: Apache-2.0 */
/* Image networks with random weights, a node behind the other, for tests. */
#ifndef MILLRACE_TESTBENCH_NETWORK_SUPPORT_H
#define MILLRACE_TESTBENCH_NETWORK_SUPPORT_H

#include <math.h>

#include "gen/image/network.h"
#include "testbench/test_support.h"

struct maker {
    struct image_network *net; /* borrowed */
    uint64_t random;
    float magnitude; /* of the largest weight */
    uint32_t last;   /* the node that comes before the next one */
};

static inline float *units(struct maker *m, size_t count)
{
    float *value = arena_alloc(&m->net->arena, count, sizeof *value);

    assert_non_null(value);
    for (size_t i = 0; i < count; i++)
        value[i] = m->magnitude * ((float)(next_random(&m->random) % 2001) / 1000 - 1);
    return value;
}

static inline struct image_node *append(struct maker *m, enum image_op op, uint32_t channels)
{
    struct error err = {0};
    uint32_t before = m->last;
    struct image_node *node = image_network_append(m->net, op, "node", &m->last, &err);

    if (!node) {
        fail_msg("%s", err.message);
        abort(); /* which fail_msg does not say that it does */
    }
    node->inputs = op != IMAGE_INPUT;
    node->input[0] = before;
    node->channels = node->half = channels;
    return node;
}

/* As large as its input: a kernel of `height` x `width` with so much padding above and left. */
static inline void convolution(struct maker *m, uint32_t channels, uint32_t height, uint32_t width,
                               uint32_t above, uint32_t left)
{
    uint32_t inputs = m->net->node[m->last].channels;
    struct image_node *node = append(m, IMAGE_CONV, channels);

    node->groups = 1;
    node->window = (struct image_window){
        height, width, 1, 1, above, left, height - 1 - above, width - 1 - left};
    node->weight = units(m, (size_t)channels * inputs * height * width);
    node->bias = units(m, channels);
}

#endif
