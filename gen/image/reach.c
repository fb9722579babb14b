/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/reach.h"

#include <math.h>
#include <stdlib.h>

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* How far along one side a window looks, in pixels of its input. */
static uint32_t side_reach(uint32_t kernel, uint32_t before, uint32_t after)
{
    uint32_t past = kernel - 1 > before ? kernel - 1 - before : 0;

    return larger(larger(before, after), past);
}

static uint32_t node_reach(const struct image_node *node)
{
    const struct image_window *w = &node->window;

    if (node->op == IMAGE_CONV)
        return larger(side_reach(w->kernel_h, w->pad_top, w->pad_bottom),
                      side_reach(w->kernel_w, w->pad_left, w->pad_right));
    if (node->op == IMAGE_PAD)
        return larger(larger(w->pad_top, w->pad_bottom), larger(w->pad_left, w->pad_right));
    return node->op == IMAGE_RESIZE ? 2 : 0;
}

bool image_reach(const struct image_network *network, uint32_t *reach, struct error *err)
{
    /* In pixels of the picture, and pixels of the node's value to one of those. */
    double *margin = calloc(network->nodes, sizeof *margin);
    double *scale = calloc(network->nodes, sizeof *scale);
    bool ok = margin && scale;

    for (uint32_t i = 0; ok && i < network->nodes; i++) {
        const struct image_node *node = &network->node[i];
        double input = i ? scale[node->input[0]] : 1;
        for (uint32_t k = 0; k < node->inputs; k++)
            margin[i] = fmax(margin[i], margin[node->input[k]]);
        margin[i] += node_reach(node) / input;
        scale[i] = node->op == IMAGE_SHUFFLE || node->op == IMAGE_RESIZE ? input * node->factor
                   : node->op == IMAGE_CONV ? input / node->window.stride_y
                                            : input;
    }
    if (ok)
        *reach = (uint32_t)ceil(margin[network->nodes - 1]);
    free(margin);
    free(scale);
    return ok || error_set(err, ERROR_FAILED, "%s: out of memory", network->name);
}
