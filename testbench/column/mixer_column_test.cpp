// SPDX-License-Identifier: Apache-2.0
//
// rtl/mixer_column.v against the operators' definitions written down once more, on
// random and edge values, and its cycles against gen/op/micro_cycles.h.
// Usage: Vmixer_column SEED ROUNDS
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "Vmixer_column.h"
#include "Vmixer_column___024root.h"

extern "C" {
#include "gen/op/micro.h"
#include "gen/op/micro_cycles.h"
}
#include "gen/op/numerics.h"
#include "gen/quant/hadamard12.h"

enum { INNER = COLUMN_INNER, WIDE = 4 * INNER };

struct Command {
    int function, to_wide, source, target, count, shift;
};

class Bench
{
  public:
    explicit Bench(unsigned seed) : random_(seed), wide_(WIDE), gated_(INNER)
    {
        top->rst_i = 1;
        for (int i = 0; i < 4; i++)
            tick();
        top->rst_i = 0;
    }

    int uniform(int low, int high)
    {
        return std::uniform_int_distribution<int>(low, high)(random_);
    }

    bool round()
    {
        load();
        Command c = {uniform(MICRO_GATE, MICRO_TWELVE), uniform(0, 1), 0, 0, INNER, 0};
        c.source = uniform(0, WIDE - INNER);
        do // GATE's target is its source, or disjoint from it
            c.target = uniform(0, 1) ? c.source : uniform(0, WIDE - INNER);
        while (c.target != c.source && std::abs(c.target - c.source) < INNER);
        if (c.function == MICRO_GATE)
            c.shift = uniform(0, 40);
        else if (c.function == MICRO_SCALE)
            c.shift = uniform(0, 30);
        else if (c.function == MICRO_HADAMARD)
            c.shift = uniform(0, most_stages(INNER));
        else
            c.shift = most_stages(INNER / 3) - 2;
        return run(c);
    }

  private:
    std::unique_ptr<Vmixer_column> top{new Vmixer_column};
    std::mt19937 random_;
    std::vector<int32_t> wide_, gated_;
    std::vector<int16_t> weight_;
    int32_t read_[2] = {};

    static int most_stages(int count)
    {
        return __builtin_ctz((unsigned)count);
    }

    int32_t value(int bits)
    {
        int32_t limit = (int32_t)((1u << (bits - 1)) - 1);
        switch (uniform(0, 9)) {
        case 0:
            return limit;
        case 1:
            return -limit;
        case 2:
            return uniform(-1, 1);
        default:
            int32_t bound = (int32_t)((1u << uniform(1, bits - 1)) - 1);
            return uniform(-bound, bound);
        }
    }

    // The wide store: two cycles from address to value.
    void tick()
    {
        top->clk_i = 1;
        top->eval();
        top->wide_i = (uint32_t)read_[1] & 0x3ffff;
        read_[1] = read_[0];
        read_[0] = top->wide_address_o < WIDE ? wide_[top->wide_address_o] : 0;
        if (top->wide_write_o && top->wide_write_address_o < WIDE)
            wide_[top->wide_write_address_o] = (int32_t)(top->wide_write_data_o << 14) >> 14;
        top->clk_i = 0;
        top->eval();
    }

    void load()
    {
        for (int32_t &x : wide_)
            x = value(WIDE_BITS);
        int bits = uniform(4, 32);
        for (int i = 0; i < INNER; i++) {
            gated_[i] = value(bits);
            top->mixer_gated_write_i = 1;
            top->mixer_write_address_i = (uint16_t)i;
            top->mixer_write_data_i = (uint32_t)gated_[i];
            tick();
        }
        top->mixer_gated_write_i = 0;
        weight_.resize(INNER);
        for (int16_t &w : weight_)
            w = (int16_t)value(16);
    }

    // Start it and wait; `late` payload words come when they like.
    uint64_t play(const Command &c, bool late)
    {
        size_t taken = 0;
        uint64_t cycles = 3; // the command, its start, and the column's ready
        top->start_i = 1;
        top->function_i = (uint8_t)(c.function - MICRO_GATE);
        top->to_wide_i = (uint8_t)c.to_wide;
        top->source_i = (uint16_t)c.source;
        top->target_i = (uint16_t)c.target;
        top->count_i = (uint16_t)c.count;
        top->shift_i = (uint8_t)c.shift;
        tick();
        top->start_i = 0;
        for (; top->busy_o && cycles < 1000000; cycles++) {
            top->half_valid_i = taken < weight_.size() && (!late || uniform(0, 2) == 0);
            top->half_i = (uint16_t)(top->half_valid_i ? weight_[taken] : (int)random_());
            top->eval();
            taken += top->half_valid_i && top->half_ready_o;
            tick();
        }
        return cycles;
    }

