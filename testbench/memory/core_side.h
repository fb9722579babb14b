// SPDX-License-Identifier: Apache-2.0
// The design's side of a memory: random loads, starts and bursts of state, a consumer of
// the tape with random stalls, and a copy of what the memory should hold to compare with.
// Works on any module with the common face of docs/memories.md.
#ifndef MILLRACE_TESTBENCH_MEMORY_CORE_SIDE_H
#define MILLRACE_TESTBENCH_MEMORY_CORE_SIDE_H

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "verilated.h"

// Ports of T bits: an integer up to 64, an array of words above.
template <class Port> inline uint8_t port_byte(const Port &port, unsigned i)
{
    return static_cast<uint8_t>(port >> (8 * i));
}

template <std::size_t Words> inline uint8_t port_byte(const VlWide<Words> &port, unsigned i)
{
    return static_cast<uint8_t>(port[i / 4] >> (8 * (i % 4)));
}

template <class Port> inline void set_port(Port &port, const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= uint64_t{bytes[i]} << (8 * i);
    port = static_cast<Port>(value);
}

template <std::size_t Words>
inline void set_port(VlWide<Words> &port, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count / 4; i++)
        port[i] = bytes[4 * i] | bytes[4 * i + 1] << 8 | bytes[4 * i + 2] << 16 |
                  static_cast<uint32_t>(bytes[4 * i + 3]) << 24;
}

struct CoreOptions {
    unsigned word_bytes = 4;
    unsigned tape_lines = 64;
    unsigned state_bytes = 0; // where bursts may lie, behind the tape; 0: no state port
    uint64_t seed = 1;
};

