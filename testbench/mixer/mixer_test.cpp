// SPDX-License-Identifier: Apache-2.0
//
// rtl/mixer/mixer.v against the C operators: random operations, one after another on
// all slots and layers, with edges; every element of every column's stores is
// compared, the cycles with the stated ones, and each cycle's readiness for a word of
// the payload with what gen/fit/mixer_steps.h tells of it.
//
// Usage: Vmixer SEED ROUNDS. Prints TAP; the parameters come with -DMIXER_...
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Vmixer.h"
#include "testbench/mixer/model.h"
#include "testbench/sim/state_memory.h"

extern "C" {
#include "gen/fit/mixer_steps.h"
}

static const mixer_parameters parameters = {
    MIXER_COLUMNS,    MIXER_LAYERS,     MIXER_INNER, MIXER_STATE, MIXER_HEADS,
    MIXER_CONV_WIDTH, MIXER_STATE_BITS, MIXER_LANES, MIXER_T,     MIXER_EVERY != 0};

enum { WIDE_MAX = 131071, READ_LATENCY = 4 };
enum { STATE_LATENCY = 5, STATE_ROW = 50, STATE_GAP = 3 };

static const state_port port = {
    MIXER_IN_MEMORY ? 16 * MIXER_STATE * (MIXER_STATE_BITS > 8 ? 16 : 8) / MIXER_T : 0,
    MIXER_STATE * 8 / MIXER_T, STATE_LATENCY, STATE_ROW, STATE_GAP};

// What the state takes of the memory: rtl/mixer/state_bursts.v.
static constexpr size_t state_bytes()
{
    size_t window = 16 * MIXER_STATE * (MIXER_STATE_BITS > 8 ? 2 : 1), power = 1;
    while (power < window)
        power *= 2;
    return 2 * power * MIXER_LAYERS * MIXER_COLUMNS * (MIXER_INNER / 16);
}

class Bench
{
  public:
    explicit Bench(unsigned seed) : random_(seed), model_(model_open(&parameters))
    {
        for (auto &seen : seen_)
            seen.assign((size_t)MIXER_COLUMNS * MIXER_LAYERS, false);
        wide_.assign(MIXER_COLUMNS, std::vector<int32_t>(MODEL_WIDE));
        gated_.assign(MIXER_COLUMNS, std::vector<int32_t>(MIXER_INNER));
    }

    ~Bench()
    {
        model_close(model_);
    }

    void reset()
    {
        top_->rst_i = 1;
        for (int i = 0; i < 4; i++)
            tick();
        top_->rst_i = 0;
        tick();
    }

    // One operation; whether all is as it should be.
    bool round()
    {
        mixer_operation o = draw_operation();
        bool late = uniform(0, 2) == 0;
        uint64_t cycles = simulate(o, late);
        o.payload = payload_.data();
        model_run(model_, &o);
        if (!same(o))
            return false;
        bool in_memory = MIXER_IN_MEMORY && o.scan;
        if (!(in_memory && state_pause_) && (told_wrong_ || cycles != told_)) {
            printf("# %s: %llu cycles, told %llu; %llu cycles told wrong\n", describe(o),
                   (unsigned long long)cycles, (unsigned long long)told_,
                   (unsigned long long)told_wrong_);
            return false;
        }
        if (!state_.error().empty()) {
            printf("# %s: %s\n", describe(o), state_.error().c_str());
            return false;
        }
        uint64_t stated = o.scan ? mixer_scan_cycles(&hardware, o.columns)
                                 : mixer_conv_cycles(&hardware, o.columns);
        if (!in_memory && !late && cycles != stated) {
            printf("# %s: %llu cycles, not %llu\n", describe(o), (unsigned long long)cycles,
                   (unsigned long long)stated);
            return false;
        }
        return true;
    }

