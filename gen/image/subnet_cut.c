/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/subnet_cut.h"

#include <stdio.h>
#include <string.h>

/* Rows of `inputs` weights a tap group, of which the first `kept` stay: those of the first
 * `rows` channels close up. */
static void close_up(float *weight, size_t rows, size_t inputs, size_t kept)
{
    for (size_t row = 0; row < rows; row++)
        memmove(weight + row * kept, weight + row * inputs, kept * sizeof *weight);
}

static void cut_convolution(const struct image_network *network, struct image_node *conv)
{
    const struct image_node *from = &network->node[conv->input[0]];
    size_t kernel = (size_t)conv->window.kernel_h * conv->window.kernel_w;

    if (image_is_depthwise(network, conv))
        conv->groups = conv->half; /* its first rows are all that it keeps */
    else
        close_up(conv->weight, conv->half, from->channels / conv->groups * kernel,
                 from->half / conv->groups * kernel);
}

bool image_subnet_cut(struct image_network *network, struct error *err)
{
    size_t length = strlen(network->name);

    if (!network->selective)
        return error_set(err, ERROR_INPUT, "--subnet: %s has no subnets", network->name);
    for (uint32_t i = 0; i < network->nodes; i++)
        if (network->node[i].op == IMAGE_CONV)
            cut_convolution(network, &network->node[i]);
    for (uint32_t i = 0; i < network->nodes; i++)
        network->node[i].channels = network->node[i].half;
    network->selective = false;
    snprintf(network->name + length, sizeof network->name - length, ", half");
    return image_network_check(network, err);
}
