// SPDX-License-Identifier: Apache-2.0
// A model of a HyperRAM behind DDR cells, 16 bits a clock, that checks the bus's rules and
// reports what breaks one, with the cycle.
//
// tick() is one clock: it takes what the host sends in it and gives what the chip does.
// The low byte and the low bit of the strobe are the first half of the clock.
#ifndef MILLRACE_TESTBENCH_MEMORY_HYPERRAM_MODEL_H
#define MILLRACE_TESTBENCH_MEMORY_HYPERRAM_MODEL_H

#include <cstdint>
#include <random>
#include <string>
#include <vector>

struct HyperramPart {
    unsigned address_bits = 22; // of words
    unsigned latency = 6;
    bool fixed = true;
    uint64_t period = 10000; // picoseconds
    uint64_t power_up = 150000000;
    uint64_t csm = 4000000; // CS low at most
    uint64_t cshi = 10000;  // CS high at least
    uint64_t rwr = 40000;   // from CS high to the end of the next command
    uint64_t seed = 1;
};

struct HyperramPins {
    bool cs_n = true, ck = false, dq_enable = false, rwds_enable = false;
    uint16_t dq = 0;
    unsigned rwds = 0;
};

struct HyperramAnswer {
    uint16_t dq = 0;
    unsigned rwds = 0;
    bool drives_dq = false, drives_rwds = false;
};

class HyperramModel
{
  public:
    explicit HyperramModel(HyperramPart part);

    HyperramAnswer tick(const HyperramPins &pins);
    void poke(uint64_t address, uint16_t word)
    {
        memory_[address] = word;
    }
    const std::vector<std::string> &violations() const
    {
        return violations_;
    }
    uint64_t cycle() const
    {
        return cycle_;
    }
    uint64_t transactions() const
    {
        return transactions_;
    }
    uint64_t longest() const
    {
        return longest_;
    }

  private:
    void report(const std::string &rule, const std::string &text);
    void select();
    void command_word(const HyperramPins &pins);
    void command_complete();
    void write_word(const HyperramPins &pins);
    HyperramAnswer read_word();

    HyperramPart part_;
    std::mt19937_64 random_;
    std::vector<uint16_t> memory_;
    std::vector<std::string> violations_;
    uint64_t cycle_ = 0, low_since_ = 0, high_since_ = 0, transactions_ = 0, longest_ = 0;
    bool selected_ = false, slow_ = false, configured_ = false;
    unsigned clocks_ = 0; // of this transaction
    unsigned first_data_ = 0;
    unsigned row_waits_ = 0; // clocks that it has waited at this end of a row
    uint64_t command_ = 0;
    uint64_t address_ = 0;
    bool read_ = false, register_ = false;
};

#endif
