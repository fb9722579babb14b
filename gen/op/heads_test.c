/* SPDX-License-Identifier: Apache-2.0 */
/* HEADS against a rotation in double, and where its results lie. */
#include "testbench/operator_support.h"

enum { SEED = 101, ROUNDS = 60, LAYERS = 3, LAYER = 1, SOURCE = 7, SEQ = 20 };

static void draw_tile(struct rig *rig, uint64_t *random)
{
    struct column_tile *tile = rig->tile;

    for (uint32_t c = 0; c < COLUMN_TILE; c++) {
        unsigned bits = next_random(random) % 18;
        tile->position[c] = next_random(random) % SEQ;
        for (uint32_t i = 0; i < rig->matrix.rows; i++)
            tile->wide[i][c] = c == 0 ? WIDE_MAX : draw_value(random, bits);
        for (uint32_t i = 0; i < rig->mill.shape.head_dim; i += 2) {
            double angle = 3.2 * next_float(random);
            tile->rope[i][c] = (int16_t)lround(ldexp(cos(angle), ROPE_FRACTION));
            tile->rope[i + 1][c] = (int16_t)lround(ldexp(sin(angle), ROPE_FRACTION));
        }
    }
}

/* Value i of a head before quantisation. */
static double rotated(const struct rig *rig, uint32_t head, uint32_t i, uint32_t column,
                      uint8_t variant)
{
    const struct column_tile *tile = rig->tile;
    uint32_t at = SOURCE + head * rig->mill.shape.head_dim, even = i & ~1u;
    double x = tile->wide[at + even][column], y = tile->wide[at + even + 1][column];
    double cosine = ldexp(tile->rope[even][column], -ROPE_FRACTION);
    double sine = ldexp(tile->rope[even + 1][column], -ROPE_FRACTION);

    if (variant == HEADS_VALUE)
        return i % 2 ? y : x;
    double turned = i % 2 ? x * sine + y * cosine : x * cosine - y * sine;
    return fmin(fmax(turned, -WIDE_MAX), WIDE_MAX);
}

/* Value i of a head as it was stored; its step into *step. */
static double stored(const struct rig *rig, uint32_t head, uint32_t i, uint32_t column,
                     uint8_t variant, double *step)
{
    const struct reference *r = rig->reference;
    const struct column_tile *tile = rig->tile;
    const struct mill_shape *s = &rig->mill.shape;
    int mantissa, exponent;

    if (variant == HEADS_QUERY) {
        mantissa = tile->query.mantissa[head * r->head_padded + i][column];
        exponent = tile->query.exponent[head][column];
    } else {
        const struct kv_cache *cache = &r->cache[tile->slot[column]];
        size_t first = (size_t)(LAYER * s->kv_heads + head) * r->seq_padded;
        size_t position = tile->position[column];
        if (variant == HEADS_KEY) {
            mantissa = cache->key[first * s->head_dim + (size_t)i * r->seq_padded + position];
            exponent = cache->key_exponent[first + position];
        } else {
            mantissa = cache->value[(first + position) * r->head_padded + i];
            exponent = cache->value_exponent[first + position];
        }
    }
    *step = ldexp(1, exponent);
    return mantissa * *step;
}

/* Tolerance: a step, and one unit for the rotation's rounding. */
static void check(const struct rig *rig, const struct tape_op *op)
{
    for (uint32_t head = 0; head < op->count; head++)
        for (uint32_t i = 0; i < rig->mill.shape.head_dim; i++)
            for (uint32_t c = 0; c < COLUMN_TILE; c++) {
                double step, found = stored(rig, head, i, c, op->variant, &step);
                double wanted = rotated(rig, head, i, c, op->variant);
                if (fabs(found - wanted) > step + 1)
                    fail_msg("seed %d: variant %u, head %u, value %u, column %u: %g, not %g +- %g",
                             SEED, op->variant, head, i, c, found, wanted, step + 1);
            }
}

static void test_random(void **state)
{
    static const uint32_t head_dims[] = {2, 6, 16, 20, 128};
    uint64_t random = SEED;
    (void)state;

    for (int round = 0; round < ROUNDS; round++) {
        uint32_t kv_heads = 1 + next_random(&random) % 3;
        struct mill_shape shape = {.dim = 16,
                                   .hidden_dim = 1,
                                   .layers = LAYERS,
                                   .heads = 2 * kv_heads,
                                   .kv_heads = kv_heads,
                                   .head_dim = head_dims[next_random(&random) % 5],
                                   .vocab = 1,
                                   .max_seq = SEQ,
                                   .weight_bits = 8,
                                   .act_bits = 8};
        struct tape_op matrix = {.weight_bits = 8,
                                 .blocks = 1,
                                 .rows = (uint16_t)(SOURCE + shape.heads * shape.head_dim)};
        struct rig rig;
        rig_open(&rig, &shape, &matrix, &random);
        draw_tile(&rig, &random);
        for (unsigned variant = HEADS_QUERY; variant <= HEADS_VALUE; variant++) {
            struct tape_op op = {.opcode = OP_HEADS,
                                 .variant = (uint8_t)variant,
                                 .source = SOURCE,
                                 .target = LAYER,
                                 .count =
                                     (uint16_t)(variant == HEADS_QUERY ? shape.heads : kv_heads)};
            heads_operator.run(rig.reference, rig.tile, &op, 0);
            check(&rig, &op);
        }
        rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
