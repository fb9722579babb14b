/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RMS norm (Zhang and Sennrich 2019, equation 4) of the residual stream, or of
 * a Mamba-2 block's gated values, into the operand store.  The result is the
 * unit vector x / |x|; sqrt(dim) and the norm's weight are folded into the
 * matrix that follows, but where a rotation comes between: then NORM_SCALED
 * multiplies by the weight, into the wide store.
 */
#include <assert.h>

#include "gen/mill/mixer_payload.h"
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

/* Where x / |x| of one column goes, NORM_FRACTION fraction bits, in blocks. */
struct normed {
    struct column_tile *tile;
    const struct tape_op *op;
    unsigned bits; /* of an operand's mantissa */
    unsigned column;
};

static void emit_operand(const struct normed *n, uint32_t first, const int32_t *block,
                         uint32_t count)
{
    operand_quantise(&n->tile->operand, first, block, count, n->bits, n->column);
}

/* Into the wide store, each times its weight. */
static void emit_scaled(const struct normed *n, uint32_t first, const int32_t *block,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int64_t weight = (int16_t)load_u16(n->op->payload + (size_t)(first + i) * NORM_RECORD);
        n->tile->wide[n->op->target + first + i][n->column] =
            saturate_wide(round_shift(block[i] * weight, n->op->shift));
    }
}

static void norm_column(const struct normed *n, const int32_t (*x)[COLUMN_TILE], uint32_t dim)
{
    unsigned column = n->column;
    uint32_t largest = 0;
    for (uint32_t i = 0; i < dim; i++) {
        uint32_t magnitude = (uint32_t)(x[i][column] < 0 ? -x[i][column] : x[i][column]);
        largest = magnitude > largest ? magnitude : largest;
    }
    unsigned length = bit_length(largest);
    unsigned shift = length > NORM_MANTISSA_BITS ? length - NORM_MANTISSA_BITS : 0;

    uint64_t epsilon = n->op->constant >> (2 * shift);
    uint64_t sum = epsilon ? epsilon : 1;
    for (uint32_t i = 0; i < dim; i++) {
        int64_t m = saturate(round_shift(x[i][column], shift), 32767);
        sum += (uint64_t)(m * m);
    }

    int32_t root;
    unsigned k = reciprocal_square_root(sum, &root);
    for (uint32_t first = 0; first < dim; first += OPERAND_BLOCK) {
        int32_t block[OPERAND_BLOCK];
        uint32_t count = dim - first < OPERAND_BLOCK ? dim - first : OPERAND_BLOCK;
        for (uint32_t i = 0; i < count; i++) {
            int64_t m = saturate(round_shift(x[first + i][column], shift), 32767);
            block[i] = saturate_wide(round_shift(m * root, k - 1));
        }
        if (n->op->variant == NORM_SCALED)
            emit_scaled(n, first, block, count);
        else
            emit_operand(n, first, block, count);
    }
}

static void norm_run(struct reference *reference, struct column_tile *tile,
                     const struct tape_op *op, size_t index)
{
    const struct mill_shape *shape = &reference->mill->shape;
    bool residual = op->variant == NORM_RESIDUAL;
    struct normed n = {.tile = tile, .op = op, .bits = op->shift2 ? op->shift2 : shape->act_bits};
    (void)index;

    for (n.column = 0; n.column < tile->active; n.column++)
        norm_column(&n, (const int32_t(*)[COLUMN_TILE])(residual ? tile->residual : tile->gated),
                    residual ? shape->dim : op->count);
}

static const struct micro_pass residual_program[] = {
    {MICRO_SUMSQ, MICRO_COUNT_DIM},
    {MICRO_RSQRT, 0},
    {MICRO_NORM, MICRO_COUNT_DIM | MICRO_LAST},
};
static const struct micro_pass gated_program[] = {
    {MICRO_SUMSQ, 0},
    {MICRO_RSQRT, 0},
    {MICRO_NORM, MICRO_LAST},
};
static const struct micro_pass scaled_program[] = {
    {MICRO_SUMSQ, 0},
    {MICRO_RSQRT, 0},
    {MICRO_NORM, 0},
    {MICRO_SCALE, MICRO_LAST},
};

const struct operator_definition norm_operator = {
    "norm", OP_NORM, norm_run, {residual_program, gated_program, scaled_program}};
