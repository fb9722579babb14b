/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/quantised_matrix.h"

#include <math.h>

#include "testbench/test_support.h"

enum { SEED = 41, SHAPES = 150 };

static const unsigned widths[] = {8, 4, 3, 2};

/* Values of very different magnitudes, some groups all zero. */
static struct float_matrix draw_matrix(uint64_t *random)
{
    struct float_matrix m = {1 + next_random(random) % 20, 1 + next_random(random) % 150, NULL};
    float magnitude = 0;

    m.value = malloc((size_t)m.rows * m.columns * sizeof *m.value);
    assert_non_null(m.value);
    for (size_t i = 0; i < (size_t)m.rows * m.columns; i++) {
        if (i % 16 == 0)
            magnitude = next_random(random) % 8 ? expf(6 * next_float(random)) : 0;
        m.value[i] = magnitude * next_float(random);
    }
    return m;
}

static double value_of(const struct quantised_matrix *m, uint32_t row, uint32_t input)
{
    uint32_t group = row * quantised_groups(m) + input / m->group;
    return ldexp((double)m->q[(size_t)row * m->inputs + input] * m->scale[group], -m->exponent);
}

static void check_error(const struct float_matrix *from, const struct quantised_matrix *m)
{
    for (uint32_t r = 0; r < from->rows; r++)
        for (uint32_t i = 0; i < from->columns; i++) {
            uint32_t group = r * quantised_groups(m) + i / m->group;
            double step = ldexp(m->scale[group], -m->exponent);
            double error = fabs(value_of(m, r, i) - from->value[(size_t)r * from->columns + i]);
            if (error > step / 2 * (1 + 1e-5))
                fail_msg("%u x %u, %u bits, groups of %u: row %u, input %u is off by %g, a step "
                         "is %g",
                         from->rows, from->columns, m->bits, m->group, r, i, error, step);
        }
}

/* A scale is the least that reaches the group's largest weight. */
static void check_scales(const struct float_matrix *from, const struct quantised_matrix *m)
{
    for (uint32_t r = 0; r < from->rows; r++)
        for (uint32_t first = 0; first < from->columns; first += m->group) {
            double largest = 0;
            for (uint32_t i = first; i < from->columns && i < first + m->group; i++)
                largest = fmax(largest, fabsf(from->value[(size_t)r * from->columns + i]));
            double wanted = ldexp(largest / quantised_limit(m->bits), m->exponent);
            uint8_t scale = m->scale[r * quantised_groups(m) + first / m->group];
            if (scale < wanted * (1 - 1e-5) || scale >= wanted * (1 + 1e-5) + 1)
                fail_msg("row %u, input %u: a scale of %u, %g is needed", r, first, scale, wanted);
        }
}

/* Padding is 0, and no weight has the magnitude that only one sign has. */
static void check_limits(const struct float_matrix *from, const struct quantised_matrix *m)
{
    assert_int_equal(m->inputs, (from->columns + 15) / 16 * 16);
    assert_int_equal(m->rows, m->bits < 8 ? (from->rows + 1) / 2 * 2 : from->rows);
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t i = 0; i < m->inputs; i++) {
            int q = m->q[(size_t)r * m->inputs + i];
            int limit = r < from->rows && i < from->columns ? quantised_limit(m->bits) : 0;
            if (abs(q) > limit)
                fail_msg("row %u of %u, input %u of %u: %d, the limit is %d", r, from->rows, i,
                         from->columns, q, limit);
        }
}

static void test_random(void **state)
{
    uint64_t random = SEED;
    struct error err = {0};
    (void)state;

    print_message("seed %d\n", SEED);
    for (int shape = 0; shape < SHAPES; shape++) {
        struct float_matrix from = draw_matrix(&random);
        struct quantised_matrix m;
        unsigned bits = widths[next_random(&random) % 4];
        assert_true(quantise_to_nearest(&from, bits, 16u << next_random(&random) % 3, &m, &err));
        check_error(&from, &m);
        check_scales(&from, &m);
        check_limits(&from, &m);
        quantised_matrix_free(&m);
        float_matrix_free(&from);
    }
}

/* The exponent uses the scales' range: the largest is in its upper half. */
static void test_exponent(void **state)
{
    struct error err = {0};
    (void)state;

    for (int power = -60; power <= 60; power += 5)
        for (size_t w = 0; w < 4; w++) {
            float value[3] = {ldexpf(1, power), ldexpf(-1.37f, power), 0};
            struct float_matrix from = {1, 3, value};
            struct quantised_matrix m;
            assert_true(quantise_to_nearest(&from, widths[w], 32, &m, &err));
            if (m.scale[0] < 128)
                fail_msg("2^%d, %u bits: a scale of %u wastes range", power, m.bits, m.scale[0]);
            check_error(&from, &m);
            quantised_matrix_free(&m);
        }
}

static void test_zero(void **state)
{
    float value[40] = {0};
    struct float_matrix from = {2, 20, value};
    struct error err = {0};
    struct quantised_matrix m;
    (void)state;

    assert_true(quantise_to_nearest(&from, 4, 16, &m, &err));
    for (uint32_t i = 0; i < m.rows * m.inputs; i++)
        assert_int_equal(m.q[i], 0);
    for (uint32_t i = 0; i < m.rows * quantised_groups(&m); i++)
        assert_int_equal(m.scale[i], 0);
    quantised_matrix_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_exponent),
        cmocka_unit_test(test_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
