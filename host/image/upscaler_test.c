/* SPDX-License-Identifier: Apache-2.0 */
/* Patches and bands put together, on the networks that ship: the same as the
 * whole picture at once, byte for byte, at sizes that fit nothing. */
#include "host/image/upscaler.h"

#include "gen/image/compile.h"
#include "gen/image/float.h"
#include "host/image/edge_score.h"
#include "host/image/quality.h"
#include "testbench/test_support.h"

static const char network_path[] = "models/essr/essr_x2.safetensors";

static void open_network(struct integer_network *network)
{
    const struct image_compile_options options = {.quantise = {8, 8}};
    struct error err = {0};

    if (!image_compile(network, network_path, &options, &err))
        fail_msg("%s", err.message);
}

/* A picture with flat, striped and noisy parts. */
static void open_planes(struct planes *planes, uint32_t width, uint32_t height)
{
    struct error err = {0};
    uint64_t random = width * 1000 + height;

    if (!planes_alloc(planes, width, height, 3, &err))
        fail_msg("%s", err.message);
    for (uint32_t c = 0; c < 3; c++)
        for (uint32_t y = 0; y < height; y++)
            for (uint32_t x = 0; x < width; x++)
                planes_plane(planes, c)[(size_t)y * width + x] = x < width / 3 ? 40 + c
                                                                 : x < 2 * width / 3
                                                                     ? (y / 2 % 2 ? 200 : 30 * c)
                                                                     : next_random(&random) % 256;
}

/* The whole picture in one run of the integers. */
static int32_t *run_whole(const struct integer_network *network, enum image_subnet subnet,
                          const struct planes *planes)
{
    uint32_t s = network->network.scale;
    size_t pixels = (size_t)planes->width * planes->height * 3;
    struct image_tensor in = {3, planes->height, planes->width, {NULL}};
    struct image_tensor out = {3, s * in.height, s * in.width, {NULL}};
    struct error err = {0};

    in.data = malloc(pixels * sizeof(int32_t));
    out.data = malloc(pixels * sizeof(int32_t) * s * s);
    assert_true(in.data && out.data);
    for (size_t i = 0; i < pixels; i++)
        in.whole[i] = (int32_t)planes->value[i];
    if (!image_run_integer(network, subnet, &in, &out, &err))
        fail_msg("%s", err.message);
    free(in.data);
    return out.whole;
}

static void check_stitched(struct integer_network *network, uint32_t width, uint32_t height,
                           enum image_subnet last)
{
    static const char *const names[] = {"bilinear", "half", "full"};
    struct error err = {0};
    struct planes in = {0}, out = {0};

    open_planes(&in, width, height);
    for (enum image_subnet s = SUBNET_BILINEAR; s <= last; s++) {
        struct upscaler u = {0};
        struct upscale_counts counts = {0};
        int32_t *whole = run_whole(network, s, &in);
        if (!upscaler_open(&u, network, "ref", names[s], &err) ||
            !upscale_planes(&u, &in, &out, &counts, &err))
            fail_msg("%s", err.message);
        for (size_t i = 0; i < (size_t)out.width * out.height * 3; i++)
            if ((int32_t)out.value[i] != whole[i])
                fail_msg("%u x %u, %s: sample %zu is %d, in the whole picture %d", width, height,
                         names[s], i, (int)out.value[i], whole[i]);
        assert_int_equal(counts.patches[s], ((width + 31) / 32) * ((height + 31) / 32));
        planes_free(&out);
        free(whole);
    }
    planes_free(&in);
}

/* 2100 pixels a row make a band 32 rows high. */
static void test_stitched(void **state)
{
    struct integer_network network;
    (void)state;

    open_network(&network);
    check_stitched(&network, 1, 1, SUBNET_FULL);
    check_stitched(&network, 3, 2, SUBNET_FULL);
    check_stitched(&network, 33, 31, SUBNET_FULL);
    check_stitched(&network, 2100, 38, SUBNET_HALF);
    image_network_free(&network.network);
}

/* Each patch of auto is that patch of the subnet that its edges ask for. */
static void test_auto(void **state)
{
    struct integer_network network;
    struct error err = {0};
    struct planes in, out = {0};
    struct upscaler u = {0};
    struct upscale_counts counts;
    (void)state;

    open_network(&network);
    open_planes(&in, 130, 70);
    if (!upscaler_open(&u, &network, "ref", "auto", &err))
        fail_msg("%s", err.message);
    u.threshold[1] = UINT64_C(120) * 1024; /* of the stripes and noise, so that all three occur */
    if (!upscale_planes(&u, &in, &out, &counts, &err))
        fail_msg("%s", err.message);
    int32_t *whole[SUBNETS];
    for (enum image_subnet s = SUBNET_BILINEAR; s < SUBNETS; s++) {
        whole[s] = run_whole(&network, s, &in);
        assert_true(counts.patches[s] > 0);
    }
    for (uint32_t i = 0; i < out.width * out.height * 3; i++) {
        uint32_t x = i % out.width / 2 / 32 * 32, y = i / out.width % out.height / 2 / 32 * 32;
        struct patch p = {x, y, 130 - x < 32 ? 130 - x : 32, 70 - y < 32 ? 70 - y : 32};
        uint64_t score = edge_score(&in, &p) * 1024ULL, area = (uint64_t)p.width * p.height;
        enum image_subnet s = score >= 120ULL * 1024 * area ? SUBNET_FULL
                              : score >= 8192ULL * area     ? SUBNET_HALF
                                                            : SUBNET_BILINEAR;
        if ((int32_t)out.value[i] != whole[s][i])
            fail_msg("sample %u, subnet %d: %d, not %d", i, s, (int)out.value[i], whole[s][i]);
    }
    for (int s = 0; s < SUBNETS; s++)
        free(whole[s]);
    planes_free(&in);
    planes_free(&out);
    image_network_free(&network.network);
}

/* A grating of slope 1 has no Laplacian; a single bright pixel has one of 8. */
static void test_edge_score(void **state)
{
    struct planes p = {4, 4, 1, calloc(16, sizeof(double))};
    const struct patch whole = {0, 0, 4, 4}, one = {3, 3, 1, 1};
    (void)state;

    assert_non_null(p.value);
    assert_int_equal(edge_score(&p, &whole), 0);
    p.value[5] = 10; /* (1, 1): 80, and 20 at its corners, 40 where the border mirrors it */
    assert_int_equal(edge_score(&p, &whole), 80 + 80 + 40 + 40 + 20);
    p.value[5] = 255;
    assert_int_equal(edge_score(&p, &whole), 5 * 255);
    assert_int_equal(edge_score(&p, &one), 0);
    planes_free(&p);
}

static void test_quality(void **state)
{
    double a[32 * 32], b[32 * 32];
    const struct quality_planes planes = {a, b, 32, 32, 2};
    (void)state;

    for (int i = 0; i < 32 * 32; i++) {
        a[i] = i * 13 % 256;
        b[i] = a[i] + (i % 2 ? 2 : -2);
    }
    assert_float_equal(quality_psnr(&planes), 42.1102, 1e-3); /* 10 log10(255^2 / 4) */
    assert_true(quality_ssim(&planes) < 1 && quality_ssim(&planes) > 0.99);
    const struct quality_planes same = {a, a, 32, 32, 2};
    assert_float_equal(quality_ssim(&same), 1, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stitched),
        cmocka_unit_test(test_auto),
        cmocka_unit_test(test_edge_score),
        cmocka_unit_test(test_quality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
