/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of q, k or v: from the wide store, rotated (RoPE, Su et al. 2021,
 * equation 34; adjacent pairs) but for v, and quantised with one exponent a
 * head: q into the query store, k (with a bit more) and v into the KV cache of
 * the slot.
 */
#include "gen/op/operator.h"

enum { HEAD_DIM_MAX = 128 };

static void rotate(int32_t *x, const int16_t (*rope)[COLUMN_TILE], uint32_t head_dim,
                   unsigned column)
{
    for (uint32_t i = 0; i < head_dim; i += 2) {
        int64_t cosine = rope[i][column], sine = rope[i + 1][column];
        int64_t x0 = x[i], x1 = x[i + 1];
        x[i] = saturate_wide(round_shift(x0 * cosine - x1 * sine, ROPE_FRACTION));
        x[i + 1] = saturate_wide(round_shift(x0 * sine + x1 * cosine, ROPE_FRACTION));
    }
}

static void store_query(const struct reference *reference, struct column_tile *tile, uint32_t head,
                        const int16_t *mantissa, unsigned exponent, unsigned column)
{
    uint32_t first = head * reference->head_padded;

    for (uint32_t i = 0; i < reference->mill->shape.head_dim; i++)
        tile->query.mantissa[first + i][column] = mantissa[i];
    tile->query.exponent[head][column] = (uint8_t)exponent;
}

static void store_kv(const struct reference *reference, const struct column_tile *tile,
                     const struct tape_op *op, uint32_t head, const int16_t *mantissa,
                     unsigned exponent, unsigned column)
{
    const struct mill_shape *shape = &reference->mill->shape;
    struct kv_cache *cache = &reference->cache[tile->slot[column]];
    size_t plane = (size_t)op->target * shape->kv_heads + head;
    uint32_t position = tile->position[column];
    bool is_key = op->variant == HEADS_KEY;
    size_t first = plane * reference->seq_padded;

    for (uint32_t i = 0; i < shape->head_dim; i++)
        if (is_key)
            cache->key[first * shape->head_dim + (size_t)i * reference->seq_padded + position] =
                mantissa[i];
        else
            cache->value[(first + position) * reference->head_padded + i] = (int8_t)mantissa[i];
    (is_key ? cache->key_exponent : cache->value_exponent)[first + position] = (uint8_t)exponent;
}

static void heads_run(struct reference *reference, struct column_tile *tile,
                      const struct tape_op *op, size_t index)
{
    uint32_t head_dim = reference->mill->shape.head_dim;
    unsigned bits = op->variant == HEADS_KEY ? KEY_BITS : KV_BITS;
    (void)index;

    for (unsigned column = 0; column < tile->active; column++) {
        for (uint32_t head = 0; head < op->count; head++) {
            int32_t x[HEAD_DIM_MAX] = {0};
            int16_t mantissa[HEAD_DIM_MAX];
            for (uint32_t i = 0; i < head_dim; i++)
                x[i] = tile->wide[op->source + head * head_dim + i][column];
            if (op->variant != HEADS_VALUE)
                rotate(x, (const int16_t(*)[COLUMN_TILE])tile->rope, head_dim, column);
            unsigned exponent = block_quantise(x, head_dim, bits, mantissa);
            if (op->variant == HEADS_QUERY)
                store_query(reference, tile, head, mantissa, exponent, column);
            else
                store_kv(reference, tile, op, head, mantissa, exponent, column);
        }
    }
}

static const struct micro_pass query_program[] = {
    {MICRO_ROPE, MICRO_SOURCE_BY_HEAD | MICRO_COUNT_HEAD_DIM | MICRO_LOOP | MICRO_LAST},
};
static const struct micro_pass key_program[] = {
    {MICRO_ROPE, MICRO_SOURCE_BY_HEAD | MICRO_COUNT_HEAD_DIM},
    {MICRO_KV_STORE, MICRO_LOOP | MICRO_LAST},
};
static const struct micro_pass value_program[] = {
    {MICRO_COPY, MICRO_SOURCE_BY_HEAD | MICRO_COUNT_HEAD_DIM},
    {MICRO_KV_STORE, MICRO_LOOP | MICRO_LAST},
};

const struct operator_definition heads_operator = {
    "heads", OP_HEADS, heads_run, {query_program, key_program, value_program}};
