// SPDX-License-Identifier: Apache-2.0
//
// Drives rtl/column.v, or rtl/serial/serial_column.v, and compares every store with model.h after
// each command, and the cycles with the stated cost.
#ifndef MILLRACE_TESTBENCH_COLUMN_BENCH_H
#define MILLRACE_TESTBENCH_COLUMN_BENCH_H

#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>

// Top, and Stores: where a column keeps what.
#ifdef COLUMN_SERIAL
#include "testbench/column/serial_stores.h"
#else
#include "testbench/column/stores.h"
#endif
#include "testbench/column/model.h"

extern "C" {
#include "gen/op/micro.h"
}

// As enum micro_function has them.
static const char *const names[] = {"SUMSQ", "RSQRT", "NORM", "ROPE",   "COPY",  "EXP", "RECIP",
                                    "DIV",   "SILU",  "GLU",  "MATRIX", "SCORE", "MIX"};

// Where the second weight of a pair begins (rtl/dot_product.v).
enum { PAIR_OFFSET = COLUMN_MULTIPLIER_BITS == 18 ? 13 : 11 };

static const Shape shape = {COLUMN_K,     COLUMN_R,        COLUMN_WEIGHT_BITS, COLUMN_ACT_BITS,
                            COLUMN_DIM,   COLUMN_HIDDEN,   COLUMN_WIDE_DEPTH,  COLUMN_HEADS,
                            COLUMN_HEADS, COLUMN_HEAD_DIM, COLUMN_MAX_SEQ};

struct Command {
    int function;
    int variant = 0, source = 0, target = 0, count = 0, blocks = 0, rows = 0;
    int shift = 0, shift2 = 0, one_row = 0, head = 0, kv_head = 0, positions = 0;
    uint64_t constant = 0;
};

static inline uint64_t cost(const Command &c)
{
    column_shape column = {(uint32_t)shape.lanes, (uint32_t)shape.rows, (uint32_t)shape.head_dim};
    micro_command command = {};
    command.function = (unsigned)c.function;
    command.variant = (unsigned)c.variant;
    command.one_row = c.one_row;
    command.count = (uint32_t)c.count;
    command.rows = (uint32_t)c.rows;
    command.blocks = (uint32_t)c.blocks;
    command.positions = (uint32_t)c.positions;
    command.shift = (uint32_t)c.shift;
    return Stores::cycles(column, command);
}

class Bench
{
  public:
    explicit Bench(unsigned seed) : model(shape), random_(seed)
    {
    }

    Model model;

    int uniform(int low, int high)
    {
        return std::uniform_int_distribution<int>(low, high)(random_);
    }

    // Mostly of a random magnitude, at times an edge.
    int32_t value(int bits)
    {
        int32_t limit = (int32_t)((1u << (bits - 1)) - 1);
        switch (uniform(0, 15)) {
        case 0:
            return 0;
        case 1:
            return limit;
        case 2:
            return -limit;
        case 3:
            return uniform(0, 1) ? 1 : -1;
        default:
            break;
        }
        int32_t bound = (int32_t)((1u << uniform(1, bits - 1)) - 1);
        return uniform(-bound, bound);
    }

    std::vector<int32_t> vector(int count, int bits)
    {
        int kind = uniform(0, 7);
        int32_t limit = (int32_t)((1u << (uniform(2, bits) - 1)) - 1);
        std::vector<int32_t> result(count, 0);
        for (auto &x : result)
            x = kind == 0 ? 0 : kind < 4 ? value(bits) : uniform(-limit, limit);
        if (kind == 7) // the largest sums
            std::fill(result.begin(), result.end(), uniform(0, 1) ? limit : -limit);
        return result;
    }

    void reset()
    {
        top->rst_i = 1;
        for (int i = 0; i < 4; i++)
            tick();
        top->rst_i = 0;
        top->logit_ready_i = 1;
        stores.clear();
        fill_caches();
        load_wide();
        tick();
    }

    void load_residual()
    {
        auto x = vector(shape.dim, 32);
        std::copy(x.begin(), x.end(), model.residual.begin());
        for (int i = 0; i < shape.dim; i++)
            load(top->load_residual_i, i, (uint32_t)x[i]);
    }

    void load_rope()
    {
        model.rope = vector(shape.head_dim, 16);
        for (int i = 0; i < shape.head_dim; i++)
            load(top->load_rope_i, i, (uint32_t)model.rope[i]);
    }

    void load_position(int position)
    {
        model.position = position;
        load(stores.load_position(*top), 0, (uint32_t)position);
    }