  private:
    std::mt19937 random_;
    model *model_;
    std::unique_ptr<Vmixer> top_{new Vmixer};
    StateMemory<Vmixer, MIXER_T / 8> state_{*top_, state_bytes(), STATE_LATENCY, STATE_ROW,
                                            STATE_GAP};
    int state_pause_ = 0; // of the state's memory, at random
    std::vector<std::vector<int32_t>> wide_, gated_;
    std::vector<uint8_t> payload_;
    std::vector<bool> seen_[2]; // slots' layers that hold something, of CONV and of SCAN
    std::deque<uint32_t> reads_ = std::deque<uint32_t>(READ_LATENCY - 1);
    char description_[160];
    uint64_t told_ = 0, told_wrong_ = 0; // cycles: all, and those with a readiness not as told

    // A store's write port, one cycle after the mixer's.
    struct {
        bool wide, gated;
        unsigned column, address;
        int32_t data;
    } late_write_ = {};

    const mixer_hardware hardware = {MIXER_EVERY != 0, MIXER_INNER, MIXER_STATE,
                                     MIXER_HEADS,      MIXER_LANES, MIXER_T};

    int uniform(int low, int high)
    {
        return std::uniform_int_distribution<int>(low, high)(random_);
    }

    bool one_in(int n)
    {
        return uniform(1, n) == 1;
    }

