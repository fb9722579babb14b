// SPDX-License-Identifier: Apache-2.0
//
// What each command of rtl/column.v computes, written down once more from the
// operators' definitions.
#ifndef MILLRACE_TESTBENCH_COLUMN_MODEL_H
#define MILLRACE_TESTBENCH_COLUMN_MODEL_H

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

extern "C" {
#include "gen/op/function_table.h"
}
#include "gen/op/numerics.h"

struct Shape {
    int lanes, rows, weight_bits, act_bits;
    int dim, hidden, wide_depth, heads, kv_heads, head_dim, max_seq;

    int head_padded() const
    {
        return (head_dim + 15) / 16 * 16;
    }
    int positions_padded() const
    {
        return (max_seq + 15) / 16 * 16;
    }
};

// Mantissas in blocks of `length`; one exponent a block.
struct Blocks {
    int length;
    std::vector<int16_t> mantissa;
    std::vector<int> exponent;

    void quantise(const std::vector<int32_t> &value, int bits, int first_block = 0)
    {
        int count = (int)value.size();
        for (int block = 0; block * length < count; block++) {
            std::vector<int32_t> padded(length, 0);
            int at = block * length;
            std::copy(value.begin() + at, value.begin() + std::min(at + length, count),
                      padded.begin());
            exponent[first_block + block] =
                (int)block_quantise(padded.data(), (unsigned)length, (unsigned)bits,
                                    &mantissa[(size_t)(first_block + block) * length]);
        }
    }
};

static inline Blocks make_blocks(int length, int count)
{
    return {length, std::vector<int16_t>((size_t)length * count), std::vector<int>(count)};
}

struct Model {
    Shape shape;
    std::vector<int32_t> residual, wide, rope;
    Blocks input, query, probability, stage;
    Blocks keys, values; // by kv head and position
    std::vector<int32_t> score, value_exponent;
    std::vector<int32_t> logits;
    int position = 0;
    unsigned norm_shift = 0, squares_shift = 0;
    uint64_t sum = 0;
    int32_t scalar = 0, score_max = 0;
    int value_exponent_max = 0;

    explicit Model(const Shape &s) : shape(s)
    {
        int widest = std::max({s.dim, s.hidden, s.heads * s.head_dim});
        residual.resize(s.dim + 1);
        wide.resize(s.wide_depth);
        rope.resize(s.head_dim);
        input = make_blocks(BLOCK, (widest + 15) / 16);
        query = make_blocks(s.head_padded(), s.heads);
        probability = make_blocks(BLOCK, s.positions_padded() / 16);
        stage = make_blocks(s.head_padded(), 1);
        keys = make_blocks(s.head_padded(), s.kv_heads * s.positions_padded());
        values = keys;
        score.resize(s.max_seq);
        value_exponent.resize(s.max_seq);
    }

    int32_t normalised(int i) const
    {
        return (int32_t)saturate(round_shift(residual[i], squares_shift), 32767);
    }

    void sumsq(int count, uint64_t epsilon)
    {
        int64_t largest = 0;
        for (int i = 0; i < count; i++)
            largest = std::max(largest, std::abs((int64_t)residual[i]));
        unsigned length = bit_length((uint64_t)largest);
        squares_shift = length > 15 ? length - 15 : 0;
        sum = std::max<uint64_t>(1, epsilon >> 2 * squares_shift);
        for (int i = 0; i < count; i++)
            sum += (uint64_t)((int64_t)normalised(i) * normalised(i));
    }

    void rsqrt()
    {
        unsigned k = (bit_length(sum) + 1) / 2;
        uint64_t f = 2 * k >= 16 ? sum >> (2 * k - 16) : sum << (16 - 2 * k);
        scalar = function_table_eval(384 + (unsigned)(f >> 9), f & 511, 9);
        norm_shift = k - 1;
    }

    void norm(int count)
    {
        std::vector<int32_t> z;
        for (int i = 0; i < count; i++)
            z.push_back(saturate_wide(round_shift((int64_t)normalised(i) * scalar, norm_shift)));
        input.quantise(z, shape.act_bits);
    }

    void head(bool rotate, int variant, int source, int count, int query_head)
    {
        std::vector<int32_t> y(wide.begin() + source, wide.begin() + source + count);
        for (int i = 0; rotate && i < count; i += 2) {
            int64_t x0 = wide[source + i], x1 = wide[source + i + 1];
            int64_t c = rope[i], s = rope[i + 1];
            y[i] = saturate_wide(round_shift(x0 * c - x1 * s, ROPE_FRACTION));
            y[i + 1] = saturate_wide(round_shift(x0 * s + x1 * c, ROPE_FRACTION));
        }
        if (variant == 3)
            input.quantise(y, shape.act_bits);
        else if (variant == 0)
            query.quantise(y, KV_BITS, query_head);
        else
            stage.quantise(y, variant == 1 ? KEY_BITS : KV_BITS);
    }