    // The wide store has no way in but results: write it directly.
    void load_wide()
    {
        load_wide(vector(shape.wide_depth, WIDE_BITS));
    }

    void load_wide(const std::vector<int32_t> &values)
    {
        model.wide = values;
        for (int i = 0; i < shape.wide_depth; i++)
            stores.set_wide(i, model.wide[i]);
    }

    void fill_caches()
    {
        for (Blocks *cache : {&model.keys, &model.values})
            for (size_t row = 0; row < cache->exponent.size(); row++) {
                auto head = vector(shape.head_dim, uniform(0, 1) ? WIDE_BITS : 12);
                cache->quantise(head, cache == &model.keys ? KEY_BITS : KV_BITS, (int)row);
            }
    }

    // Runs a command on the column and on the model, and compares everything.
    bool run(const Command &c)
    {
        bool late = c.function == MICRO_MATRIX && uniform(0, 2) == 0;
        beat_pause_ = uniform(0, 2);
        logit_pause_ = uniform(0, 31);
        weights_.clear();
        if (c.function == MICRO_MATRIX)
            make_weights(c);
        send(c);
        uint64_t cycles = 1;
        for (; !top->cmd_ready_o && cycles < 1000000; cycles++)
            step(c, late);
        compute(c);
        uint64_t expected = cost(c);
        if (!late && cycles != expected) {
            printf("%s: %llu cycles, not %llu\n", describe(c).c_str(), (unsigned long long)cycles,
                   (unsigned long long)expected);
            return false;
        }
        return same(c);
    }

  private:
    std::unique_ptr<Top> top{new Top};
    Stores stores{*top->rootp};
    std::mt19937 random_;
    std::vector<int8_t> weights_;
    std::vector<uint8_t> scales_;
    std::vector<int32_t> logits_, logit_rows_;
    int beat_ = 0;
    int beat_pause_ = 0, logit_pause_ = 0; // mean cycles without, where things come late
    // Weights reach the column three cycles after their beat.
    struct Weights {
        int32_t factor[COLUMN_K];
        uint8_t scale[COLUMN_R];
    } weights_now_, weights_late_[2] = {};
    std::vector<int16_t> kv_[2] = {std::vector<int16_t>(COLUMN_K), std::vector<int16_t>(COLUMN_K)};
    int kv_exponent_[2][2] = {};
    int kv_row_ = 0, kv_word_ = 0; // the next: a key's, or an element's values

    void tick()
    {
        top->clk_i = 1;
        top->eval();
        drive_kv();
        drive_weights();
        top->clk_i = 0;
        top->eval();
    }

    template <typename Strobe> void load(Strobe &strobe, int address, uint32_t data)
    {
        strobe = 1;
        top->load_address_i = (uint16_t)address;
        top->load_data_i = data;
        tick();
        strobe = 0;
    }

    // COLUMN_K numbers of `width` bits, the first one lowest.
    template <typename Number>
    static void pack(const Number *number, int width, void *word, size_t size)
    {
        std::vector<uint8_t> bytes(size);
        for (int bit = 0; bit < COLUMN_K * width; bit++)
            bytes[bit / 8] |= (uint8_t)((number[bit / width] >> bit % width & 1) << bit % 8);
        memcpy(word, bytes.data(), size);
    }

    static int unpack(const void *word, int index)
    {
        int value = 0;
        for (int bit = 0; bit < KEY_BITS; bit++) {
            int at = index * KEY_BITS + bit;
            value |= (((const uint8_t *)word)[at / 8] >> at % 8 & 1) << bit;
        }
        return value >= 1 << (KEY_BITS - 1) ? value - (1 << KEY_BITS) : value;
    }

    // The KV cache: two cycles from address to data, noise where nothing is read.
    void drive_kv()
    {
        pack(kv_[1].data(), KEY_BITS, &top->kv_word_i, sizeof top->kv_word_i);
        top->kv_exponent_i = (uint8_t)kv_exponent_[1][0];
        top->kv_value_exponent_i = (uint8_t)kv_exponent_[1][1];
        kv_[1] = kv_[0];
        memcpy(kv_exponent_[1], kv_exponent_[0], sizeof kv_exponent_[0]);
        for (auto &mantissa : kv_[0])
            mantissa = (int16_t)random_();
        if (top->kv_start_o)
            kv_row_ = kv_word_ = 0;
        if (!top->kv_re_o)
            return;
        bool of_values = top->kv_is_value_o;
        const Blocks &cache = of_values ? model.values : model.keys;
        size_t row = (size_t)top->kv_head_o * shape.positions_padded() +
                     (of_values ? kv_word_ * COLUMN_K : kv_row_);
        for (int i = 0; i < COLUMN_K; i++)
            kv_[0][i] = of_values ? cache.mantissa.at((row + i) * cache.length + kv_row_)
                                  : cache.mantissa.at(row * cache.length + kv_word_ * COLUMN_K + i);
        kv_row_ += top->kv_last_o;
        kv_word_ = top->kv_last_o ? 0 : kv_word_ + 1;
        kv_exponent_[0][0] = model.keys.exponent[row];
        kv_exponent_[0][1] = model.values.exponent[row];
    }