    // Of any magnitude, at times an edge.
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
        default:
            break;
        }
        int32_t bound = (int32_t)((1u << uniform(1, bits - 1)) - 1);
        return uniform(-bound, bound);
    }

    void fill(unsigned column, int first, int count, int bits)
    {
        int kind = uniform(0, 7);
        int32_t limit = (int32_t)((1u << (uniform(2, bits) - 1)) - 1);
        for (int i = first; i < first + count; i++) {
            int32_t x = kind == 0 ? 0 : kind < 4 ? value(bits) : uniform(-limit, limit);
            wide_[column][i] = kind == 7 ? (one_in(2) ? limit : -limit) : x;
        }
    }

    const char *describe(const mixer_operation &o)
    {
        snprintf(description_, sizeof description_,
                 "%s, %u columns, %s %u, layer %u, formats %06x, shifts %u and %u",
                 o.scan ? "SCAN" : "CONV", o.columns, o.prefill ? "prefill of slot" : "decode",
                 o.slot, o.scan ? o.blocks : o.target, (unsigned)o.constant, o.shift, o.shift2);
        return description_;
    }

    mixer_operation draw_operation()
    {
        mixer_operation o = {};
        unsigned channels = MIXER_INNER + (MIXER_EVERY ? 0 : 2 * MIXER_STATE);
        o.scan = one_in(2);
        unsigned layer = (unsigned)uniform(0, MIXER_LAYERS - 1);
        o.columns = (uint32_t)uniform(1, MIXER_COLUMNS);
        o.prefill = one_in(2);
        o.slot = (uint32_t)uniform(0, MIXER_COLUMNS - 1);
        o.source = (uint16_t)uniform(0, 500);
        o.shift2 = (uint8_t)uniform(0, 12);
        if (o.scan) {
            o.target = (uint16_t)(o.source + MIXER_INNER + uniform(0, 100));
            o.rows = (uint16_t)(o.target + 2 * MIXER_STATE + uniform(0, 100));
            o.blocks = (uint16_t)layer;
        } else {
            o.target = (uint16_t)layer;
            o.rows = (uint16_t)uniform(0, 65535);
            o.blocks = (uint16_t)uniform(0, 65535);
        }
        draw_positions(o, layer);
        for (unsigned c = 0; c < MIXER_COLUMNS; c++) {
            fill(c, o.source, (int)channels, 18);
            if (o.scan) {
                fill(c, o.target, MIXER_STATE, 18);
                fill(c, o.target + MIXER_STATE, MIXER_STATE, 18);
                fill(c, o.rows, MIXER_HEADS, one_in(2) ? 18 : 14);
            }
        }
        if (o.scan)
            draw_scan(o);
        else
            draw_conv(o, channels);
        return o;
    }

    // A slot's layer begins at position 0.
    void draw_positions(mixer_operation &o, unsigned layer)
    {
        uint32_t position = one_in(3) ? 0 : (uint32_t)uniform(1, 60000);
        for (uint32_t c = 0; c < o.columns; c++) {
            size_t at = (size_t)(o.prefill ? o.slot : c) * MIXER_LAYERS + layer;
            if (!seen_[o.scan][at])
                position = 0;
            seen_[o.scan][at] = true;
            o.position[c] = position;
            position = o.prefill ? position + 1 : one_in(3) ? 0 : (uint32_t)uniform(1, 60000);
        }
    }

    void draw_conv(mixer_operation &o, unsigned channels)
    {
        size_t record;
        o.shift = (uint8_t)uniform(0, 15);
        payload_.assign(model_payload(model_, false, &record), 0);
        int usual = uniform(4, 30);
        for (unsigned i = 0; i < channels; i++) {
            int8_t tap[4];
            for (auto &t : tap)
                t = (int8_t)(one_in(8) ? -128 : uniform(-127, 127));
            int shift = one_in(8) ? uniform(0, 55) : usual + uniform(-4, 4);
            model_write_channel(payload_.data(), i, tap, (int16_t)value(one_in(3) ? 16 : 8),
                                (uint8_t)shift);
        }
    }

    void draw_scan(mixer_operation &o)
    {
        size_t record;
        bool usual = !one_in(3);
        int parameter = usual ? uniform(8, 14) : uniform(0, 17);
        int state = usual ? uniform(16, 30) : uniform(0, 48);
        int d_left = usual ? std::max(0, state + parameter - 24) % 29 : uniform(0, 28);
        o.constant = (uint32_t)(parameter | state << 8 | d_left << 16);
        o.shift =
            (uint8_t)(usual ? std::max(0, state + parameter - uniform(8, 16) + 8) : uniform(0, 55));
        payload_.assign(model_payload(model_, true, &record), 0);
        for (unsigned h = 0; h < MIXER_HEADS; h++) {
            uint16_t decay[MIXER_STATE];
            for (auto &d : decay)
                d = (uint16_t)(one_in(8) ? 65535 : uniform(0, 65535));
            int32_t bias = one_in(8) ? (int32_t)random_() : value(17);
            model_write_head(model_, payload_.data(), h, bias, (int16_t)value(16),
                             (uint8_t)(one_in(4) ? uniform(0, 40) : uniform(12, 18)), decay);
        }
    }

    void tick()
    {
        state_.drive(state_pause_ == 0 || uniform(0, state_pause_) == 0);
        top_->eval();
        state_.tick();
        top_->clk_i = 1;
        top_->eval();
        store();
        uint32_t read = (uint32_t)top_->wide_column_o << 16 | top_->wide_address_o;
        reads_.push_back(read);
        uint32_t due = reads_.front();
        reads_.pop_front();
        unsigned column = due >> 16, address = due & 0xffff;
        int32_t x = column < MIXER_COLUMNS && address < MODEL_WIDE ? wide_[column][address]
                                                                   : (int32_t)random_();
        top_->clk_i = 0;
        top_->wide_data_i = next_wide_;
        next_wide_ = (uint32_t)x & 0x3ffff;
        top_->eval();
    }

    uint32_t next_wide_ = 0;

    void store()
    {
        if (late_write_.wide)
            wide_.at(late_write_.column).at(late_write_.address) = late_write_.data;
        if (late_write_.gated)
            gated_.at(late_write_.column).at(late_write_.address) = late_write_.data;
        late_write_ = {top_->wide_write_o != 0, top_->gated_write_o != 0, top_->write_column_o,
                       top_->write_address_o,
                       top_->gated_write_o ? (int32_t)top_->gated_data_o
                                           : (int32_t)(top_->wide_data_o << 14) >> 14};
    }

    void start(const mixer_operation &o)
    {
        top_->start_i = 1;
        top_->scan_i = o.scan;
        top_->source_i = o.source;
        top_->target_i = o.target;
        top_->rows_i = o.rows;
        top_->blocks_i = o.blocks;
        top_->shift_i = o.shift;
        top_->shift2_i = o.shift2;
        top_->constant_i = o.constant;
        top_->columns_i = (uint8_t)o.columns;
        top_->prefill_i = o.prefill;
        top_->slot_i = (uint8_t)o.slot;
        top_->fresh_i = 0;
        top_->turns_i = 0;
        for (uint32_t c = 0; c < o.columns; c++) {
            top_->fresh_i |= (uint16_t)((o.position[c] == 0) << c);
            top_->turns_i |= (uint16_t)((o.position[c] & 3) << 2 * c);
        }
        tick();
        top_->start_i = 0;
        top_->source_i = top_->target_i = (uint16_t)random_(); // they were taken
    }

    void show_word(size_t word)
    {
        size_t bytes = MIXER_T / 8;
        top_->payload_valid_i = word * bytes < payload_.size();
        top_->payload_last_i = (word + 1) * bytes == payload_.size();
        if (top_->payload_valid_i)
            memcpy(&top_->payload_data_i, payload_.data() + word * bytes, bytes);
    }

    // Cycles from start to when the next may start; noise on the payload beyond its end.
    uint64_t simulate(const mixer_operation &o, bool late)
    {
        for (unsigned c = 0; c < MIXER_COLUMNS; c++)
            for (int i = 0; i < MODEL_WIDE; i++)
                *model_wide(model_, c, (uint32_t)i) = wide_[c][(size_t)i];
        start(o);
        mixer_steps steps;
        mixer_steps_start(&steps, &hardware, o.scan, o.columns);
        mixer_steps_keep_state(&steps, &port, o.prefill);
        told_wrong_ = 0;
        uint64_t cycles = 1;
        size_t word = 0;
        int pause = uniform(1, 9);
        state_pause_ = one_in(2) ? 0 : uniform(1, 9);
        for (; top_->busy_o && cycles < 10000000; cycles++) {
            show_word(word);
            if (late && uniform(0, pause))
                top_->payload_valid_i = 0;
            top_->eval();
            told_wrong_ += mixer_steps_ready(&steps) != (bool)top_->payload_ready_o;
            bool taken = top_->payload_valid_i && top_->payload_ready_o;
            mixer_steps_tick(&steps, taken, taken && top_->payload_last_i);
            word += taken;
            tick();
        }
        told_ = mixer_steps_finish(&steps);
        top_->payload_valid_i = 0;
        return cycles;
    }

    bool same(const mixer_operation &o)
    {
        for (unsigned c = 0; c < MIXER_COLUMNS; c++) {
            for (unsigned i = 0; i < MODEL_WIDE; i++)
                if (wide_[c][i] != *model_wide(model_, c, i)) {
                    printf("# %s: column %u, wide %u: %d, not %d\n", describe(o), c, i, wide_[c][i],
                           *model_wide(model_, c, i));
                    return false;
                }
            for (unsigned i = 0; i < MIXER_INNER; i++)
                if (gated_[c][i] != *model_gated(model_, c, i)) {
                    printf("# %s: column %u, gated %u: %d, not %d\n", describe(o), c, i,
                           gated_[c][i], *model_gated(model_, c, i));
                    return false;
                }
        }
        return true;
    }
};

int main(int argc, char **argv)
{
    unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], nullptr, 0) : 1;
    int rounds = argc > 2 ? atoi(argv[2]) : 100;
    Bench bench(seed);

    bench.reset();
    for (int i = 0; i < rounds; i++)
        if (!bench.round()) {
            printf("not ok - seed %u, operation %d of %d\n", seed, i + 1, rounds);
            return 1;
        }
    printf("ok - %d operations\n", rounds);
    return 0;
}
