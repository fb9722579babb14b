/* SPDX-License-Identifier: Apache-2.0 */
/* MATRIX against the same sums in double, which holds them exactly: no tolerance. */
#include "testbench/operator_support.h"

enum { SEED = 71, ROUNDS = 120, TARGET = 5 };

static double clamp(double x, double limit)
{
    return fmin(fmax(x, -limit), limit);
}

/* round(sum * 2^(8 - shift)) of a row, halves up. */
static double row_sum(const struct rig *rig, const struct tape_op *op, uint32_t row,
                      uint32_t column)
{
    uint32_t inputs = op->blocks * BLOCK, group = (uint32_t)BLOCK << op->group_shift;
    double sum = 0;

    for (uint32_t i = 0; i < inputs; i++) {
        uint32_t scale = row * tape_groups(op) + i / group;
        sum += (double)rig->q[row * inputs + i] * rig->scale[scale] *
               operand_value(&rig->tile->operand, i, column);
    }
    return floor(ldexp(sum, ACCUMULATOR_LEFT - op->shift) + 0.5);
}

static void draw_operand(struct rig *rig, uint64_t *random, bool largest)
{
    struct operand *operand = &rig->tile->operand;

    for (uint32_t i = 0; i < rig->matrix.blocks * (uint32_t)BLOCK; i++)
        for (uint32_t c = 0; c < COLUMN_TILE; c++) {
            int q = (int)(next_random(random) % 255) - 127;
            operand->mantissa[i][c] = (int16_t)(largest ? (q < 0 ? -127 : 127) : q);
            operand->exponent[i / BLOCK][c] = (uint8_t)(largest ? 11 : next_random(random) % 12);
        }
}

static void check(const struct rig *rig, const struct tape_op *op, int32_t (*before)[COLUMN_TILE])
{
    const struct column_tile *tile = rig->tile;

    for (uint32_t r = 0; r < op->rows; r++)
        for (uint32_t c = 0; c < COLUMN_TILE; c++) {
            double sum = row_sum(rig, op, r, c), wanted = clamp(sum, WIDE_MAX), found;
            if (op->variant == MATRIX_TO_RESIDUAL) {
                wanted = clamp(clamp(sum, INT32_MAX) + before[r][c], INT32_MAX);
                found = tile->residual[r][c];
            } else {
                found = op->variant == MATRIX_TO_WIDE ? tile->wide[op->target + r][c]
                                                      : tile->logit[r][c];
            }
            if (found != wanted)
                fail_msg("seed %d: %u rows, %u blocks, %u bits, variant %u, shift %u: row %u, "
                         "column %u: %.0f, not %.0f",
                         SEED, op->rows, op->blocks, op->weight_bits, op->variant, op->shift, r, c,
                         found, wanted);
        }
}

static void run_round(uint64_t *random, bool largest)
{
    static const uint8_t widths[] = {8, 4, 3, 2};
    struct tape_op matrix = {.weight_bits = widths[next_random(random) % 4],
                             .group_shift = (uint8_t)(next_random(random) % 3),
                             .blocks = (uint16_t)(1 + next_random(random) % 9),
                             .rows = (uint16_t)(2 + next_random(random) % 15 * 2),
                             .target = TARGET};
    struct mill_shape shape = {.dim = matrix.rows > 144 ? matrix.rows : 144,
                               .hidden_dim = 1,
                               .layers = 1,
                               .heads = 1,
                               .kv_heads = 1,
                               .head_dim = 2,
                               .vocab = matrix.rows,
                               .max_seq = 1,
                               .weight_bits = 8,
                               .act_bits = 8};
    struct rig rig;

    rig_open(&rig, &shape, &matrix, random);
    draw_operand(&rig, random, largest);
    for (unsigned variant = MATRIX_TO_WIDE; variant <= MATRIX_TO_LOGITS; variant++) {
        struct tape_op op = rig.matrix;
        int32_t before[32][COLUMN_TILE] = {{0}};
        op.variant = (uint8_t)variant;
        op.shift = (uint8_t)(largest ? next_random(random) % 8 : next_random(random) % 40);
        for (uint32_t r = 0; r < op.rows; r++)
            for (uint32_t c = 0; c < COLUMN_TILE; c++)
                before[r][c] = rig.tile->residual[r][c] =
                    largest ? (c % 2 ? INT32_MAX : -INT32_MAX) : draw_value(random, 31);
        matrix_operator.run(rig.reference, rig.tile, &op, 0);
        check(&rig, &op, before);
    }
    rig_close(&rig);
}

static void test_random(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (int round = 0; round < ROUNDS; round++)
        run_round(&random, false);
}

static void test_saturation(void **state)
{
    uint64_t random = SEED + 1;
    (void)state;

    for (int round = 0; round < ROUNDS / 4; round++)
        run_round(&random, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_saturation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