    void make_weights(const Command &c)
    {
        int limit = 1 << ((c.one_row ? 8 : shape.weight_bits) - 1);
        bool edges = uniform(0, 3) == 0;
        weights_.resize((size_t)c.rows * c.blocks * BLOCK);
        for (auto &w : weights_)
            w = (int8_t)(edges ? -limit : uniform(-limit, limit - 1));
        scales_.resize((size_t)c.rows * c.blocks);
        for (auto &s : scales_)
            s = (uint8_t)(edges ? 255 : uniform(0, 255));
        beat_ = 0;
        logits_.clear();
        logit_rows_.clear();
    }

    void present_beat(const Command &c)
    {
        int rows_a_beat = c.one_row ? 1 : shape.rows;
        int beats_a_row = c.blocks * BLOCK / COLUMN_K;
        weights_now_ = {};
        int row = beat_ / beats_a_row * rows_a_beat, column = beat_ % beats_a_row * COLUMN_K;
        for (int r = 0; r < rows_a_beat; r++) {
            weights_now_.scale[r] = scales_[(size_t)(row + r) * c.blocks + column / BLOCK];
            for (int i = 0; i < COLUMN_K; i++) {
                int w = weights_[(size_t)(row + r) * c.blocks * BLOCK + column + i];
                weights_now_.factor[i] += r ? w * (1 << PAIR_OFFSET) : w;
            }
        }
    }

    // Noise follows what was presented.
    void drive_weights()
    {
        pack(weights_late_[1].factor, COLUMN_MULTIPLIER_BITS, &top->weights_i,
             sizeof top->weights_i);
        memcpy(&top->scales_i, weights_late_[1].scale, sizeof weights_late_[1].scale);
        weights_late_[1] = weights_late_[0];
        weights_late_[0] = weights_now_;
        for (auto &factor : weights_now_.factor)
            factor = (int32_t)random_();
        for (auto &scale : weights_now_.scale)
            scale = (uint8_t)random_();
    }

    // One cycle of a pass.
    void step(const Command &c, bool late)
    {
        bool more = c.function == MICRO_MATRIX &&
                    (size_t)beat_ * (c.one_row ? 1 : shape.rows) * COLUMN_K < weights_.size();
        top->beat_valid_i = more && (!late || uniform(0, beat_pause_) == 0);
        top->logit_ready_i = !late || uniform(0, logit_pause_) == 0;
        if (top->beat_valid_i)
            present_beat(c);
        top->eval();
        beat_ += top->beat_valid_i && top->beat_ready_o;
        if (top->logit_valid_o && top->logit_ready_i) {
            logit_rows_.push_back(top->logit_row_o);
            logits_.push_back((int32_t)(top->logit_o << 14) >> 14);
        }
        tick();
    }

    void send(const Command &c)
    {
        top->cmd_valid_i = 1;
        top->cmd_function_i = (uint8_t)c.function;
        top->cmd_variant_i = (uint8_t)c.variant;
        top->cmd_source_i = (uint16_t)c.source;
        top->cmd_target_i = (uint16_t)c.target;
        top->cmd_count_i = (uint16_t)c.count;
        top->cmd_blocks_i = (uint16_t)c.blocks;
        top->cmd_rows_i = (uint16_t)c.rows;
        top->cmd_shift_i = (uint8_t)c.shift;
        top->cmd_shift2_i = (uint8_t)c.shift2;
        top->cmd_constant_i = c.constant;
        top->cmd_one_row_i = (uint8_t)c.one_row;
        top->cmd_head_i = (uint8_t)c.head;
        top->cmd_kv_head_i = (uint8_t)c.kv_head;
        top->cmd_positions_i = (uint16_t)c.positions;
        top->eval();
        tick();
        top->cmd_valid_i = 0;
        if (!Stores::fields_hold)
            top->cmd_function_i ^= 15; // a field may change once it is taken
        top->eval();
    }

