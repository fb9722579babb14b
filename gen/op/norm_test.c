/* SPDX-License-Identifier: Apache-2.0 */
/* NORM against x / sqrt(sum x^2 + eps) in double. */
#include "testbench/operator_support.h"

enum { SEED = 61, ROUNDS = 200 };

static const struct tape_op matrix = {.weight_bits = 8, .rows = 1, .blocks = 1};

static struct mill_shape shape_of(uint32_t dim, uint32_t act_bits)
{
    return (struct mill_shape){.dim = dim,
                               .hidden_dim = 1,
                               .layers = 1,
                               .heads = 1,
                               .kv_heads = 1,
                               .head_dim = 2,
                               .vocab = 1,
                               .max_seq = 1,
                               .weight_bits = 8,
                               .act_bits = act_bits};
}

/* Tolerance: a step of the operand, two where a value of up to 9 may be held to 7, 1/5000 for the
 * table's chords and the 15-bit mantissas, and two units of the wide value. */
static void check_column(const struct rig *rig, uint64_t epsilon, uint32_t column)
{
    const struct column_tile *tile = rig->tile;
    uint32_t dim = rig->mill.shape.dim;
    double sum = (double)epsilon;

    for (uint32_t i = 0; i < dim; i++)
        sum += (double)tile->residual[i][column] * tile->residual[i][column];
    for (uint32_t i = 0; i < rig->reference->dim_padded; i++) {
        double x = i < dim ? tile->residual[i][column] : 0;
        double wanted = sum > 0 ? ldexp(x / sqrt(sum), NORM_FRACTION) : 0;
        double found = operand_value(&tile->operand, i, column);
        double steps = rig->mill.shape.act_bits == 4 ? 2 : 1;
        double tolerance =
            steps * operand_step(&tile->operand, i, column) + fabs(wanted) / 5000 + 2;
        if (fabs(found - wanted) > tolerance)
            fail_msg("seed %d, dim %u, column %u, value %u (%g): %g, not %g +- %g", SEED, dim,
                     column, i, x, found, wanted, tolerance);
    }
}

static void run(struct rig *rig, uint64_t epsilon)
{
    struct tape_op op = {.opcode = OP_NORM, .constant = epsilon};

    norm_operator.run(rig->reference, rig->tile, &op, 0);
    for (uint32_t c = 0; c < COLUMN_TILE; c++)
        check_column(rig, epsilon, c);
}

static void test_random(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (int round = 0; round < ROUNDS; round++) {
        struct mill_shape shape = shape_of(2 + next_random(&random) % 70, round % 4 ? 8 : 4);
        struct rig rig;
        rig_open(&rig, &shape, &matrix, &random);
        for (uint32_t c = 0; c < COLUMN_TILE; c++) {
            unsigned bits = 8 + next_random(&random) % 24;
            for (uint32_t i = 0; i < shape.dim; i++)
                rig.tile->residual[i][c] = (int32_t)(next_float(&random) * ldexpf(1, (int)bits));
        }
        run(&rig, next_random(&random));
        rig_close(&rig);
    }
}

/* Column 0: zero; 1: one spike; 2: all at the limit; 3: of alternating limits;
 * 4: one unit alone; 5: small against epsilon. */
static void test_edges(void **state)
{
    uint64_t random = SEED;
    struct mill_shape shape = shape_of(40, 8);
    struct rig rig;
    (void)state;

    rig_open(&rig, &shape, &matrix, &random);
    int32_t(*x)[COLUMN_TILE] = rig.tile->residual;
    x[7][1] = INT32_MAX;
    for (uint32_t i = 0; i < shape.dim; i++) {
        x[i][2] = INT32_MAX;
        x[i][3] = i % 2 ? INT32_MAX : -INT32_MAX;
        x[i][5] = (int32_t)i;
    }
    x[39][4] = 1000;
    run(&rig, 1);
    run(&rig, (uint64_t)1 << 40);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
