/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/onnx.h"

#include <math.h>

#include "gen/image/float.h"
#include "gen/image/levels.h"
#include "testbench/onnx_support.h"

static const int64_t three[] = {3, 3}, ones[] = {1, 1, 1, 1};

/* Import and free the file; what the importer says goes to *err. */
static bool import(struct onnx_file *f, struct image_network *network, struct error *err)
{
    struct mapped_file file = onnx_close(f);
    bool ok = onnx_import(network, &file, "net.onnx", 255, err);

    free((void *)(uintptr_t)file.data);
    return ok;
}

/* y = conv3x3(x) with all weights `weight`, padded by 1. */
static Onnx__Node *add_conv(struct onnx_file *f, const char *input, const char *output,
                            float weight)
{
    onnx_tensor(f, "w", (const int64_t[]){1, 1, 3, 3, -1}, &weight, 1);
    Onnx__Node *node = onnx_node(f, "Conv", strcmp(input, "x") == 0 ? "x w" : "v w", output);
    onnx_set_ints(node, "kernel_shape", 2, three);
    onnx_set_ints(node, "pads", 4, ones);
    return node;
}

/* The network's output for the picture of `side` x `side`, pixel i being i. */
static float *run(const struct image_network *network, uint32_t side)
{
    uint32_t s = network->scale;
    struct image_tensor in = {1, side, side, {malloc((size_t)side * side * sizeof(float))}};
    struct image_tensor out = {
        1, s * side, s * side, {malloc((size_t)s * s * side * side * sizeof(float))}};
    struct error err = {0};

    for (uint32_t i = 0; i < side * side; i++)
        in.real[i] = (float)i;
    if (!image_run_float(network, SUBNET_FULL, &in, &out, NULL, NULL, &err))
        fail_msg("%s", err.message);
    free(in.real);
    return out.real;
}

static void test_conv(void **state)
{
    struct onnx_file f = onnx_open(17, 1);
    struct image_network network;
    struct error err = {0};
    (void)state;

    add_conv(&f, "x", "y", 1);
    if (!import(&f, &network, &err))
        fail_msg("%s", err.message);
    assert_int_equal(network.scale, 1);
    float *y = run(&network, 3);
    assert_true(y[4] == 36); /* 0 + 1 + ... + 8 */
    assert_true(y[0] == 0 + 1 + 3 + 4);
    assert_true(y[8] == 4 + 5 + 7 + 8);
    free(y);
    image_network_free(&network);
}

/* A transposed convolution as its definition has it: out[s i + k - p] += in[i] w[k]. */
static void check_transposed(int64_t kernel, int64_t stride, int64_t pad, int64_t extra)
{
    struct onnx_file f = onnx_open(17, 1);
    struct image_network network;
    struct error err = {0};
    enum { SIDE = 5 };
    float weight[81], bias = 3;
    float wanted[SIDE * 4 * SIDE * 4];
    int64_t size = SIDE * stride;

    for (int i = 0; i < 81; i++)
        weight[i] = (float)((i * 37 % 23) - 11);
    onnx_tensor(&f, "w", (const int64_t[]){1, 1, kernel, kernel, -1}, weight, 81);
    onnx_tensor(&f, "b", (const int64_t[]){1, -1}, &bias, 1);
    Onnx__Node *node = onnx_node(&f, "ConvTranspose", "x w b", "y");
    onnx_set_ints(node, "strides", 2, (const int64_t[]){stride, stride});
    onnx_set_ints(node, "pads", 4, (const int64_t[]){pad, pad, pad, pad});
    onnx_set_ints(node, "output_padding", 2, (const int64_t[]){extra, extra});
    if (!import(&f, &network, &err))
        fail_msg("%s", err.message);
    for (int64_t i = 0; i < size * size; i++)
        wanted[i] = bias;
    for (int64_t y = 0; y < SIDE; y++)
        for (int64_t x = 0; x < SIDE; x++)
            for (int64_t k = 0; k < kernel * kernel; k++) {
                int64_t oy = y * stride + k / kernel - pad, ox = x * stride + k % kernel - pad;
                if (oy >= 0 && ox >= 0 && oy < size && ox < size)
                    wanted[oy * size + ox] += (float)(y * SIDE + x) * weight[k];
            }
    float *got = run(&network, SIDE);
    for (int64_t i = 0; i < size * size; i++)
        if (got[i] != wanted[i])
            fail_msg("kernel %d, stride %d, pad %d: pixel %d is %g, not %g", (int)kernel,
                     (int)stride, (int)pad, (int)i, (double)got[i], (double)wanted[i]);
    free(got);
    image_network_free(&network);
}

