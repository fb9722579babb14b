// SPDX-License-Identifier: Apache-2.0
// A model of a quad SPI flash, a W25Q128JV at its pins, that checks the bus's rules and
// reports what breaks one, with the time. Times are in picoseconds.
//
// It begins as an FPGA may find it: asleep, or in a continuous read, and with QE clear.
#ifndef MILLRACE_TESTBENCH_MEMORY_FLASH_MODEL_H
#define MILLRACE_TESTBENCH_MEMORY_FLASH_MODEL_H

#include <cstdint>
#include <random>
#include <string>
#include <vector>

// The data sheet's times, revision F.
struct FlashPart {
    uint64_t size = 16u << 20;
    uint64_t period = 7519;          // fR of EBh: 133 MHz
    uint64_t select_setup = 5000;    // tSLCH
    uint64_t select_hold = 3000;     // tCHSH
    uint64_t deselect_read = 10000;  // tSHSL1
    uint64_t deselect_write = 50000; // tSHSL2
    uint64_t data_setup = 1000;      // tDVCH
    uint64_t data_hold = 2000;       // tCHDX
    uint64_t output_valid = 6000;    // tCLQV
    uint64_t output_off = 7000;      // tSHQZ
    uint64_t wake = 3000000;         // tRES1
    bool asleep = true;
    bool continuous = false;
    uint64_t seed = 1;
};

struct FlashPins {
    bool cs_n = true, clk = false;
    unsigned io = 0;     // as the lines are
    unsigned driven = 0; // those that the host drives
};

class FlashModel
{
  public:
    FlashModel(FlashPart part, std::vector<uint8_t> bytes, uint64_t at);

    // The pins as they are from `time` on; later than the call before.
    void step(uint64_t time, const FlashPins &pins);

    // What the chip shows at `time`, and whether it shows anything.
    unsigned io(uint64_t time);
    bool drives() const
    {
        return driving_;
    }
    // A reset of the host cuts commands short.
    void set_cut_allowed(bool allowed)
    {
        cut_allowed_ = allowed;
    }
    const std::vector<std::string> &violations() const
    {
        return violations_;
    }
    uint64_t clocks() const
    {
        return clocks_;
    }
    uint64_t reads() const
    {
        return reads_;
    }

  private:
    void report(const std::string &rule, const std::string &text);
    void select(uint64_t time);
    void deselect(uint64_t time);
    void rise(uint64_t time, const FlashPins &pins);
    void command_bit(const FlashPins &pins);
    void status_bit(const FlashPins &pins);
    void address_clock(const FlashPins &pins);
    void fall(uint64_t time);

    enum class Phase { command, status, address, data, done };

    FlashPart part_;
    std::mt19937_64 random_;
    std::vector<uint8_t> bytes_; // what lies from at_ on; elsewhere the flash is empty
    uint64_t at_;
    std::vector<std::string> violations_;
    FlashPins pins_;
    uint64_t time_ = 0, clocks_ = 0, reads_ = 0;
    uint64_t selected_ = 0, deselected_ = 0, rose_ = 0, fell_ = 0, awake_ = 0;
    uint64_t changed_[4] = {};
    uint64_t deselect_ = 0; // how long CS has to be high
    Phase phase_ = Phase::command;
    unsigned step_ = 0; // clocks of the phase
    unsigned command_ = 0, status_ = 0;
    uint64_t address_ = 0; // in nibbles while data are read
    bool asleep_, continuous_, quad_ = false, write_enabled_ = false;
    bool driving_ = false, cut_allowed_ = false;
    unsigned shown_ = 0;
};

#endif
