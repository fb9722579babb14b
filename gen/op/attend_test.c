/* SPDX-License-Identifier: Apache-2.0 */
/* ATTEND against softmax(q k) v in double, of the same quantised q, k and v. */
#include "testbench/operator_support.h"

enum { SEED = 111, ROUNDS = 40, LAYERS = 2, LAYER = 1, SEQ_MAX = 60 };

/* Where key and value i of a kv head at a position lie. */
static size_t key_at(const struct rig *rig, uint32_t head, uint32_t position, uint32_t i)
{
    const struct mill_shape *s = &rig->mill.shape;
    uint32_t stride = rig->reference->seq_padded;
    return ((size_t)(LAYER * s->kv_heads + head) * s->head_dim + i) * stride + position;
}

static size_t position_at(const struct rig *rig, uint32_t head, uint32_t position)
{
    return (size_t)(LAYER * rig->mill.shape.kv_heads + head) * rig->reference->seq_padded +
           position;
}

static int16_t draw_mantissa(uint64_t *random, unsigned bits)
{
    int largest = (1 << (bits - 1)) - 1;
    return (int16_t)((int)(next_random(random) % (2u * (unsigned)largest + 1)) - largest);
}

/* Exponents up to `spread` apart; also behind the column's position, which must
 * not be seen. */
static void draw_cache(struct rig *rig, uint64_t *random, unsigned spread)
{
    const struct mill_shape *s = &rig->mill.shape;

    for (uint32_t c = 0; c < COLUMN_TILE; c++) {
        struct kv_cache *cache = &rig->reference->cache[c];
        for (uint32_t head = 0; head < s->kv_heads; head++)
            for (uint32_t t = 0; t < s->max_seq; t++) {
                size_t at = position_at(rig, head, t);
                cache->key_exponent[at] = (uint8_t)(next_random(random) % (spread + 1));
                cache->value_exponent[at] = (uint8_t)(next_random(random) % (spread + 1));
                for (uint32_t i = 0; i < s->head_dim; i++) {
                    cache->key[key_at(rig, head, t, i)] = draw_mantissa(random, KEY_BITS);
                    cache->value[at * rig->reference->head_padded + i] =
                        (int8_t)draw_mantissa(random, KV_BITS);
                }
            }
    }
}

static void draw_queries(struct rig *rig, uint64_t *random)
{
    struct column_tile *tile = rig->tile;

    for (uint32_t c = 0; c < COLUMN_TILE; c++) {
        tile->position[c] = next_random(random) % rig->mill.shape.max_seq;
        for (uint32_t h = 0; h < rig->mill.shape.heads; h++) {
            tile->query.exponent[h][c] = (uint8_t)(next_random(random) % 3);
            for (uint32_t i = 0; i < rig->mill.shape.head_dim; i++)
                tile->query.mantissa[h * rig->reference->head_padded + i][c] =
                    draw_mantissa(random, KV_BITS);
        }
    }
}

struct expected {
    double out[128];
    double largest; /* magnitude of a value that takes part */
};

static struct expected attend(const struct rig *rig, const struct tape_op *op, uint32_t head,
                              uint32_t column)
{
    const struct mill_shape *s = &rig->mill.shape;
    const struct column_tile *tile = rig->tile;
    const struct kv_cache *cache = &rig->reference->cache[column];
    uint32_t kv = head / (s->heads / s->kv_heads), padded = rig->reference->head_padded;
    double weight[SEQ_MAX] = {0}, best = -INFINITY, sum = 0;
    struct expected e = {.largest = 0};

    for (uint32_t t = 0; t <= tile->position[column]; t++) {
        double dot = 0;
        for (uint32_t i = 0; i < s->head_dim; i++)
            dot += (double)tile->query.mantissa[head * padded + i][column] *
                   cache->key[key_at(rig, kv, t, i)];
        weight[t] = ldexp(dot, tile->query.exponent[head][column] +
                                   cache->key_exponent[position_at(rig, kv, t)] + ACCUMULATOR_LEFT -
                                   op->shift - SCORE_FRACTION);
        best = fmax(best, weight[t]);
    }
    for (uint32_t t = 0; t <= tile->position[column]; t++)
        sum += weight[t] = exp2(weight[t] - best);
    for (uint32_t t = 0; t <= tile->position[column]; t++)
        for (uint32_t i = 0; i < s->head_dim; i++) {
            size_t at = position_at(rig, kv, t);
            double v = ldexp(cache->value[at * padded + i], cache->value_exponent[at]);
            e.out[i] += weight[t] / sum * v;
            e.largest = fmax(e.largest, fabs(v));
        }
    return e;
}

/* Tolerance: a step of the operand, one unit, and 1.5 % of the largest value:
 * a probability is off by half a step of its block's 8 bits, at most 1/128 of
 * the block's largest, and by 2^-11 * ln 2 of itself for its score's rounding. */
static void check(const struct rig *rig, const struct tape_op *op)
{
    const struct mill_shape *s = &rig->mill.shape;

    for (uint32_t head = 0; head < s->heads; head++)
        for (uint32_t c = 0; c < COLUMN_TILE; c++) {
            struct expected e = attend(rig, op, head, c);
            for (uint32_t i = 0; i < s->head_dim; i++) {
                uint32_t input = head * s->head_dim + i;
                double found = operand_value(&rig->tile->operand, input, c);
                double tolerance =
                    operand_step(&rig->tile->operand, input, c) + 1 + 0.015 * e.largest;
                if (fabs(found - e.out[i]) > tolerance)
                    fail_msg("seed %d: head %u of %u, column %u, position %u, value %u: %g, not "
                             "%g +- %g",
                             SEED, head, s->heads, c, rig->tile->position[c], i, found, e.out[i],
                             tolerance);
            }
        }
}

static void run_round(uint64_t *random, uint32_t max_seq, uint8_t shift, unsigned spread)
{
    static const uint32_t head_dims[] = {2, 6, 16, 20, 128};
    uint32_t kv_heads = 1 + next_random(random) % 2;
    struct mill_shape shape = {.dim = 16,
                               .hidden_dim = 1,
                               .layers = LAYERS,
                               .heads = 2 * kv_heads,
                               .kv_heads = kv_heads,
                               .head_dim = head_dims[next_random(random) % 5],
                               .vocab = 1,
                               .max_seq = max_seq,
                               .weight_bits = 8,
                               .act_bits = 8};
    struct tape_op matrix = {.weight_bits = 8, .blocks = 1, .rows = 1};
    struct tape_op op = {
        .opcode = OP_ATTEND, .target = LAYER, .count = (uint16_t)shape.heads, .shift = shift};
    struct rig rig;

    rig_open(&rig, &shape, &matrix, random);
    draw_cache(&rig, random, spread);
    draw_queries(&rig, random);
    attend_operator.run(rig.reference, rig.tile, &op, 0);
    check(&rig, &op);
    rig_close(&rig);
}

/* Scores from nearly equal to far apart. */
static void test_random(void **state)
{
    uint64_t random = SEED;
    (void)state;

    for (int round = 0; round < ROUNDS; round++)
        run_round(&random, 1 + next_random(&random) % SEQ_MAX,
                  (uint8_t)(14 + next_random(&random) % 8), 2);
}

/* Values whose exponents differ much, against one another. */
static void test_wide_exponents(void **state)
{
    uint64_t random = SEED + 1;
    (void)state;

    for (int round = 0; round < ROUNDS; round++)
        run_round(&random, SEQ_MAX, 24, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_wide_exponents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
