/* SPDX-License-Identifier: Apache-2.0 */
/* The integer convolutions against a plain reading of docs/super-resolution.md,
 * value after value; and that a compiled network comes back from its file. */
#include "gen/image/integer.h"

#include "gen/image/integer_conv.h"
#include "gen/image/quantise.h"
#include "gen/mill/image_mill.h"
#include "gen/op/numerics.h"
#include "testbench/test_support.h"

/* A network of one convolution, of the picture or behind a resize. */
struct shape {
    uint32_t inputs, outputs, groups, kernel, stride, pad;
    bool bytes; /* of the picture */
};

static void open_network(struct integer_network *n, const struct shape *s, uint64_t *random)
{
    struct image_network *net = &n->network;
    uint32_t index;
    struct error err = {0};

    *n = (struct integer_network){.weight_bits = 8, .act_bits = 8 + next_random(random) % 5};
    struct image_node *in = image_network_append(net, IMAGE_INPUT, "x", &index, &err);
    in->channels = in->half = s->inputs;
    struct image_node *mid = image_network_append(net, IMAGE_RESIZE, "resize", &index, &err);
    mid->inputs = 1;
    mid->channels = mid->half = s->inputs;
    mid->factor = 1;
    struct image_node *conv = image_network_append(net, IMAGE_CONV, "conv", &index, &err);
    conv->inputs = 1;
    conv->input[0] = !s->bytes;
    conv->channels = conv->half = s->outputs;
    conv->groups = s->groups;
    conv->window = (struct image_window){s->kernel, s->kernel, s->stride, s->stride,
                                         s->pad,    s->pad,    s->pad,    s->pad};
    n->node = arena_alloc(&net->arena, net->nodes, sizeof *n->node);
    assert_non_null(n->node);
    if (!image_integers_alloc(n, index, &err))
        fail_msg("%s", err.message);
    struct operand_blocks blocks;
    assert_true(image_operand_blocks(net, conv, &blocks));
    for (size_t i = 0; i < s->outputs * image_taps(net, conv); i++)
        n->node[index].q[i] = (int8_t)(next_random(random) % 255 - 127);
    for (size_t i = 0; i < (size_t)s->outputs * image_scales(net, conv, &blocks); i++)
        n->node[index].scale[i] = (uint8_t)next_random(random);
    for (uint32_t i = 0; i < s->outputs; i++)
        n->node[index].bias[i] = (int32_t)(next_random(random) % 2000) - 1000;
    n->node[index].shift = 28;
}

/* One input pixel's block of 16 channels from `first` on, or zeros outside. */
static unsigned block_at(const struct integer_network *n, const struct image_tensor *in, int64_t y,
                         int64_t x, uint32_t first, uint32_t count, int16_t mantissa[BLOCK])
{
    int32_t value[BLOCK] = {0};
    bool inside = y >= 0 && x >= 0 && y < in->height && x < in->width;

    for (uint32_t c = 0; inside && c < count; c++)
        value[c] = in->whole[((first + c) * in->height + (uint32_t)y) * in->width + (uint32_t)x];
    return block_quantise(value, count, n->act_bits, mantissa);
}

static int64_t dot(const struct integer_network *n, const struct image_tensor *in,
                   const struct shape *s, uint32_t channel, uint32_t oy, uint32_t ox)
{
    const struct image_integers *w = &n->node[2];
    uint32_t inputs = s->inputs / s->groups, group = channel / (s->outputs / s->groups);
    uint32_t blocks = (inputs + BLOCK - 1) / BLOCK, kernel = s->kernel * s->kernel;
    int64_t acc = 0;

    for (uint32_t t = 0; t < kernel; t++)
        for (uint32_t b = 0; b < blocks; b++) {
            uint32_t count = inputs - b * BLOCK < BLOCK ? inputs - b * BLOCK : BLOCK;
            int16_t mantissa[BLOCK];
            unsigned e = block_at(n, in, (int64_t)oy * s->stride + t / s->kernel - s->pad,
                                  (int64_t)ox * s->stride + t % s->kernel - s->pad,
                                  group * inputs + b * BLOCK, count, mantissa);
            int64_t sum = 0;
            for (uint32_t i = 0; i < count; i++)
                sum += w->q[((size_t)channel * kernel + t) * inputs + (size_t)b * BLOCK + i] *
                       (int64_t)mantissa[i];
            acc += sum * w->scale[(channel * kernel + t) * blocks + b] * ((int64_t)1 << e);
        }
    return acc;
}