    static void gate(const Command &c, std::vector<int32_t> &gated, std::vector<int32_t> &wide)
    {
        for (int first = 0; first < c.count; first += BLOCK) {
            int64_t largest = 0;
            for (int i = first; i < first + BLOCK; i++)
                largest = std::max(largest, std::abs((int64_t)gated[i]));
            unsigned length = bit_length((uint64_t)largest);
            unsigned exponent = length > WIDE_BITS - 1 ? length - (WIDE_BITS - 1) : 0;
            std::vector<int64_t> out(BLOCK);
            for (int i = 0; i < BLOCK; i++) {
                int64_t y = saturate_wide(round_shift(gated[first + i], exponent));
                out[i] = round_shift(shift_left(y * wide[c.source + first + i], exponent),
                                     (unsigned)c.shift);
            }
            for (int i = 0; i < BLOCK; i++)
                if (c.to_wide)
                    wide[c.target + first + i] = saturate_wide(out[i]);
                else
                    gated[first + i] = saturate_residual(out[i]);
        }
    }

    static void butterflies(const Command &c, std::vector<int32_t> &wide)
    {
        int32_t *x = &wide[c.source];
        for (int stage = 0; stage < c.shift; stage++)
            for (int i = 0; i < c.count; i++) {
                int span = 1 << stage;
                if (i & span)
                    continue;
                int64_t a = x[i], b = x[i + span];
                x[i] = saturate_wide(round_shift(a + b, stage % 2));
                x[i + span] = saturate_wide(round_shift(a - b, stage % 2));
            }
    }

    static void twelve(const Command &c, std::vector<int32_t> &wide)
    {
        int stride = 1 << c.shift;
        for (int i = 0; i < stride; i++) {
            int64_t sum[12] = {};
            for (unsigned r = 0; r < 12; r++)
                for (unsigned k = 0; k < 12; k++)
                    sum[r] += hadamard12_sign(r, k) * wide[c.source + k * stride + i];
            for (unsigned r = 0; r < 12; r++)
                wide[c.source + r * stride + i] = saturate_wide(round_shift(sum[r], 2));
        }
    }

    bool run(const Command &c)
    {
        std::vector<int32_t> gated = gated_, wide = wide_;
        bool late = c.function == MICRO_SCALE && uniform(0, 1);
        uint64_t cycles = play(c, late);

        if (c.function == MICRO_GATE)
            gate(c, gated, wide);
        else if (c.function == MICRO_HADAMARD)
            butterflies(c, wide);
        else if (c.function == MICRO_TWELVE)
            twelve(c, wide);
        for (int i = 0; c.function == MICRO_SCALE && i < c.count; i++)
            wide[c.target + i] = saturate_wide(
                round_shift((int64_t)wide[c.target + i] * weight_[i], (unsigned)c.shift));

        micro_command command = {};
        command.function = (unsigned)c.function;
        command.count = (uint32_t)c.count;
        command.stages = (uint32_t)c.shift;
        const column_shape any = {8, 2, 16};
        uint64_t expected = micro_cycles(&any, &command);
        if (!late && cycles != expected)
            return differs(c, "cycles", 0, (int64_t)cycles, (int64_t)expected);
        for (int i = 0; i < WIDE; i++)
            if (wide_[i] != wide[i])
                return differs(c, "wide", i, wide_[i], wide[i]);
        auto &memory = top->rootp->mixer_column__DOT__g_part__DOT__gated__DOT__memory;
        for (int i = 0; i < INNER; i++)
            if ((int32_t)memory[i] != gated[i])
                return differs(c, "gated", i, (int32_t)memory[i], gated[i]);
        return true;
    }

    bool differs(const Command &c, const char *what, int index, int64_t is, int64_t should)
    {
        printf("function %d, to_wide %d, source %d, target %d, count %d, shift %d: %s[%d] is %lld, "
               "not %lld\n",
               c.function, c.to_wide, c.source, c.target, c.count, c.shift, what, index,
               (long long)is, (long long)should);
        return false;
    }
};

int main(int argc, char **argv)
{
    unsigned seed = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    int rounds = argc > 2 ? atoi(argv[2]) : 100;
    Bench bench(seed);

    for (int round = 0; round < rounds; round++)
        if (!bench.round()) {
            printf("not ok - seed %u, round %d\n", seed, round);
            return 1;
        }
    printf("ok - seed %u, %d rounds\n", seed, rounds);
    return 0;
}
