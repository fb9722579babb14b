/* SPDX-License-Identifier: Apache-2.0 */
/* What rounding costs a matrix's outputs, by samples of correlated inputs. */
#include "gen/quant/gptq.h"

#include <math.h>

#include "gen/op/numerics.h"
#include "testbench/test_support.h"

enum { SEED = 77, ROUNDS = 12, ROWS = 8, COLUMNS = 48, SAMPLES = 400, CAUSES = 12 };

struct inputs {
    float exact[SAMPLES][COLUMNS];
    float rounded[SAMPLES][COLUMNS]; /* to 4 bits in blocks */
    float hessian[COLUMNS * COLUMNS];
};

/* Few causes of many inputs: most directions vary less than 4 bits round. */
static void draw_inputs(uint64_t *random, struct inputs *in)
{
    float mix[CAUSES][COLUMNS];

    memset(in, 0, sizeof *in);
    for (int c = 0; c < CAUSES; c++)
        for (int i = 0; i < COLUMNS; i++)
            mix[c][i] = 3000 * next_float(random);
    for (int s = 0; s < SAMPLES; s++)
        for (int c = 0; c < CAUSES; c++) {
            float cause = next_float(random);
            for (int i = 0; i < COLUMNS; i++)
                in->exact[s][i] += cause * mix[c][i];
        }
    for (int s = 0; s < SAMPLES; s++)
        for (int i = 0; i < COLUMNS; i++)
            for (int j = 0; j < COLUMNS; j++)
                in->hessian[i * COLUMNS + j] += in->exact[s][i] * in->exact[s][j];
    for (int s = 0; s < SAMPLES; s++)
        for (int first = 0; first < COLUMNS; first += BLOCK) {
            int32_t value[BLOCK];
            int16_t mantissa[BLOCK];
            for (int i = 0; i < BLOCK; i++)
                value[i] = (int32_t)lroundf(in->exact[s][first + i]);
            unsigned exponent = block_quantise(value, BLOCK, 4, mantissa);
            for (int i = 0; i < BLOCK; i++)
                in->rounded[s][first + i] = ldexpf(mantissa[i], (int)exponent);
        }
}

static double weight_of(const struct quantised_matrix *m, uint32_t row, uint32_t input)
{
    uint32_t group = row * quantised_groups(m) + input / m->group;
    return ldexp((double)m->q[(size_t)row * m->inputs + input] * m->scale[group], -m->exponent);
}

/* Summed squares of the outputs' errors, with inputs as they are or rounded. */
static double cost(const struct float_matrix *w, const struct quantised_matrix *q,
                   const struct inputs *in, bool rounded)
{
    double sum = 0;

    for (int s = 0; s < SAMPLES; s++)
        for (uint32_t row = 0; row < ROWS; row++) {
            double error = 0;
            for (uint32_t i = 0; i < COLUMNS; i++)
                error += weight_of(q, row, i) * (rounded ? in->rounded : in->exact)[s][i] -
                         (double)w->value[row * COLUMNS + i] * in->exact[s][i];
            sum += error * error;
        }
    return sum;
}

static void check(int round, const char *what, double least, double most)
{
    if (!(least < most))
        fail_msg("seed %d, round %d: %s cost %g, not less than %g", SEED, round, what, least, most);
}

static void test_costs(void **state)
{
    static struct inputs in;
    uint64_t random = SEED;
    struct error err = {0};
    (void)state;

    for (int round = 0; round < ROUNDS; round++) {
        float value[ROWS * COLUMNS];
        struct float_matrix w = {ROWS, COLUMNS, value};
        struct quantised_matrix nearest, exact, noisy;
        draw_inputs(&random, &in);
        for (int i = 0; i < ROWS * COLUMNS; i++)
            value[i] = next_float(&random);
        assert_true(quantise_to_nearest(&w, 4, 16, &nearest, &err));
        assert_true(quantise_compensated(&w, in.hessian, 8, 4, 16, &exact, &err));
        assert_true(quantise_compensated(&w, in.hessian, 4, 4, 16, &noisy, &err));
        check(round, "compensated rounding", cost(&w, &exact, &in, false),
              cost(&w, &nearest, &in, false));
        check(round, "weights for inputs of 4 bits", cost(&w, &noisy, &in, true),
              cost(&w, &exact, &in, true));
        quantised_matrix_free(&nearest);
        quantised_matrix_free(&exact);
        quantised_matrix_free(&noisy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_costs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
