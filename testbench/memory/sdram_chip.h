// SPDX-License-Identifier: Apache-2.0
// An SDRAM on the pins of a module that has sdram_memory's.
#ifndef MILLRACE_TESTBENCH_MEMORY_SDRAM_CHIP_H
#define MILLRACE_TESTBENCH_MEMORY_SDRAM_CHIP_H

#include "testbench/memory/sdram_model.h"

template <class Dut> struct SdramChip {
    Dut &dut;
    SdramModel model;
    unsigned read_delay = 1; // READ_DELAY of the module: all but one are registers in its pins
    unsigned stuck = 0;      // bits of the address that never rise
    bool powered = false;
    SdramPins pins = {};
    uint32_t late[8] = {};

    void before_edge()
    {
        pins.cke = dut.sdram_cke_o;
        pins.cs_n = dut.sdram_cs_n_o;
        pins.ras_n = dut.sdram_ras_n_o;
        pins.cas_n = dut.sdram_cas_n_o;
        pins.we_n = dut.sdram_we_n_o;
        pins.bank = dut.sdram_bank_o;
        pins.address = dut.sdram_address_o & ~stuck;
        pins.dqm = dut.sdram_dqm_o;
        pins.dq = dut.sdram_dq_o;
        pins.dq_enable = dut.sdram_dq_enable_o;
    }

    void after_edge()
    {
        if (!powered)
            return;
        for (unsigned i = 7; i > 0; i--)
            late[i] = late[i - 1];
        late[0] = model.tick(pins);
        dut.sdram_dq_i = late[read_delay - 1];
    }

    // The first thing that was wrong; "" where nothing was.
    std::string wrong() const
    {
        return model.violations().empty() ? "" : model.violations()[0].text;
    }

    void fill(const std::vector<uint8_t> &bytes)
    {
        for (size_t i = 0; i + 1 < bytes.size(); i += 2)
            model.poke(i / 2, bytes[i] | bytes[i + 1] << 8);
    }
};

#endif
