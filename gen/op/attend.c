/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attention of all heads over the KV cache (Vaswani et al. 2017, equation 1),
 * softmax to the base 2: log2(e)/sqrt(head_dim) is folded into the query's
 * matrix.  Probabilities take the exponents of the values that they weigh and
 * are quantised like any activation, in blocks of 16 positions, so that the
 * weighted sum of values is a matrix product with the positions as inputs.
 */
#include <assert.h>

#include "gen/op/function_table.h"
#include "gen/op/lanes.h"
#include "gen/op/operator.h"

/* What one head of one column sees of the cache.  Loops go over whole blocks of
 * positions: a constant count is what the compiler makes vector code of. */
struct head_view {
    const int16_t *key;  /* [head_dim][key_stride] */
    const int8_t *value; /* [position][value_stride] */
    const uint8_t *key_exponent, *value_exponent;
    uint32_t positions; /* 0..positions-1 are seen */
    size_t key_stride, value_stride;
};

static struct head_view view_head(const struct reference *reference, const struct column_tile *tile,
                                  const struct tape_op *op, uint32_t head, unsigned column)
{
    const struct mill_shape *shape = &reference->mill->shape;
    const struct kv_cache *cache = &reference->cache[tile->slot[column]];
    uint32_t kv_head = head / (shape->heads / shape->kv_heads);
    size_t plane = (size_t)op->target * shape->kv_heads + kv_head;
    size_t first = plane * reference->seq_padded;

    return (struct head_view){
        .key = cache->key + first * shape->head_dim,
        .value = cache->value + first * reference->head_padded,
        .key_exponent = cache->key_exponent + first,
        .value_exponent = cache->value_exponent + first,
        .positions = tile->position[column] + 1,
        .key_stride = reference->seq_padded,
        .value_stride = reference->head_padded,
    };
}

/* Scores into score[t], also of the unseen rest of the last block; returns the
 * maximum of the seen ones. */
static int32_t score_head(const struct head_view *view, const int16_t *query,
                          unsigned query_exponent, uint32_t head_dim, unsigned shift,
                          int32_t *score)
{
    int32_t largest = -WIDE_MAX;

    for (uint32_t first = 0; first < view->positions; first += BLOCK) {
        const int16_t *key = view->key + first;
        int32_lanes dot = {0};
        for (uint32_t i = 0; i < head_dim; i++, key += view->key_stride)
            add_narrow_product(&dot, query[i], key);
        for (unsigned t = 0; t < BLOCK; t++) {
            unsigned exponent = query_exponent + view->key_exponent[first + t] + ACCUMULATOR_LEFT;
            score[first + t] = saturate_wide(round_shift(shift_left(dot[t], exponent), shift));
        }
    }
    for (uint32_t t = 0; t < view->positions; t++)
        largest = score[t] > largest ? score[t] : largest;
    return largest;
}

/* 2^-distance in Q16, the distance in Q10.  From 18 on rounding gives 0. */
static int32_t exp2_negative(const int32_t *exp2_fraction, uint32_t distance)
{
    uint32_t whole = distance >> SCORE_FRACTION;

    return round_shift_32(exp2_fraction[distance & (EXP2_FRACTIONS - 1)], whole < 18 ? whole : 18);
}

/* Probabilities, scaled to the exponents of their values; returns the sum of
 * the unscaled ones, Q16. */
static uint32_t weigh(const struct head_view *view, const int32_t *exp2_fraction,
                      const int32_t *restrict score, int32_t largest, unsigned largest_exponent,
                      int32_t *restrict probability)
{
    uint32_t positions = view->positions, sum = 0;

    for (uint32_t t = 0; t < positions; t++) {
        int32_t p = exp2_negative(exp2_fraction, (uint32_t)(largest - score[t]));
        sum += (uint32_t)p;
        probability[t] = round_shift_32(p, largest_exponent - view->value_exponent[t]);
    }
    return sum;
}

