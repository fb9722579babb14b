/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RMS norm (Zhang and Sennrich 2019, equation 4) of the residual stream into
 * the operand store.  The result is the unit vector x / |x|; sqrt(dim) and the
 * norm's weight are folded into the matrix that follows.
 */
#include <assert.h>

#include "gen/op/function_table.h"
#include "gen/op/operator.h"

enum { NORM_MANTISSA_BITS = 15 };

/* 1/sqrt(sum) as *root / 2^15 / 2^result. */
static unsigned reciprocal_square_root(uint64_t sum, int32_t *root)
{
    assert(sum > 0);
    unsigned k = (bit_length(sum) + 1) / 2;
    assert(k > 0);
    uint32_t fraction = (uint32_t)(2 * k >= 16 ? sum >> (2 * k - 16) : sum << (16 - 2 * k));

    *root = function_table_eval(FUNCTION_RSQRT + (fraction >> 9), fraction & 511, 9);
    return k;
}

static void norm_column(const struct tape_op *op, struct column_tile *tile, uint32_t dim,
                        unsigned act_bits, unsigned column)
{
    uint32_t largest = 0;
    for (uint32_t i = 0; i < dim; i++) {
        int32_t x = tile->residual[i][column];
        uint32_t magnitude = (uint32_t)(x < 0 ? -x : x);
        largest = magnitude > largest ? magnitude : largest;
    }
    unsigned length = bit_length(largest);
    unsigned shift = length > NORM_MANTISSA_BITS ? length - NORM_MANTISSA_BITS : 0;

    uint64_t epsilon = op->constant >> (2 * shift);
    uint64_t sum = epsilon ? epsilon : 1;
    for (uint32_t i = 0; i < dim; i++) {
        int64_t m = saturate(round_shift(tile->residual[i][column], shift), 32767);
        sum += (uint64_t)(m * m);
    }

    int32_t root;
    unsigned k = reciprocal_square_root(sum, &root);
    for (uint32_t first = 0; first < dim; first += BLOCK) {
        int32_t block[BLOCK];
        uint32_t count = dim - first < BLOCK ? dim - first : BLOCK;
        for (uint32_t i = 0; i < count; i++) {
            int64_t m = saturate(round_shift(tile->residual[first + i][column], shift), 32767);
            block[i] = saturate_wide(round_shift(m * root, k - 1));
        }
        operand_quantise(&tile->operand, first, block, count, act_bits, column);
    }
}

static void norm_run(struct reference *reference, struct column_tile *tile,
                     const struct tape_op *op, size_t index)
{
    const struct mill_shape *shape = &reference->mill->shape;
    (void)index;

    for (unsigned column = 0; column < tile->active; column++)
        norm_column(op, tile, shape->dim, shape->act_bits, column);
}

static const struct micro_pass program[] = {
    {MICRO_SUMSQ, MICRO_COUNT_DIM},
    {MICRO_RSQRT, 0},
    {MICRO_NORM, MICRO_COUNT_DIM | MICRO_LAST},
};

const struct operator_definition norm_operator = {"norm", OP_NORM, norm_run, {program}};
