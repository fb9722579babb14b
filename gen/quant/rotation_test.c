/* SPDX-License-Identifier: Apache-2.0 */
/* Rotations: orthonormal, the same in float and in the online operator's
 * integers, and without effect on a product that takes them on both sides. */
#include "gen/quant/rotation.h"

#include "gen/quant/hadamard12.h"
#include "testbench/operator_support.h"

enum { SEED = 171, MOST = 512 };

static const uint32_t sizes[] = {1, 2, 12, 16, 48, 80, 128, 192, 384, 512};

static void test_twelve(void **state)
{
    (void)state;

    for (unsigned a = 0; a < 12; a++)
        for (unsigned b = 0; b < 12; b++) {
            int dot = 0;
            for (unsigned c = 0; c < 12; c++)
                dot += hadamard12_sign(a, c) * hadamard12_sign(b, c);
            assert_int_equal(dot, a == b ? 12 : 0);
        }
}

/* Products of vectors stay, so the rotation is orthonormal. */
static void test_orthonormal(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct rotation r = rotation_choose(sizes[s]);
        float x[MOST], y[MOST];
        double before = 0, after = 0;
        for (uint32_t i = 0; i < sizes[s]; i++) {
            x[i] = next_float(&random);
            y[i] = next_float(&random);
            before += (double)x[i] * y[i];
        }
        rotation_apply(&r, x);
        rotation_apply(&r, y);
        for (uint32_t i = 0; i < sizes[s]; i++)
            after += (double)x[i] * y[i];
        if (!(fabs(before - after) < 1e-4))
            fail_msg("seed %d, %u elements: a product of %g became %g", SEED, sizes[s], before,
                     after);
    }
}

/* M x, with both rotated, and results rotated back by rotating again what
 * rotation_of_outputs gave. */
static void test_matrix(void **state)
{
    enum { ROWS = 12, COLUMNS = 48 };
    struct rotation inputs = rotation_choose(COLUMNS), outputs = rotation_choose(ROWS);
    float value[ROWS * COLUMNS], x[COLUMNS], wanted[ROWS] = {0};
    struct float_matrix m = {ROWS, COLUMNS, value};
    uint64_t random = SEED + 1;
    struct error err = {0};
    (void)state;

    for (int i = 0; i < ROWS * COLUMNS; i++)
        value[i] = next_float(&random);
    for (int i = 0; i < COLUMNS; i++)
        x[i] = next_float(&random);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < COLUMNS; i++)
            wanted[r] += value[r * COLUMNS + i] * x[i];
    rotation_apply(&outputs, wanted);
    rotation_of_inputs(&inputs, &m);
    assert_true(rotation_of_outputs(&outputs, &m, &err));
    rotation_apply(&inputs, x);
    for (int r = 0; r < ROWS; r++) {
        float found = 0;
        for (int i = 0; i < COLUMNS; i++)
            found += value[r * COLUMNS + i] * x[i];
        if (!(fabsf(found - wanted[r]) < 1e-4F))
            fail_msg("seed %d, row %d: %g, not %g", SEED + 1, r, (double)found, (double)wanted[r]);
    }
}

/* The operator on a tile: within its roundings of the float rotation. */
static void check_operator(uint32_t count, uint64_t *random)
{
    struct mill_shape shape = {.dim = 2,
                               .layers = 1,
                               .vocab = 1,
                               .max_seq = 1,
                               .weight_bits = 8,
                               .act_bits = 8,
                               .architecture = ARCHITECTURE_MAMBA2,
                               .mixer = {count, 16, 4, 0, 1},
                               .state_bits = 8};
    struct tape_op matrix = {.weight_bits = 8, .blocks = 1, .rows = (uint16_t)count};
    struct rotation r = rotation_choose(count);
    struct tape_op op = {.opcode = OP_ROTATE,
                         .variant = r.twelve ? ROTATE_TWELVE : ROTATE_BUTTERFLY,
                         .count = (uint16_t)count,
                         .shift = (uint8_t)r.stages};
    struct rig rig;

    rig_open(&rig, &shape, &matrix, random);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t c = 0; c < COLUMN_TILE; c++)
            rig.tile->wide[i][c] = draw_value(random, 12);
    rotate_operator.run(rig.reference, rig.tile, &op, 0);
    for (uint32_t c = 0; c < COLUMN_TILE; c++) {
        float wanted[MOST];
        for (uint32_t i = 0; i < count; i++)
            wanted[i] = (float)rig.tile->wide[i][c];
        rotation_apply(&r, wanted);
        for (uint32_t i = 0; i < count; i++) {
            double found =
                operand_value(&rig.tile->operand, i, c) * (double)rotation_online_factor(&r);
            double tolerance = operand_step(&rig.tile->operand, i, c) + 6;
            if (!(fabs(found - (double)wanted[i]) <= tolerance))
                fail_msg("seed %d, %u elements, %u of column %u: %g, not %g", SEED + 2, count, i, c,
                         found, (double)wanted[i]);
        }
    }
    rig_close(&rig);
}

static void test_operator(void **state)
{
    uint64_t random = SEED + 2;
    (void)state;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        if (sizes[s] % BLOCK == 0)
            check_operator(sizes[s], &random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twelve),
        cmocka_unit_test(test_orthonormal),
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