    void scores(int query_head, int kv_head, int positions, unsigned shift)
    {
        int padded = shape.head_padded();
        score_max = -131072;
        value_exponent_max = 0;
        for (int t = 0; t < positions; t++) {
            int row = kv_head * shape.positions_padded() + t;
            int64_t dot = 0;
            for (int d = 0; d < padded; d++)
                dot += query.mantissa[query_head * padded + d] * keys.mantissa[row * padded + d];
            dot *= (int64_t)1 << (query.exponent[query_head] + keys.exponent[row]);
            score[t] = saturate_wide(round_shift(dot * 256, shift));
            value_exponent[t] = values.exponent[row];
            if (t <= position) {
                score_max = std::max(score_max, score[t]);
                value_exponent_max = std::max(value_exponent_max, value_exponent[t]);
            }
        }
    }

    void exponentials(int positions)
    {
        std::vector<int32_t> u;
        sum = 0;
        for (int t = 0; t < positions; t++) {
            int64_t p = 0;
            int deficit = score_max - score[t];
            if (t <= position && deficit >> 10 <= 17) {
                unsigned fraction = deficit & 1023;
                p = round_shift(function_table_eval(256 + (fraction >> 4), fraction & 15, 4),
                                (unsigned)deficit >> 10);
            }
            sum += (uint64_t)p;
            unsigned down = t <= position ? value_exponent_max - value_exponent[t] : 0;
            u.push_back((int32_t)round_shift(p, down));
        }
        probability.quantise(u, KV_BITS);
    }

    void reciprocal()
    {
        uint64_t f = sum >> (bit_length(sum) - 16);
        scalar = function_table_eval(256 + (unsigned)(f >> 9), f & 511, 9);
    }

    void mix(int kv_head, int positions, int target)
    {
        int padded = shape.head_padded();
        for (int d = 0; d < shape.head_dim; d++) {
            int64_t total = 0;
            for (int t = 0; t < positions; t++) {
                int row = kv_head * shape.positions_padded() + t;
                int64_t value = t <= position ? values.mantissa[row * padded + d] : 0;
                total += probability.mantissa[t] * value *
                         ((int64_t)1 << probability.exponent[t / BLOCK]);
            }
            wide[target + d] = saturate_wide(round_shift(total * 256, bit_length(sum) - 1));
        }
    }

    void divide(int source, int count)
    {
        for (int i = source; i < source + count; i++)
            wide[i] = saturate_wide(
                round_shift((int64_t)wide[i] * scalar, 24 - (unsigned)value_exponent_max));
    }

    void silu(int source, int count, unsigned shift2)
    {
        for (int i = source; i < source + count; i++) {
            int64_t g = wide[i], x = std::abs(g) << shift2;
            if (x >= 65536) {
                wide[i] = saturate_wide(std::max<int64_t>(g, 0) << shift2);
                continue;
            }
            int32_t y = function_table_eval((unsigned)(x >> 8), x & 255, 8);
            wide[i] = g < 0 ? y - (int32_t)x : y;
        }
    }

    void glu(int source, int target, int count, unsigned shift)
    {
        std::vector<int32_t> h;
        for (int i = 0; i < count; i++)
            h.push_back(
                saturate_wide(round_shift((int64_t)wide[source + i] * wide[target + i], shift)));
        input.quantise(h, shape.act_bits);
    }

    // weights: [rows][blocks * 16]; scales: [rows][blocks].
    void matrix(const std::vector<int8_t> &weights, const std::vector<uint8_t> &scales, int rows,
                int blocks, unsigned shift, int variant, int target)
    {
        logits.clear();
        for (int r = 0; r < rows; r++) {
            int64_t total = 0;
            for (int b = 0; b < blocks; b++) {
                int64_t partial = 0;
                for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++)
                    partial += input.mantissa[i] * weights[(size_t)r * blocks * BLOCK + i];
                total +=
                    partial * scales[(size_t)r * blocks + b] * ((int64_t)1 << input.exponent[b]);
            }
            int64_t out = round_shift(total * 256, shift);
            if (variant == 0)
                wide[target + r] = saturate_wide(out);
            else if (variant == 1)
                residual[r] = saturate_residual((int64_t)residual[r] + saturate_residual(out));
            else
                logits.push_back(saturate_wide(out));
        }
    }
};

#endif