static void test_transposed(void **state)
{
    (void)state;
    check_transposed(9, 3, 3, 0);
    check_transposed(2, 2, 0, 0);
    check_transposed(4, 2, 1, 0);
    check_transposed(3, 2, 1, 1);
    check_transposed(9, 4, 3, 1);
    check_transposed(3, 1, 1, 0);
}

/* (x * 2 - 1) / 4, then leaky, then held to 0.5..9: folded or not, the same. */
static void test_arithmetic(void **state)
{
    const float two = 2, one = 1, four = 4, low = 0.5f, high = 9;
    struct onnx_file f = onnx_open(13, 1);
    struct image_network network;
    struct error err = {0};
    (void)state;

    onnx_tensor(&f, "two", (const int64_t[]){-1}, &two, 1);
    onnx_tensor(&f, "one", (const int64_t[]){1, -1}, &one, 1);
    onnx_tensor(&f, "four", (const int64_t[]){1, 1, 1, 1, -1}, &four, 1);
    onnx_tensor(&f, "low", (const int64_t[]){-1}, &low, 1);
    onnx_tensor(&f, "high", (const int64_t[]){-1}, &high, 1);
    onnx_node(&f, "Mul", "two x", "a");
    onnx_node(&f, "Sub", "a one", "b");
    onnx_node(&f, "Div", "b four", "v");
    add_conv(&f, "v", "c", 1);
    onnx_set_float(onnx_node(&f, "LeakyRelu", "c", "d"), "alpha", 0.25f);
    onnx_node(&f, "Clip", "d low high", "y");
    if (!import(&f, &network, &err))
        fail_msg("%s", err.message);
    float *before = run(&network, 3);
    if (!image_simplify(&network, &err))
        fail_msg("%s", err.message);
    float *after = run(&network, 3);
    assert_true(before[0] == 3); /* (0 + 1 + 3 + 4) / 2 - 4 / 4 */
    assert_true(before[4] == 9); /* 36 / 2 - 9 / 4, held */
    for (int i = 0; i < 9; i++)
        if (fabsf(before[i] - after[i]) > 1e-5f)
            fail_msg("pixel %d: %g before, %g after simplifying", i, (double)before[i],
                     (double)after[i]);
    free(before);
    free(after);
    image_network_free(&network);
}

static void test_shuffle_orders(void **state)
{
    static const char *const mode[] = {"DCR", "CRD"};
    (void)state;

    for (int m = 0; m < 2; m++) {
        struct onnx_file f = onnx_open(13, 1);
        struct image_network network;
        struct error err = {0};
        const float bias[] = {0, 1, 2, 3};
        const float zero = 0;
        onnx_tensor(&f, "w", (const int64_t[]){4, 1, 1, 1, -1}, &zero, 1);
        onnx_tensor(&f, "b", (const int64_t[]){4, -1}, bias, 4);
        onnx_node(&f, "Conv", "x w b", "v");
        Onnx__Node *node = onnx_node(&f, "DepthToSpace", "v", "y");
        onnx_set_int(node, "blocksize", 2);
        onnx_set_text(node, "mode", mode[m]);
        if (!import(&f, &network, &err))
            fail_msg("%s", err.message);
        assert_int_equal(network.scale, 2);
        float *y = run(&network, 2);
        assert_true(y[0] == 0 && y[1] == 1 && y[4] == 2 && y[5] == 3 && y[2] == 0 && y[8] == 0);
        free(y);
        image_network_free(&network);
    }
}

/* One fault each: what is done to a good file, and what must be said. */
static void refuse(struct onnx_file *f, const char *wanted)
{
    struct image_network network;
    struct error err = {0};

    bool accepted = import(f, &network, &err);
    assert_refused(accepted, &err, "net.onnx: ");
    assert_refused(accepted, &err, wanted);
}