    void compute(const Command &c)
    {
        switch (c.function) {
        case MICRO_SUMSQ:
            return model.sumsq(c.count, c.constant);
        case MICRO_RSQRT:
            return model.rsqrt();
        case MICRO_NORM:
            return model.norm(c.count);
        case MICRO_ROPE:
        case MICRO_COPY:
            return model.head(c.function == MICRO_ROPE, c.variant, c.source, c.count, c.head);
        case MICRO_EXP:
            return model.exponentials(c.positions);
        case MICRO_RECIP:
            return model.reciprocal();
        case MICRO_DIV:
            return model.divide(c.source, c.count);
        case MICRO_SILU:
            return model.silu(c.source, c.count, (unsigned)c.shift2);
        case MICRO_GLU:
            return model.glu(c.source, c.target, c.count, (unsigned)c.shift);
        case MICRO_MATRIX:
            return model.matrix(weights_, scales_, c.rows, c.blocks, (unsigned)c.shift, c.variant,
                                c.target);
        case MICRO_SCORE:
            return model.scores(c.head, c.kv_head, c.positions, (unsigned)c.shift);
        default:
            return model.mix(c.kv_head, c.positions, c.target);
        }
    }

    static std::string describe(const Command &c)
    {
        char text[256];
        snprintf(text, sizeof text,
                 "%s variant %d source %d target %d count %d blocks %d rows %d shift %d shift2 %d "
                 "constant %llu one_row %d head %d kv_head %d positions %d",
                 names[c.function], c.variant, c.source, c.target, c.count, c.blocks, c.rows,
                 c.shift, c.shift2, (unsigned long long)c.constant, c.one_row, c.head, c.kv_head,
                 c.positions);
        return text;
    }

    bool equal(const Command &c, const char *what, size_t index, int64_t is, int64_t should)
    {
        if (is == should)
            return true;
        printf("%s: %s[%zu] is %lld, not %lld\n", describe(c).c_str(), what, index, (long long)is,
               (long long)should);
        return false;
    }

    bool same_blocks(const Command &c, const char *what, const Blocks &blocks, int base, int stride)
    {
        for (size_t b = 0; b < blocks.exponent.size(); b++) {
            size_t at = base + b * stride;
            if (!equal(c, (std::string(what) + " exponent").c_str(), b, stores.exponent(at),
                       blocks.exponent[b]))
                return false;
            for (int i = 0; i < blocks.length; i++)
                if (!equal(c, what, b * blocks.length + i, stores.mantissa(at * BLOCK + i),
                           blocks.mantissa[b * blocks.length + i]))
                    return false;
        }
        return true;
    }

    bool same_stage(const Command &c)
    {
        for (int w = 0; w < shape.head_padded() / COLUMN_K; w++) {
            top->stage_address_i = (uint8_t)w;
            tick();
            for (int i = 0; i < COLUMN_K; i++)
                if (!equal(c, "stage", w * COLUMN_K + i, unpack(&top->stage_word_o, i),
                           model.stage.mantissa[w * COLUMN_K + i]))
                    return false;
        }
        return equal(c, "stage exponent", 0, top->stage_exponent_o, model.stage.exponent[0]);
    }

    bool same(const Command &c)
    {
        for (size_t i = 0; i < (size_t)shape.dim; i++)
            if (!equal(c, "X", i, stores.residual(i), model.residual[i]))
                return false;
        for (size_t i = 0; i < model.wide.size(); i++)
            if (!equal(c, "wide", i, stores.wide(i), model.wide[i]))
                return false;
        if (c.function == MICRO_SCORE)
            for (int t = 0; t < c.positions; t++) {
                if (!equal(c, "score", t, stores.score(t), model.score[t]) ||
                    !equal(c, "value exponent", t, stores.value_exponent(t),
                           model.value_exponent[t]))
                    return false;
            }
        if (c.function == MICRO_MATRIX && c.variant == 2) {
            if (!equal(c, "logit count", 0, (int64_t)logits_.size(), (int64_t)model.logits.size()))
                return false;
            for (size_t r = 0; r < logits_.size(); r++)
                if (!equal(c, "logit's row", r, logit_rows_[r], (int64_t)r) ||
                    !equal(c, "logit", r, logits_[r], model.logits[r]))
                    return false;
        }
        int head_blocks = shape.head_padded() / BLOCK, stride = 1;
        while (stride < head_blocks)
            stride *= 2;
        int base = (int)model.input.exponent.size();
        if ((c.function == MICRO_ROPE || c.function == MICRO_COPY) && c.variant > 0 &&
            c.variant < 3)
            if (!same_stage(c))
                return false;
        return same_blocks(c, "operand", model.input, 0, 1) &&
               same_blocks(c, "query", model.query, base, stride) &&
               same_blocks(c, "probability", model.probability, base + shape.heads * stride, 1);
    }
};

#endif
