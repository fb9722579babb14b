// SPDX-License-Identifier: Apache-2.0
// A model of an SDR SDRAM that checks each rule of the part's data sheet and reports
// what breaks one, with cycle and bank.
//
// tick() is one rising edge of the chip's clock: it takes the pins as they are before the
// edge and gives the data that the chip shows after it.  Times are in picoseconds, so
// that the controller's cycles are checked too, and not just against themselves.
// It knows what our controller uses: bursts of 8, sequential, never interrupted.
#ifndef MILLRACE_TESTBENCH_MEMORY_SDRAM_MODEL_H
#define MILLRACE_TESTBENCH_MEMORY_SDRAM_MODEL_H

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

struct SdramPart {
    unsigned data_bits = 16, bank_bits = 2, row_bits = 13, column_bits = 9;
    unsigned cas_latency = 3;
    uint64_t period = 8888;
    uint64_t power_up = 200000000;
    uint64_t rcd = 18000, rp = 18000, ras = 42000, rc = 60000, rfc = 66000, rrd = 14000;
    uint64_t ras_longest = 100000000;
    unsigned wr_cycles = 2, mrd_cycles = 2;
    uint64_t retention = 64000000000; // each row is refreshed once in this time
    unsigned rows_refreshed = 8192;   // by as many refreshes
    uint64_t interval = 7812500;      // between two of them
    unsigned postponed = 8;           // refreshes that may be put off
};

struct SdramPins {
    bool cke = true, cs_n = false, ras_n = true, cas_n = true, we_n = true;
    unsigned bank = 0, address = 0, dqm = 0;
    uint32_t dq = 0;
    bool dq_enable = false;
};

struct Violation {
    std::string rule;
    std::string text;
};

class SdramModel
{
  public:
    explicit SdramModel(SdramPart part);

    uint32_t tick(const SdramPins &pins);
    // What is stored at an address in beats: row, bank, column.
    uint32_t peek(uint64_t address) const
    {
        return memory_[address];
    }
    void poke(uint64_t address, uint32_t beat)
    {
        memory_[address] = beat;
    }
    const std::vector<Violation> &violations() const
    {
        return violations_;
    }
    uint64_t cycle() const
    {
        return cycle_;
    }
    uint64_t refreshes() const
    {
        return refreshes_;
    }

  private:
    static constexpr unsigned burst = 8;
    static constexpr uint64_t never = ~uint64_t{0};

    struct Bank {
        bool open = false;
        unsigned row = 0;
        uint64_t activated = never;  // cycle of the last ACTIVATE
        uint64_t precharged = never; // cycle in which its last precharge began
        bool closes_itself = false;  // precharged is yet to come
        uint64_t cut_before = 0;     // a precharge before this cuts a burst or breaks tWR
        bool written = false;        // and then it is tWR
    };
    struct Beat {
        uint64_t cycle; // the edge at which it is sampled
        uint64_t address;
    };

    void report(const char *rule, unsigned bank, const std::string &text);
    // Report unless `time` has passed since `since`.
    void need(const char *rule, unsigned bank, uint64_t since, uint64_t time);
    void need_cycles(const char *rule, unsigned bank, uint64_t since, uint64_t cycles);
    void close_by_themselves();
    void command(const SdramPins &pins);
    void activate(unsigned bank, unsigned row);
    void column(unsigned bank, unsigned address, bool write);
    void precharge(unsigned bank);
    void refresh();
    void set_mode(const SdramPins &pins);
    void start_up(const SdramPins &pins, unsigned code);
    void write_beat(const SdramPins &pins);
    uint32_t read_beat();
    void check_bus(const SdramPins &pins);
    void check_refresh();

    SdramPart part_;
    uint64_t cycle_ = 0;
    std::vector<uint32_t> memory_;
    std::vector<Bank> banks_;
    std::vector<Violation> violations_;
    std::deque<Beat> reads_, writes_;
    uint64_t last_driven_ = never; // the edge at which the chip's last beat was sampled
    uint64_t last_column_ = never;
    uint64_t last_activate_ = never, last_refresh_ = never, last_mode_ = never;
    std::deque<uint64_t> refresh_times_;
    uint64_t refreshes_ = 0;
    bool late_reported_ = false;
    bool precharged_all_ = false, ready_ = false;
    unsigned start_refreshes_ = 0;
    bool masked_[3] = {false, false, false}; // DQM at this edge and the two before
    uint32_t noise_ = 1;
};

#endif