static void test_bad_graphs(void **state)
{
    static const struct {
        const char *type, *inputs, *wanted;
    } faults[] = {
        {"Softmax", "x", "node y (Softmax): this operator is not read"},
        {"Conv", "x", "node y (Conv): operand 1 is missing"},
        {"Conv", "x z", "input z is not there"},
        {"Conv", "x five", "weights of 1 dimensions, not 4"},
        {"Conv", "w x", "operand 0 is a constant"},
        {"Relu", "w", "operand 0 is a constant"},
        {"Add", "x v", "adds 1 channels and 4"},
        {"Mul", "x x", "is read with a constant operand only"},
        {"Div", "five x", "divides by a value that the picture decides"},
        {"Mul", "v five", "a constant of 5 elements for 4 channels"},
        {"DepthToSpace", "v", "a block of 0 for 4 channels"},
        {"PRelu", "v five", "a constant of 5 elements for 4 channels"},
        {"Resize", "x", "is read with constant scales only"},
        {"Resize", "x - five", "its scales are not"},
        {"Pad", "x five", "5 pads, not 8"},
        {"ConvTranspose", "x w", "weights for 4 channels, the input has 1"},
        {"Clip", "x five", "a bound of 5 elements"},
        {"Relu", "v", "1 channels in, 4 out"},
    };
    const float values[] = {1, 1, 1, 1, 1};
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct onnx_file f = onnx_open(17, 1);
        onnx_tensor(&f, "w", (const int64_t[]){4, 1, 1, 1, -1}, values, 1);
        onnx_tensor(&f, "five", (const int64_t[]){5, -1}, values, 5);
        onnx_node(&f, "Conv", "x w", "v");
        onnx_node(&f, faults[i].type, faults[i].inputs, "y");
        refuse(&f, faults[i].wanted);
    }
}

static void test_bad_attributes(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        int64_t value[4];
        const char *wanted;
    } faults[] = {
        {"strides", 2, {0, 1}, "a stride of 0"},
        {"strides", 2, {9, 9}, "strides: 9 is not 0 to 8"},
        {"strides", 1, {1}, "strides has 1 elements, not 2"},
        {"dilations", 2, {2, 2}, "dilated kernels are not read"},
        {"pads", 4, {-1, 0, 0, 0}, "pads: -1 is not 0 to 15"},
        {"pads", 4, {3, 3, 3, 3}, "the padding is as large as the kernel"},
        {"pads", 4, {0, 0, 0, 0}, "which is no whole multiple"},
        {"kernel_shape", 2, {5, 5}, "kernel_shape 5, the weights have 3"},
    };
    const float weight = 1;
    (void)state;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct onnx_file f = onnx_open(17, 1);
        onnx_tensor(&f, "w", (const int64_t[]){1, 1, 3, 3, -1}, &weight, 1);
        Onnx__Node *node = onnx_node(&f, "Conv", "x w", "y");
        onnx_set_ints(node, faults[i].name, faults[i].count, faults[i].value);
        refuse(&f, faults[i].wanted);
    }
}

static void test_bad_tensors(void **state)
{
    const float weight = 1;
    (void)state;

    for (int fault = 0; fault < 5; fault++) {
        static const char *const wanted[] = {
            "tensor w: 9 elements of data, its shape 18", "tensor w: type 8 is not read",
            "tensor w: its data lie in another file", "tensor w: a dimension of -3",
            "tensor w: element 4 is not a number"};
        struct onnx_file f = onnx_open(17, 1);
        add_conv(&f, "x", "y", 1);
        Onnx__Tensor *t = f.model->graph->initializer[0];
        if (fault == 0)
            t->dims[0] = 2;
        else if (fault == 1)
            t->data_type = 8;
        else if (fault == 2)
            t->has_data_location = t->data_location = 1;
        else if (fault == 3)
            t->dims[2] = -3;
        else
            t->float_data[4] = NAN;
        refuse(&f, wanted[fault]);
    }
    struct onnx_file f = onnx_open(8, 1);
    add_conv(&f, "x", "y", weight);
    refuse(&f, "operator set 8; 9 to 21 are read");
    f = onnx_open(17, 2);
    add_conv(&f, "x", "y", weight);
    refuse(&f, "input x has 2 channels; 1 (luma) or 3 (RGB) are read");
    f = onnx_open(17, 1);
    add_conv(&f, "x", "x", weight);
    refuse(&f, "value x is defined twice");
}

static void test_truncated(void **state)
{
    struct onnx_file f = onnx_open(17, 1);
    struct image_network network;
    (void)state;

    add_conv(&f, "x", "y", 1);
    struct mapped_file whole = onnx_close(&f);
    for (size_t size = 0; size < whole.size; size++) {
        struct mapped_file part = exact_copy(whole.data, size);
        struct error err = {0};
        bool accepted = onnx_import(&network, &part, "net.onnx", 1, &err);
        free((void *)(uintptr_t)part.data);
        /* The operator set comes last but one: a file cut there lacks it. */
        assert_refused(accepted, &err, "net.onnx: ");
    }
    free((void *)(uintptr_t)whole.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv),        cmocka_unit_test(test_transposed),
        cmocka_unit_test(test_arithmetic),  cmocka_unit_test(test_shuffle_orders),
        cmocka_unit_test(test_bad_graphs),  cmocka_unit_test(test_bad_attributes),
        cmocka_unit_test(test_bad_tensors), cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
