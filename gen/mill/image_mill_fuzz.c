/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled image networks; a small one that is accepted is run in integers. */
#include "gen/mill/image_mill.h"
#include "testbench/fuzz_support.h"

enum { SIDE = 5, WORK_MAX = 1 << 20 };

static void run(const struct integer_network *network, enum image_subnet subnet)
{
    const struct image_network *net = &network->network;
    uint32_t channels = net->node[0].channels;
    size_t pixels = (size_t)channels * SIDE * SIDE;
    struct image_tensor in = {channels, SIDE, SIDE, {NULL}};
    struct image_tensor out = {channels, SIDE * net->scale, SIDE * net->scale, {NULL}};
    struct error err = {0};

    in.data = malloc(pixels * sizeof(int32_t));
    out.data = malloc(pixels * net->scale * net->scale * sizeof(int32_t));
    if (!in.data || !out.data)
        abort();
    for (size_t i = 0; i < pixels; i++)
        in.whole[i] = (int32_t)(i * 31 % 256);
    image_run_integer(network, subnet, &in, &out, &err);
    free(in.data);
    free(out.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct integer_network network;
    struct error err = {0};
    uint64_t macs, values = 0;

    if (!image_mill_read(&network, &file, &err))
        return 0;
    for (uint32_t i = 0; i < network.network.nodes; i++)
        values += network.network.node[i].channels;
    if (values < 4096 &&
        image_macs(&network.network, SUBNET_FULL, (struct image_size){SIDE, SIDE}, &macs, &err) &&
        macs < WORK_MAX)
        for (int s = network.network.selective ? SUBNET_BILINEAR : SUBNET_FULL; s < SUBNETS; s++)
            run(&network, (enum image_subnet)s);
    image_network_free(&network.network);
    return 0;
}
