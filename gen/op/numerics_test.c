/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/numerics.h"

#include <math.h>

#include "testbench/test_support.h"

enum { SEED = 91, ROUNDS = 20000 };

static void test_round_shift(void **state)
{
    uint64_t random = SEED;
    (void)state;

    assert_int_equal(round_shift(3, 1), 2); /* halves go up, of either sign */
    assert_int_equal(round_shift(-3, 1), -1);
    assert_int_equal(round_shift(-7, 0), -7);
    for (int i = 0; i < ROUNDS; i++) {
        int32_t x = (int32_t)next_random(&random) >> 2;
        unsigned shift = next_random(&random) % 30;
        int64_t wanted = (int64_t)floor(ldexp(x, -(int)shift) + 0.5);
        if (round_shift(x, shift) != wanted || round_shift_32(x, shift) != wanted)
            fail_msg("seed %d: %d >> %u: %lld and %d, not %lld", SEED, x, shift,
                     (long long)round_shift(x, shift), round_shift_32(x, shift), (long long)wanted);
        assert_int_equal(shift_left(x, shift), x * ((int64_t)1 << shift));
    }
}

static void test_saturate(void **state)
{
    (void)state;

    assert_int_equal(saturate_wide(131071), 131071);
    assert_int_equal(saturate_wide(131072), 131071);
    assert_int_equal(saturate_wide(-131072), -131071);
    assert_int_equal(saturate_wide(INT64_MIN), -131071);
    assert_int_equal(saturate_residual(INT64_MAX), INT32_MAX);
    assert_int_equal(saturate_residual(INT32_MIN), -INT32_MAX);
}

static void test_bit_length(void **state)
{
    (void)state;

    assert_int_equal(bit_length(0), 0);
    for (unsigned i = 0; i < 64; i++) {
        assert_int_equal(bit_length(1ull << i), i + 1);
        assert_int_equal(bit_length((1ull << i) | 1), i + 1);
    }
}

/* The exponent is the least with which the largest magnitude, not rounded, fits, or, at 4
 * bits, is below 9. */
static void check_block(const int32_t *value, unsigned count, unsigned bits)
{
    int16_t mantissa[16];
    unsigned exponent = block_quantise(value, count, bits, mantissa);
    double limit = ldexp(1, (int)bits - 1), largest = 0;
    double most = bits == 4 ? 9 : limit;

    for (unsigned i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)value[i]));
    if (ldexp(largest, -(int)exponent) >= most ||
        (exponent && ldexp(largest, 1 - (int)exponent) < most))
        fail_msg("seed %d: exponent %u for %g of %u bits", SEED, exponent, largest, bits);
    for (unsigned i = 0; i < count; i++) {
        double wanted = floor(ldexp(value[i], -(int)exponent) + 0.5);
        wanted = fmin(fmax(wanted, 1 - limit), limit - 1);
        if (mantissa[i] != wanted)
            fail_msg("seed %d: %d with exponent %u, %u bits: %d, not %g", SEED, value[i], exponent,
                     bits, mantissa[i], wanted);
    }
}

static void test_block_quantise(void **state)
{
    uint64_t random = SEED + 1;
    static const unsigned bits[] = {9, 8, 4};
    const int32_t edges[][3] = {
        {0, 0, 0},  {WIDE_MAX, -WIDE_MAX, 1}, {127, -127, 128}, {255, 254, -255},
        {1, 0, -1}, {65536, 65535, -65536},   {511, -510, 256}};
    (void)state;

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        check_block(edges[i], 3, 9);
        check_block(edges[i], 3, 8);
        check_block(edges[i], 3, 4);
    }
    for (int round = 0; round < ROUNDS; round++) {
        int32_t value[16];
        unsigned unused = 14 + next_random(&random) % 18;
        for (int i = 0; i < 16; i++)
            value[i] = saturate_wide((int32_t)next_random(&random) >> unused);
        check_block(value, 1 + next_random(&random) % 16, bits[round % 3]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_shift),
        cmocka_unit_test(test_saturate),
        cmocka_unit_test(test_bit_length),
        cmocka_unit_test(test_block_quantise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