static int64_t of_bytes(const struct integer_network *n, const struct image_tensor *in,
                        const struct shape *s, uint32_t channel, uint32_t oy, uint32_t ox)
{
    const struct image_integers *w = &n->node[2];
    uint32_t kernel = s->kernel * s->kernel, blocks = (kernel + BLOCK - 1) / BLOCK;
    int64_t acc = 0;

    for (uint32_t i = 0; i < s->inputs; i++)
        for (uint32_t t = 0; t < kernel; t++) {
            int64_t y = (int64_t)oy * s->stride + t / s->kernel - s->pad;
            int64_t x = (int64_t)ox * s->stride + t % s->kernel - s->pad;
            size_t at = (size_t)channel * s->inputs + i;
            if (y >= 0 && x >= 0 && y < in->height && x < in->width)
                acc += (int64_t)
                           in->whole[((size_t)i * in->height + (size_t)y) * in->width + (size_t)x] *
                       w->q[at * kernel + t] * w->scale[at * blocks + t / BLOCK];
        }
    return acc;
}

static int64_t depthwise(const struct integer_network *n, const struct image_tensor *in,
                         const struct shape *s, uint32_t channel, uint32_t oy, uint32_t ox)
{
    const struct image_integers *w = &n->node[2];
    uint32_t kernel = s->kernel * s->kernel, first = channel / BLOCK * BLOCK;
    uint32_t count = s->inputs - first < BLOCK ? s->inputs - first : BLOCK;
    int64_t acc = 0;

    for (uint32_t t = 0; t < kernel; t += BLOCK) {
        uint32_t taps = kernel - t < BLOCK ? kernel - t : BLOCK;
        int16_t mantissa[BLOCK][BLOCK];
        unsigned e[BLOCK], largest = 0;
        int64_t sum = 0;
        for (uint32_t i = 0; i < taps; i++) {
            e[i] = block_at(n, in, (int64_t)oy * s->stride + (t + i) / s->kernel - s->pad,
                            (int64_t)ox * s->stride + (t + i) % s->kernel - s->pad, first, count,
                            mantissa[i]);
            largest = e[i] > largest ? e[i] : largest;
        }
        for (uint32_t i = 0; i < taps; i++)
            sum += w->q[channel * kernel + t + i] *
                   round_shift(mantissa[i][channel - first], largest - e[i]);
        acc += sum * w->scale[channel * ((kernel + BLOCK - 1) / BLOCK) + t / BLOCK] *
               ((int64_t)1 << largest);
    }
    return acc;
}

