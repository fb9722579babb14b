// SPDX-License-Identifier: Apache-2.0
// Runs a module with two clocks, clk_i and memory_clk_i, whose edges need not meet.
#ifndef MILLRACE_TESTBENCH_MEMORY_TWO_CLOCKS_H
#define MILLRACE_TESTBENCH_MEMORY_TWO_CLOCKS_H

#include <cstdint>

template <class Dut> class TwoClocks
{
  public:
    TwoClocks(Dut &dut, uint64_t core_period, uint64_t memory_period)
        : dut_(dut), core_half_(core_period / 2), memory_half_(memory_period / 2),
          core_next_(core_half_), memory_next_(memory_half_ / 3)
    {
    }

    // To the next edge. `core` has before_edge() and after_edge() round a rising edge of
    // clk_i, `chip` the same round one of memory_clk_i.
    template <class Core, class Chip> void step(Core &core, Chip &chip)
    {
        if (core_next_ <= memory_next_) {
            core_next_ += core_half_;
            edge(dut_.clk_i, core);
        } else {
            memory_next_ += memory_half_;
            edge(dut_.memory_clk_i, chip);
        }
    }

  private:
    template <class Side> void edge(uint8_t &clock, Side &side)
    {
        if (!clock)
            side.before_edge();
        clock ^= 1;
        dut_.eval();
        if (!clock)
            return;
        side.after_edge();
        dut_.eval();
    }

    Dut &dut_;
    uint64_t core_half_, memory_half_, core_next_, memory_next_;
};

#endif
