// SPDX-License-Identifier: Apache-2.0
// The state port's end of a simulated memory (docs/memories.md): one burst after another,
// what is read some cycles after it was asked for, words in rows with gaps between them
// as the tape's.
#ifndef MILLRACE_TESTBENCH_SIM_STATE_MEMORY_H
#define MILLRACE_TESTBENCH_SIM_STATE_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

template <class Dut, size_t word_bytes> class StateMemory
{
  public:
    StateMemory(Dut &dut, size_t bytes, unsigned long latency, unsigned long row, unsigned long gap)
        : dut_(dut), bytes_(bytes), latency_(latency), row_(row), gap_(gap)
    {
    }

    // Before a rising edge: what it shows in this cycle. Where it is not `willing` nothing
    // moves.
    void drive(bool willing)
    {
        const bool passes = willing && left_ != 0 && wait_ == 0;
        dut_.mem_state_ready_i = willing && left_ == 0;
        dut_.mem_state_write_ready_i = passes && writes_;
        dut_.mem_state_read_valid_i = passes && !writes_;
        if (dut_.mem_state_read_valid_i)
            memcpy(&dut_.mem_state_read_data_i, &bytes_[at_], word_bytes);
    }

    // At the edge.
    void tick()
    {
        if (dut_.mem_state_valid_o && dut_.mem_state_ready_i)
            return begin();
        const bool written = dut_.mem_state_write_valid_o && dut_.mem_state_write_ready_i;
        if (written)
            memcpy(&bytes_[at_], &dut_.mem_state_write_data_o, word_bytes);
        if (written || dut_.mem_state_read_valid_i) {
            at_ += word_bytes;
            left_--;
            words_ = words_ + 1 == row_ ? 0 : words_ + 1;
            wait_ = words_ == 0 ? gap_ : 0;
        } else if (wait_ > 0) {
            wait_--;
        }
    }

    // A burst is under way: the pins are not the tape's.
    bool busy() const
    {
        return left_ != 0;
    }

    // What was asked for amiss, if anything.
    const std::string &error() const
    {
        return error_;
    }

  private:
    void begin()
    {
        at_ = dut_.mem_state_address_o;
        left_ = dut_.mem_state_length_o;
        writes_ = dut_.mem_state_write_o;
        words_ = 0;
        wait_ = writes_ ? 0 : latency_;
        if (at_ % word_bytes || left_ == 0 || at_ + left_ * word_bytes > bytes_.size()) {
            error_ = "a burst of " + std::to_string(left_) + " words at byte " +
                     std::to_string(at_) + " of the state";
            left_ = 0;
        }
    }

    Dut &dut_;
    std::vector<uint8_t> bytes_;
    const unsigned long latency_, row_, gap_;
    unsigned long wait_ = 0, words_ = 0;
    size_t at_ = 0, left_ = 0;
    bool writes_ = false;
    std::string error_;
};

#endif
