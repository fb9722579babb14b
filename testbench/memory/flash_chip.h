// SPDX-License-Identifier: Apache-2.0
// A flash on the pins of a module that has flash_memory's, behind registers as
// fpga/ice40_flash_pins.v has them.
#ifndef MILLRACE_TESTBENCH_MEMORY_FLASH_CHIP_H
#define MILLRACE_TESTBENCH_MEMORY_FLASH_CHIP_H

#include "testbench/memory/flash_model.h"

template <class Dut> struct FlashChip {
    Dut &dut;
    FlashModel model;
    uint64_t period;
    uint64_t time = 0;
    FlashPins pins = {};
    bool pulse = false; // this cycle has one
    unsigned shown = 0;

    void before_edge()
    {
        shown = model.io(time);
        pins.cs_n = dut.flash_cs_n_o;
        pins.driven = dut.flash_io_enable_o;
        pins.io = dut.flash_io_o & pins.driven;
        pulse = dut.flash_sck_o;
    }

    // The pins change at the edge; the clock falls there and rises half a cycle later.
    void after_edge()
    {
        pins.clk = false;
        model.step(time, pins);
        pins.clk = pulse;
        model.step(time + period / 2, pins);
        time += period;
        dut.flash_io_i = shown;
    }

    // The first thing that was wrong; "" where nothing was.
    std::string wrong() const
    {
        return model.violations().empty() ? "" : model.violations()[0];
    }

    // It is filled when it is made.
    void fill(const std::vector<uint8_t> &)
    {
    }
};

#endif
