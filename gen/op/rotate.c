/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Hadamard rotation from the wide store into the operand store: 2^shift-point
 * butterflies (the fast Walsh-Hadamard transform) in each group of so many
 * elements, and in the variant ROTATE_TWELVE then Paley's matrix of order 12
 * across the 12 groups.  Additions alone: every second stage halves, so that
 * the vector's length stays, but for a factor of sqrt(2) after an odd number of
 * stages and of sqrt(12) / 4 after the twelve, which the matrix that follows
 * makes up.  With a shift of 0 this is a copy.
 */
#include "gen/op/operator.h"
#include "gen/quant/hadamard12.h"

enum { ROTATE_MOST = 32768 };

/* One stage over the whole vector, pairs `span` apart. */
static void butterfly(int32_t *x, uint32_t count, uint32_t span, unsigned halve)
{
    for (uint32_t group = 0; group < count; group += 2 * span)
        for (uint32_t i = group; i < group + span; i++) {
            int64_t a = x[i], b = x[i + span];
            x[i] = saturate_wide(round_shift(a + b, halve));
            x[i + span] = saturate_wide(round_shift(a - b, halve));
        }
}

static void twelve(int32_t *x, uint32_t stride)
{
    for (uint32_t i = 0; i < stride; i++) {
        int64_t sum[12] = {0};
        for (unsigned r = 0; r < 12; r++)
            for (unsigned c = 0; c < 12; c++)
                sum[r] += hadamard12_sign(r, c) * (int64_t)x[c * stride + i];
        for (unsigned r = 0; r < 12; r++)
            x[r * stride + i] = saturate_wide(round_shift(sum[r], 2));
    }
}

static void rotate_run(struct reference *reference, struct column_tile *tile,
                       const struct tape_op *op, size_t index)
{
    int32_t x[ROTATE_MOST] = {0};
    (void)index;

    for (unsigned column = 0; column < tile->active; column++) {
        for (uint32_t i = 0; i < op->count; i++)
            x[i] = tile->wide[op->source + i][column];
        for (unsigned stage = 0; stage < op->shift; stage++)
            butterfly(x, op->count, 1u << stage, stage % 2);
        if (op->variant == ROTATE_TWELVE)
            twelve(x, 1u << op->shift);
        operand_quantise(&tile->operand, 0, x, op->count, reference->mill->shape.act_bits, column);
    }
}

static const struct micro_pass butterfly_program[] = {
    {MICRO_HADAMARD, 0},
    {MICRO_COPY, MICRO_TO_OPERAND | MICRO_LAST},
};
static const struct micro_pass twelve_program[] = {
    {MICRO_HADAMARD, 0},
    {MICRO_TWELVE, 0},
    {MICRO_COPY, MICRO_TO_OPERAND | MICRO_LAST},
};

const struct operator_definition rotate_operator = {
    "rotate", OP_ROTATE, rotate_run, {butterfly_program, twelve_program}};
