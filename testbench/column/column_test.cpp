// SPDX-License-Identifier: Apache-2.0
//
// Random sequences of commands, as the operators issue them, on random and edge
// values. Usage: Vcolumn SEED ROUNDS
#include "testbench/column/bench.h"

static Command command(int function)
{
    Command c;
    c.function = function;
    return c;
}

static bool norm(Bench &bench)
{
    Command c = command(MICRO_SUMSQ);
    c.count = bench.uniform(0, 1) ? shape.dim : bench.uniform(1, shape.dim);
    c.constant =
        bench.uniform(0, 3) ? (uint64_t)bench.uniform(0, 1 << 30) << bench.uniform(0, 8) : 0;
    bench.load_residual();
    if (!bench.run(c) || !bench.run(command(MICRO_RSQRT)))
        return false;
    c.function = MICRO_NORM;
    return bench.run(c);
}

static bool heads(Bench &bench)
{
    Command c = command(bench.uniform(0, 2) ? MICRO_ROPE : MICRO_COPY);
    bench.load_wide();
    bench.load_rope();
    c.variant = bench.uniform(0, 2);
    if (Stores::as_models_use_it)
        c.function = c.variant == 2 ? MICRO_COPY : MICRO_ROPE;
    c.count = shape.head_dim;
    c.head = bench.uniform(0, shape.heads - 1);
    c.source = bench.uniform(0, shape.wide_depth - c.count);
    return bench.run(c);
}

static bool attend(Bench &bench)
{
    Command c = command(MICRO_SCORE);
    int end = (shape.heads - 1) * shape.head_dim + shape.head_padded();
    int base = bench.uniform(0, shape.wide_depth - end);
    c.positions = bench.uniform(1, shape.max_seq);
    c.shift = bench.uniform(8, 40);
    bench.load_position(Stores::as_models_use_it ? c.positions - 1
                                                 : bench.uniform(0, c.positions - 1));
    bench.fill_caches();
    for (c.head = 0; c.head < shape.heads; c.head++) {
        c.kv_head = bench.uniform(0, shape.kv_heads - 1);
        c.source = c.target = base + c.head * shape.head_dim;
        c.count = shape.head_dim;
        for (int function : {MICRO_SCORE, MICRO_EXP, MICRO_RECIP, MICRO_MIX, MICRO_DIV}) {
            c.function = function;
            if (!bench.run(c))
                return false;
        }
    }
    c = command(MICRO_COPY);
    c.variant = 3;
    c.source = base;
    c.count = shape.heads * shape.head_dim;
    return bench.run(c);
}

// A query at its limit, and keys at theirs among the others: the largest sums.
static bool largest_scores(Bench &bench)
{
    Command c = command(Stores::as_models_use_it ? MICRO_ROPE : MICRO_COPY);
    bench.load_rope();
    bench.load_wide(std::vector<int32_t>(shape.wide_depth, bench.uniform(0, 1) ? 127 : -WIDE_MAX));
    c.count = shape.head_dim;
    c.head = bench.uniform(0, shape.heads - 1);
    if (!bench.run(c))
        return false;
    c.function = MICRO_SCORE;
    c.positions = shape.max_seq;
    c.shift = bench.uniform(8, 46);
    bench.load_position(shape.max_seq - 1);
    bench.fill_caches();
    return bench.run(c);
}

static bool gate(Bench &bench)
{
    Command c = command(MICRO_SILU);
    bench.load_wide();
    c.count = bench.uniform(0, 1) ? shape.hidden : bench.uniform(1, shape.hidden);
    c.source = bench.uniform(0, shape.wide_depth - c.count);
    c.target = bench.uniform(0, shape.wide_depth - c.count);
    c.shift2 = bench.uniform(0, 15);
    c.shift = bench.uniform(0, 30);
    if (!bench.run(c))
        return false;
    c.function = MICRO_GLU;
    return bench.run(c);
}

static bool matrix(Bench &bench)
{
    Command c = command(MICRO_MATRIX);
    c.variant = bench.uniform(0, 2);
    c.one_row = shape.rows == 1 || bench.uniform(0, 3) == 0;
    c.blocks = bench.uniform(1, (int)bench.model.input.exponent.size());
    int limit = c.variant == 0 ? std::min(40, shape.wide_depth) : c.variant == 1 ? shape.dim : 80;
    int rows_a_beat = c.one_row ? 1 : shape.rows;
    c.rows = (bench.uniform(1, limit) + rows_a_beat - 1) / rows_a_beat * rows_a_beat;
    if (c.variant == 0)
        c.target = bench.uniform(0, shape.wide_depth - c.rows);
    c.shift = bench.uniform(0, 7) ? bench.uniform(8, 40) : bench.uniform(0, 60);
    return bench.run(c);
}

int main(int argc, char **argv)
{
    unsigned seed = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    int rounds = argc > 2 ? atoi(argv[2]) : 100;
    bool (*const scenarios[])(Bench &) = {norm, heads, attend, largest_scores, gate, matrix};
    Bench bench(seed);

    bench.reset();
    for (int round = 0; round < rounds; round++) {
        int scenario = bench.uniform(0, 5);
        if (!scenarios[scenario](bench)) {
            printf("not ok - seed %u, round %d\n", seed, round);
            return 1;
        }
    }
    printf("ok - seed %u, %d rounds\n", seed, rounds);
    return 0;
}