static void check_shape(const struct shape *s, uint64_t seed)
{
    struct integer_network n;
    uint64_t random = seed;
    struct image_tensor in = {s->inputs, 5, 21, {NULL}}, out = {s->outputs, 0, 0, {NULL}};

    open_network(&n, s, &random);
    out.height = (in.height + 2 * s->pad - s->kernel) / s->stride + 1;
    out.width = (in.width + 2 * s->pad - s->kernel) / s->stride + 1;
    in.data = malloc((size_t)in.channels * in.height * in.width * sizeof(int32_t));
    out.data = malloc((size_t)out.channels * out.height * out.width * sizeof(int32_t));
    assert_true(in.data && out.data);
    for (size_t i = 0; i < (size_t)in.channels * in.height * in.width; i++)
        in.whole[i] = s->bytes ? (int32_t)(next_random(&random) % 256)
                               : (int32_t)(next_random(&random) % 262143 - 131071) >>
                                     next_random(&random) % 17;
    assert_true(image_convolve_integer(&n, 2, &in, &out));
    for (uint32_t c = 0; c < out.channels; c++)
        for (uint32_t y = 0; y < out.height; y++)
            for (uint32_t x = 0; x < out.width; x++) {
                bool lanes = image_is_depthwise(&n.network, &n.network.node[2]);
                int64_t acc = (s->bytes ? of_bytes : lanes ? depthwise : dot)(&n, &in, s, c, y, x);
                int32_t wanted =
                    saturate_wide(round_shift(acc * 256, n.node[2].shift) + n.node[2].bias[c]);
                int32_t got = out.whole[(c * out.height + y) * out.width + x];
                if (got != wanted)
                    fail_msg("seed %d: channel %u, pixel (%u, %u): %d, not %d", (int)seed, c, y, x,
                             got, wanted);
            }
    free(in.data);
    free(out.data);
    image_network_free(&n.network);
}

static void test_convolutions(void **state)
{
    static const struct shape shapes[] = {
        {16, 4, 1, 3, 1, 1, false}, {54, 5, 1, 1, 1, 0, false},   {5, 3, 1, 3, 1, 1, false},
        {32, 8, 4, 3, 1, 1, false}, {27, 27, 27, 3, 1, 1, false}, {16, 16, 16, 5, 1, 2, false},
        {8, 4, 1, 3, 2, 1, false},  {20, 20, 20, 3, 2, 1, false}, {36, 6, 2, 3, 1, 0, false},
        {3, 7, 1, 3, 1, 1, true},   {1, 5, 1, 5, 1, 2, true},     {3, 4, 1, 1, 1, 0, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i], i + 1);
}

/* A network of two layers, written, read and run: the same bytes. */
static void test_file(void **state)
{
    const char *folder = make_folder();
    struct integer_network n, back;
    struct shape shape = {3, 3, 1, 3, 1, 1, false};
    uint64_t random = 7;
    struct error err = {0};
    char path[128];
    int32_t picture[3 * 4 * 4], first[3 * 4 * 4], second[3 * 4 * 4];
    struct image_tensor in = {3, 4, 4, {NULL}}, out = in;
    (void)state;

    open_network(&n, &shape, &random);
    for (uint32_t i = 0; i < n.network.nodes; i++) {
        struct image_node *node = &n.network.node[i];
        node->weight = i == 2 ? arena_alloc(&n.network.arena, 81, sizeof(float)) : NULL;
        node->bias = i == 2 ? arena_alloc(&n.network.arena, 3, sizeof(float)) : NULL;
    }
    snprintf(n.network.name, sizeof n.network.name, "two layers");
    for (int i = 0; i < 48; i++)
        picture[i] = (int32_t)(next_random(&random) % 256);
    in.whole = picture;
    out.whole = first;
    assert_true(image_run_integer(&n, SUBNET_FULL, &in, &out, &err));
    snprintf(path, sizeof path, "%s/net.mill", folder);
    if (!image_mill_write(&n, path, &err) || !image_mill_open(&back, path, &err))
        fail_msg("%s", err.message);
    assert_true(image_mill_is(path));
    assert_string_equal(back.network.name, "two layers");
    assert_int_equal(image_parameters(&back.network, SUBNET_FULL),
                     image_parameters(&n.network, SUBNET_FULL));
    out.whole = second;
    assert_true(image_run_integer(&back, SUBNET_FULL, &in, &out, &err));
    assert_memory_equal(first, second, sizeof first);
    image_network_free(&back.network);

    size_t size;
    char *data = read_all(path, &size);
    for (size_t cut = 0; cut < size; cut += 7) {
        struct mapped_file part = exact_copy(data, cut);
        bool accepted = image_mill_read(&back, &part, &err);
        free((void *)(uintptr_t)part.data);
        assert_refused(accepted, &err, "");
    }
    free(data);
    image_network_free(&n.network);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolutions),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
