/* SPDX-License-Identifier: Apache-2.0 */
/* The half subnet as a network of its own puts out what it does inside the whole one. */
#include "gen/image/subnet_cut.h"

#include "gen/image/float.h"
#include "gen/image/import.h"
#include "testbench/test_support.h"

enum { SIDE = 9, SEED = 7, CHANNELS = 3 };

static void run(const struct image_network *network, enum image_subnet subnet, float *out)
{
    float picture[CHANNELS * SIDE * SIDE];
    uint32_t side = SIDE * network->scale;
    struct image_tensor from = {CHANNELS, SIDE, SIDE, {picture}};
    struct image_tensor to = {CHANNELS, side, side, {NULL}};
    uint64_t random = SEED;
    struct error err = {0};

    to.real = out;
    for (size_t i = 0; i < sizeof picture / sizeof *picture; i++)
        picture[i] = (float)(next_random(&random) % 256);
    if (!image_run_float(network, subnet, &from, &to, NULL, NULL, &err))
        fail_msg("%s", err.message);
}

static void test_half(void **state)
{
    static float inside[CHANNELS * SIDE * SIDE * 4], alone[CHANNELS * SIDE * SIDE * 4];
    struct image_network network;
    struct error err = {0};
    (void)state;

    if (!image_open(&network, "models/essr/essr_x2.safetensors", 0, &err))
        fail_msg("%s", err.message);
    uint64_t parameters = image_parameters(&network, SUBNET_HALF);
    run(&network, SUBNET_HALF, inside);
    if (!image_subnet_cut(&network, &err))
        fail_msg("%s", err.message);
    assert_int_equal(image_parameters(&network, SUBNET_FULL), parameters);
    run(&network, SUBNET_FULL, alone);
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (alone[i] != inside[i])
            fail_msg("seed %d, value %zu: %g alone, %g inside", SEED, i, (double)alone[i],
                     (double)inside[i]);

    /* It has no subnets now. */
    assert_false(image_subnet_cut(&network, &err));
    assert_int_equal(err.code, ERROR_INPUT);
    image_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_half)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
