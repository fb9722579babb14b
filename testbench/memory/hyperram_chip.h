// SPDX-License-Identifier: Apache-2.0
// A HyperRAM on the pins of a module that has hyperram_memory's: 16 bits a clock.
#ifndef MILLRACE_TESTBENCH_MEMORY_HYPERRAM_CHIP_H
#define MILLRACE_TESTBENCH_MEMORY_HYPERRAM_CHIP_H

#include <deque>

#include "testbench/memory/hyperram_model.h"

template <class Dut> struct HyperramChip {
    Dut &dut;
    HyperramModel model;
    unsigned halves = 4; // of cycles that what the chip sends is on its way
    bool powered = false;
    HyperramPins pins = {};
    std::deque<std::pair<uint8_t, unsigned>> under_way = {}; // a byte and the strobe

    void before_edge()
    {
        pins.cs_n = dut.hyperram_cs_n_o;
        pins.ck = dut.hyperram_ck_enable_o;
        pins.dq = dut.hyperram_dq_o;
        pins.dq_enable = dut.hyperram_dq_enable_o;
        pins.rwds = dut.hyperram_rwds_o;
        pins.rwds_enable = dut.hyperram_rwds_enable_o;
    }

    void after_edge()
    {
        if (!powered)
            return;
        while (under_way.size() < halves)
            under_way.push_back({0, 0});
        const HyperramAnswer answer = model.tick(pins);
        under_way.push_back({answer.dq & 0xFF, answer.rwds & 1});
        under_way.push_back({answer.dq >> 8, answer.rwds >> 1});
        dut.hyperram_dq_i = under_way[0].first | under_way[1].first << 8;
        dut.hyperram_rwds_i = under_way[0].second | under_way[1].second << 1;
        under_way.pop_front();
        under_way.pop_front();
    }

    // The first thing that was wrong; "" where nothing was.
    std::string wrong() const
    {
        return model.violations().empty() ? "" : model.violations()[0];
    }

    void fill(const std::vector<uint8_t> &bytes)
    {
        for (size_t i = 0; i + 1 < bytes.size(); i += 2)
            model.poke(i / 2, static_cast<uint16_t>(bytes[i] | bytes[i + 1] << 8));
    }
};

#endif
