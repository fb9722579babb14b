/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A matrix of the tape times the operand: block floating point activations
 * (16 inputs an exponent), weights in groups with a scale.  Only sums of
 * integers, so that their order does not matter; a block's sum times a scale
 * fits 32 bits (16 * 127 * 127 * 255 < 2^26), the whole 48.
 */
#include "gen/op/lanes.h"
#include "gen/op/operator.h"

/* acc[c] += sum over a block of weight[i] * mantissa[i][c], exponent applied. */
static void add_block(int64_t acc[COLUMN_TILE], const int16_t *weight,
                      const int16_t (*mantissa)[COLUMN_TILE], const uint8_t *exponent)
{
    int32_lanes partial = {0};

    for (unsigned i = 0; i < OPERAND_BLOCK; i++)
        add_product_int16(&partial, weight[i], mantissa[i]);
    for (unsigned c = 0; c < COLUMN_TILE; c++)
        acc[c] += shift_left(partial[c], exponent[c]);
}

static void store_row(struct column_tile *tile, const struct tape_op *op, uint32_t row,
                      const int64_t acc[COLUMN_TILE])
{
    for (unsigned c = 0; c < COLUMN_TILE; c++) {
        int64_t out = round_shift(shift_left(acc[c], ACCUMULATOR_LEFT), op->shift);
        if (op->variant == MATRIX_TO_RESIDUAL)
            tile->residual[row][c] =
                saturate_residual((int64_t)tile->residual[row][c] + saturate_residual(out));
        else if (op->variant == MATRIX_TO_WIDE)
            tile->wide[op->target + row][c] = saturate_wide(out);
        else
            tile->logit[row][c] = saturate_wide(out);
    }
}

static void matrix_run(struct reference *reference, struct column_tile *tile,
                       const struct tape_op *op, size_t index)
{
    const int16_t *weight = reference->weight[index];
    const int16_t(*mantissa)[COLUMN_TILE] = (const int16_t(*)[COLUMN_TILE])tile->operand.mantissa;

    for (uint32_t row = 0; row < op->rows; row++) {
        int64_t acc[COLUMN_TILE] = {0};
        for (size_t b = 0; b < op->blocks * BLOCK / OPERAND_BLOCK; b++, weight += OPERAND_BLOCK)
            add_block(acc, weight, mantissa + b * OPERAND_BLOCK, tile->operand.exponent[b]);
        store_row(tile, op, row, acc);
    }
}

static const struct micro_pass program[] = {{MICRO_MATRIX, MICRO_LAST}};

const struct operator_definition matrix_operator = {
    "matrix", OP_MATRIX, matrix_run, {program, program, program}};
