// SPDX-License-Identifier: Apache-2.0
// What differs between the memories for design_main.cpp: the design's module, the chip, its
// part, the clocks.  The parts are the boards'; SDRAM and HYPERRAM are told INIT_CYCLES.
#ifndef MILLRACE_TESTBENCH_MEMORY_DESIGN_CHIP_H
#define MILLRACE_TESTBENCH_MEMORY_DESIGN_CHIP_H

#include "testbench/memory/two_clocks.h"

#if defined MEMORY_SDRAM

#include "Vsdram_design.h"
#include "testbench/memory/sdram_chip.h"

using Design = Vsdram_design;
using Chip = SdramChip<Design>;

inline Chip design_chip(Design &design, const std::vector<uint8_t> &)
{
    SdramPart part;
    part.period = MEMORY_PERIOD;
    return Chip{design, SdramModel(part)};
}

#elif defined MEMORY_HYPERRAM

#include "Vhyperram_design.h"
#include "testbench/memory/hyperram_chip.h"

using Design = Vhyperram_design;
using Chip = HyperramChip<Design>;

inline Chip design_chip(Design &design, const std::vector<uint8_t> &)
{
    HyperramPart part;
    part.latency = DESIGN_LATENCY;
    part.period = MEMORY_PERIOD;
    return Chip{design, HyperramModel(part)};
}

#else

#include "Vflash_design.h"
#include "testbench/memory/flash_chip.h"

using Design = Vflash_design;
using Chip = FlashChip<Design>;

inline Chip design_chip(Design &design, const std::vector<uint8_t> &tape)
{
    return Chip{design, FlashModel(FlashPart{}, tape, DESIGN_TAPE_OFFSET), CORE_PERIOD};
}

#endif

#if defined MEMORY_SDRAM || defined MEMORY_HYPERRAM

using BoardClocks = TwoClocks<Design>;

inline void set_reset(Design &design, bool on)
{
    design.rst_i = design.memory_rst_i = on;
}

// The chip gets its power when the pins hold what the reset made them.
inline void power_up(Chip &chip)
{
    chip.powered = true;
}

#else

// One clock: the chip's edges are the core's.
class BoardClocks
{
  public:
    BoardClocks(Design &design, uint64_t, uint64_t) : design_(design)
    {
    }

    template <class Core> void step(Core &core, Chip &chip)
    {
        core.before_edge();
        chip.before_edge();
        design_.clk_i = 1;
        design_.eval();
        core.after_edge();
        chip.after_edge();
        design_.eval();
        design_.clk_i = 0;
        design_.eval();
    }

  private:
    Design &design_;
};

inline void set_reset(Design &design, bool on)
{
    design.rst_i = on;
}

inline void power_up(Chip &)
{
}

#endif
#endif