/* acc[i] = sum over positions of mantissa[t] * value[t][i] << exponent of t's block. */
static void mix_dimensions(const struct head_view *view, uint32_t first, const int16_t *mantissa,
                           const uint8_t *exponent, uint32_t blocks, int64_t acc[BLOCK])
{
    const int8_t *value = view->value + first;

    for (size_t b = 0; b < blocks; b++) {
        int32_lanes partial = {0};
        for (unsigned t = 0; t < BLOCK; t += 2, value += 2 * view->value_stride)
            add_two_products_int8(&partial, mantissa + b * BLOCK + t, value, view->value_stride);
        for (unsigned i = 0; i < BLOCK; i++)
            acc[i] += shift_left(partial[i], exponent[b]);
    }
}

/* acc / sum as a wide value with the fraction of v.  The sum is 2^16 at least:
 * the best position has a probability of 1. */
static int32_t normalise(int64_t acc, uint32_t sum, unsigned largest_exponent)
{
    assert(sum >> 16 != 0);
    unsigned length = bit_length(sum);
    uint32_t fraction = (uint32_t)(((uint64_t)sum << 16) >> length);
    int64_t a = saturate_wide(round_shift(shift_left(acc, ACCUMULATOR_LEFT), length - 1));
    int32_t reciprocal =
        function_table_eval(FUNCTION_RECIPROCAL + (fraction >> 9), fraction & 511, 9);

    return saturate_wide(round_shift(a * reciprocal, 24 - largest_exponent));
}

static void attend_head(struct reference *reference, struct column_tile *tile,
                        const struct tape_op *op, uint32_t head, unsigned column, int32_t *out)
{
    uint32_t head_dim = reference->mill->shape.head_dim;
    struct head_view view = view_head(reference, tile, op, head, column);
    uint32_t blocks = (view.positions + BLOCK - 1) / BLOCK;
    int16_t query[128];
    uint8_t exponent[(UINT16_MAX + 1) / BLOCK];
    unsigned largest_exponent = 0;

    for (uint32_t i = 0; i < head_dim; i++)
        query[i] = tile->query.mantissa[head * reference->head_padded + i][column];
    for (uint32_t t = 0; t < view.positions; t++)
        largest_exponent =
            view.value_exponent[t] > largest_exponent ? view.value_exponent[t] : largest_exponent;
    int32_t largest = score_head(&view, query, tile->query.exponent[head][column], head_dim,
                                 op->shift, tile->score);
    uint32_t sum = weigh(&view, reference->exp2_fraction, tile->score, largest, largest_exponent,
                         tile->probability);
    for (uint32_t t = view.positions; t < blocks * BLOCK; t++)
        tile->probability[t] = 0;
    for (size_t b = 0; b < blocks; b++)
        exponent[b] = (uint8_t)block_quantise(tile->probability + b * BLOCK, BLOCK, KV_BITS,
                                              tile->probability_mantissa + b * BLOCK);
    for (uint32_t first = 0; first < head_dim; first += BLOCK) {
        int64_t acc[BLOCK] = {0};
        mix_dimensions(&view, first, tile->probability_mantissa, exponent, blocks, acc);
        for (uint32_t i = first; i < head_dim && i < first + BLOCK; i++)
            out[i] = normalise(acc[i - first], sum, largest_exponent);
    }
}

static void attend_run(struct reference *reference, struct column_tile *tile,
                       const struct tape_op *op, size_t index)
{
    const struct mill_shape *shape = &reference->mill->shape;
    uint32_t inputs = op->count * shape->head_dim;
    (void)index;

    for (unsigned column = 0; column < tile->active; column++) {
        for (uint32_t head = 0; head < op->count; head++)
            attend_head(reference, tile, op, head, column,
                        tile->attention + (size_t)head * shape->head_dim);
        operand_quantise(&tile->operand, 0, tile->attention, inputs, shape->act_bits, column);
    }
}

/* The mixes go through the wide store, from the header's source on. */
static const struct micro_pass program[] = {
    {MICRO_SCORE, 0},
    {MICRO_EXP, 0},
    {MICRO_RECIP, 0},
    {MICRO_MIX, MICRO_SOURCE_BY_HEAD | MICRO_TARGET_SOURCE},
    {MICRO_DIV, MICRO_SOURCE_BY_HEAD | MICRO_COUNT_HEAD_DIM | MICRO_LOOP},
    {MICRO_COPY, MICRO_COUNT_ATTENTION | MICRO_TO_OPERAND | MICRO_LAST},
};

const struct operator_definition attend_operator = {"attend", OP_ATTEND, attend_run, {program}};
