/* SPDX-License-Identifier: Apache-2.0 */
/* GLU against silu(gate) * up in double. */
#include "testbench/operator_support.h"

enum { SEED = 81, ROUNDS = 150 };

/* Tolerance: a step of the operand, and of the product what two units of silu's
 * Q12 make: one for the chord, one for its rounding. */
static void check(const struct rig *rig, const struct tape_op *op)
{
    const struct column_tile *tile = rig->tile;
    int gate_fraction = GATE_FRACTION - op->shift2;

    for (uint32_t i = 0; i < (op->count + 15u) / 16 * 16; i++)
        for (uint32_t c = 0; c < COLUMN_TILE; c++) {
            double gate = i < op->count ? ldexp(tile->wide[op->source + i][c], -gate_fraction) : 0;
            double up = i < op->count ? tile->wide[op->target + i][c] : 0;
            double silu = fmin(gate / (1 + exp(-gate)), ldexp(WIDE_MAX, -GATE_FRACTION));
            double wanted = ldexp(silu * up, GATE_FRACTION - op->shift);
            wanted = fmin(fmax(wanted, -WIDE_MAX), WIDE_MAX);
            double found = operand_value(&tile->operand, i, c);
            double tolerance =
                operand_step(&tile->operand, i, c) + 1 + ldexp(2 * fabs(up), -op->shift);
            if (fabs(found - wanted) > tolerance)
                fail_msg("seed %d, shifts %u and %u, value %u, column %u: silu(%g) * %g is %g, "
                         "not %g +- %g",
                         SEED, op->shift, op->shift2, i, c, gate, up, found, wanted, tolerance);
        }
}

static void run_round(uint64_t *random, uint16_t count, unsigned bits)
{
    struct mill_shape shape = {.dim = 2,
                               .hidden_dim = count,
                               .layers = 1,
                               .heads = 1,
                               .kv_heads = 1,
                               .head_dim = 2,
                               .vocab = 1,
                               .max_seq = 1,
                               .weight_bits = 8,
                               .act_bits = 8};
    struct tape_op matrix = {.weight_bits = 8, .blocks = 1, .rows = (uint16_t)(2 * count)};
    struct tape_op op = {.opcode = OP_GLU, .target = count, .count = count};
    struct rig rig;

    rig_open(&rig, &shape, &matrix, random);
    op.shift2 = (uint8_t)(next_random(random) % 5);
    op.shift = (uint8_t)(8 + next_random(random) % 9);
    for (uint32_t i = 0; i < matrix.rows; i++)
        for (uint32_t c = 0; c < COLUMN_TILE; c++)
            rig.tile->wide[i][c] =
                bits ? draw_value(random, bits) : (int)(i * 5 + c * 3) % 3 * WIDE_MAX - WIDE_MAX;
    glu_operator.run(rig.reference, rig.tile, &op, 0);
    check(&rig, &op);
    rig_close(&rig);
}

static void test_random(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (int round = 0; round < ROUNDS; round++)
        run_round(&random, (uint16_t)(1 + next_random(&random) % 60), 17);
}

/* 0 and both limits, in all combinations. */
static void test_edges(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (uint16_t count = 9; count < 40; count += 3)
        run_round(&random, count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