template <class Dut> class CoreSide
{
  public:
    CoreSide(Dut &dut, CoreOptions options)
        : dut_(dut), options_(options), random_(options.seed), tape_(32u * options.tape_lines),
          state_(options.state_bytes), state_known_(options.state_bytes)
    {
    }

    // Before a rising edge of clk_i: what moves at it.
    void before_edge()
    {
        cycle_++;
        check_tape();
        if (dut_.load_valid_i && dut_.load_ready_o)
            load_at_++;
        if (dut_.state_valid_i && dut_.state_ready_o)
            burst_ = dut_.state_write_i ? Burst::writing : Burst::reading;
        if (dut_.state_write_valid_i && dut_.state_write_ready_o)
            took_word();
        if (dut_.state_read_valid_o)
            check_state();
        if (cycle_ - progress_ > 100000 && error_.empty())
            fail("nothing moves");
        if (dut_.start_i)
            started_ = true, held_ = false, word_ = 0;
    }

    // After it: the inputs of the next cycle.
    void after_edge()
    {
        dut_.start_i = 0;
        dut_.load_start_i = 0;
        drive_load();
        drive_state();
        if (loading_ == Loading::none && burst_ == Burst::none && want_start_) {
            want_start_ = false;
            started_ = false;
            dut_.start_i = 1;
        }
        if (cycle_ % 512 == 0)
            eagerness_ = pick(5);
        dut_.ready_i = always_ready_ ? !stalled_ : pick(4) < eagerness_;
    }

    void start()
    {
        want_start_ = true;
    }
    // Fill the tape from `line` on with `lines` lines of random bytes.
    void load(unsigned line, unsigned lines)
    {
        loading_ = Loading::starting;
        started_ = false;
        load_at_ = 32 * line;
        load_end_ = 32 * (line + lines);
        want_start_ = true;
    }
    // For a memory that cannot be loaded: random bytes, which it is to hold.
    const std::vector<uint8_t> &fill_tape()
    {
        for (uint8_t &byte : tape_)
            byte = static_cast<uint8_t>(random_());
        return tape_;
    }
    bool load_done() const
    {
        return loading_ == Loading::none;
    }
    void set_always_ready(bool on)
    {
        always_ready_ = on;
    }
    void set_stalled(bool on)
    {
        stalled_ = on;
    }
    void set_bursts(bool on)
    {
        bursts_wanted_ = on;
    }
    bool idle() const
    {
        return loading_ == Loading::none && burst_ == Burst::none && !want_start_;
    }
    uint64_t words() const
    {
        return words_;
    }
    uint64_t state_words() const
    {
        return state_words_;
    }
    const std::string &error() const
    {
        return error_;
    }
    unsigned pick(unsigned below)
    {
        return static_cast<unsigned>(random_() % below);
    }

  private:
    enum class Loading { none, starting, bytes, waiting };
    enum class Burst { none, asking, writing, reading };

    void fail(const std::string &what)
    {
        if (error_.empty())
            error_ = "core cycle " + std::to_string(cycle_) + ": " + what;
    }

    void check_tape()
    {
        if (!started_)
            return;
        if (held_ && !dut_.valid_o)
            fail("a word of the tape did not wait");
        if (dut_.valid_o)
            for (unsigned i = 0; i < options_.word_bytes; i++)
                if (port_byte(dut_.data_o, i) != tape_[word_ * options_.word_bytes + i])
                    return fail("byte " + std::to_string(word_ * options_.word_bytes + i) +
                                " of the tape is " + std::to_string(port_byte(dut_.data_o, i)) +
                                ", wanted " +
                                std::to_string(tape_[word_ * options_.word_bytes + i]));
        held_ = dut_.valid_o && !dut_.ready_i && !dut_.start_i;
        if (!dut_.valid_o || !dut_.ready_i)
            return;
        words_++;
        progress_ = cycle_;
        word_ = (word_ + 1) % (tape_.size() / options_.word_bytes);
    }

    void drive_load()
    {
        switch (loading_) {
        case Loading::none:
            break;
        case Loading::starting:
            if (burst_ != Burst::none || dut_.load_busy_o)
                break;
            dut_.load_start_i = 1;
            dut_.load_line_i = load_at_ / 32;
            loading_ = Loading::bytes;
            break;
        case Loading::bytes:
            progress_ = cycle_;
            if (load_at_ == load_end_) {
                dut_.load_valid_i = 0;
                loading_ = Loading::waiting;
            } else if (load_at_ != offered_) {
                // A byte stays as it is until it is taken.
                if (pick(4) == 0) {
                    dut_.load_valid_i = 0;
                    break;
                }
                offered_ = load_at_;
                tape_[load_at_] = static_cast<uint8_t>(random_());
                dut_.load_data_i = tape_[load_at_];
                dut_.load_valid_i = 1;
            }
            break;
        case Loading::waiting:
            if (!dut_.load_busy_o)
                loading_ = Loading::none, offered_ = ~0u;
            break;
        }
    }

    void drive_state()
    {
        dut_.state_valid_i = burst_ == Burst::asking;
        dut_.state_write_valid_i = burst_ == Burst::writing && pick(4) != 0;
        if (burst_ == Burst::writing && dut_.state_write_valid_i) {
            uint8_t bytes[32];
            for (unsigned i = 0; i < options_.word_bytes; i++)
                bytes[i] = static_cast<uint8_t>(0x5A ^ (burst_at_ * 7 + i * 13 + burst_salt_));
            set_port(dut_.state_write_data_i, bytes, options_.word_bytes);
        }
        if (burst_ != Burst::none || !bursts_wanted_ || loading_ != Loading::none || want_start_ ||
            options_.state_bytes == 0 || pick(16) != 0)
            return;
        const unsigned all = options_.state_bytes / options_.word_bytes;
        const unsigned at = pick(all);
        const unsigned longest = all - at < 255 ? all - at : 255;
        burst_left_ = 1 + pick(pick(4) == 0 ? longest : (longest < 9 ? longest : 9));
        burst_at_ = at * options_.word_bytes;
        burst_salt_ = static_cast<uint8_t>(random_());
        dut_.state_write_i = pick(2);
        dut_.state_address_i = burst_at_;
        dut_.state_length_i = burst_left_;
        dut_.state_valid_i = 1;
        burst_ = Burst::asking;
    }

    void next_word()
    {
        progress_ = cycle_;
        state_words_++;
        burst_at_ += options_.word_bytes;
        if (--burst_left_ == 0)
            burst_ = Burst::none;
    }

    void took_word()
    {
        for (unsigned i = 0; i < options_.word_bytes; i++) {
            state_[burst_at_ + i] = port_byte(dut_.state_write_data_i, i);
            state_known_[burst_at_ + i] = true;
        }
        next_word();
    }

    void check_state()
    {
        if (burst_ != Burst::reading)
            return fail("a word of state that nobody asked for");
        for (unsigned i = 0; i < options_.word_bytes; i++) {
            const unsigned found = port_byte(dut_.state_read_data_o, i);
            if (state_known_[burst_at_ + i] && found != state_[burst_at_ + i])
                fail("byte " + std::to_string(burst_at_ + i) + " of the state is " +
                     std::to_string(found) + ", wanted " + std::to_string(state_[burst_at_ + i]));
        }
        next_word();
    }

    Dut &dut_;
    CoreOptions options_;
    std::mt19937_64 random_;
    std::vector<uint8_t> tape_, state_;
    std::vector<bool> state_known_;
    std::string error_;
    uint64_t cycle_ = 0, progress_ = 0, words_ = 0, state_words_ = 0;
    size_t word_ = 0;
    bool started_ = false, held_ = false, want_start_ = false, always_ready_ = false;
    bool stalled_ = false, bursts_wanted_ = false;
    unsigned eagerness_ = 2;
    Loading loading_ = Loading::none;
    unsigned load_at_ = 0, load_end_ = 0, offered_ = ~0u;
    Burst burst_ = Burst::none;
    unsigned burst_at_ = 0, burst_left_ = 0;
    uint8_t burst_salt_ = 0;
};

#endif
