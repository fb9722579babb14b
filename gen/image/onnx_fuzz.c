/* SPDX-License-Identifier: Apache-2.0 */
/* ONNX files; a small network that is accepted is simplified, quantised and run. */
#include "gen/image/float.h"
#include "gen/image/levels.h"
#include "gen/image/onnx.h"
#include "gen/image/quantise.h"
#include "testbench/fuzz_support.h"

enum { SIDE = 8, WORK_MAX = 1 << 20 };

static void run(struct integer_network *network)
{
    static const struct image_quantise_options options = {8, 8};
    const struct image_network *net = &network->network;
    uint32_t channels = net->node[0].channels;
    size_t pixels = (size_t)channels * SIDE * SIDE;
    struct image_tensor real = {channels, SIDE, SIDE, {NULL}};
    struct image_tensor whole = {channels, SIDE, SIDE, {NULL}};
    struct image_tensor out = {channels, SIDE * net->scale, SIDE * net->scale, {NULL}};
    struct error err = {0};

    real.data = malloc(pixels * sizeof(float));
    whole.data = malloc(pixels * sizeof(int32_t));
    out.data = malloc(pixels * net->scale * net->scale * sizeof(int32_t));
    if (!real.data || !whole.data || !out.data)
        abort();
    for (size_t i = 0; i < pixels; i++)
        real.real[i] = (float)(whole.whole[i] = (int32_t)(i * 31 % 256));
    if (image_quantise(network, &options, &real, 1, &err))
        image_run_integer(network, SUBNET_FULL, &whole, &out, &err);
    free(real.data);
    free(whole.data);
    free(out.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapped_file file = {.data = data, .size = size};
    struct integer_network network = {0};
    struct error err = {0};
    uint64_t macs, values = 0;

    if (!onnx_import(&network.network, &file, "fuzz.onnx", 0, &err))
        return 0;
    for (uint32_t i = 0; i < network.network.nodes; i++)
        values += network.network.node[i].channels;
    if (image_simplify(&network.network, &err) && values < 4096 &&
        image_macs(&network.network, SUBNET_FULL, (struct image_size){SIDE, SIDE}, &macs, &err) &&
        macs < WORK_MAX)
        run(&network);
    image_network_free(&network.network);
    return 0;
}
