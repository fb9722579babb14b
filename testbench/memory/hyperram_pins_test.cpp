// SPDX-License-Identifier: Apache-2.0
// hyperram_memory through the ECP5's pins against the model of the chip, at both edges of the
// chip's clock: random loads, starts and bursts of state with a stalling consumer.
//
// Usage: Vhyperram_bench SEED ROUNDS CORE_PERIOD MEMORY_PERIOD, in picoseconds.
#include <cstdlib>
#include <memory>

#include "Vhyperram_bench.h"
#include "testbench/memory/core_side.h"
#include "testbench/memory/hyperram_model.h"

namespace
{

using Dut = Vhyperram_bench;

// The chip, at a rising and a falling edge of its clock or where they would be: it takes a byte
// at each, and what it shows changes there too, a clock late.
class ChipPins
{
  public:
    ChipPins(Dut &dut, HyperramPart part) : dut_(dut), model_(part)
    {
    }

    void rising()
    {
        pins_ = {};
        pins_.cs_n = dut_.cs_n_o;
        pins_.ck = dut_.ck_o;
        pins_.dq = dut_.dq_o;
        pins_.rwds = dut_.rwds_o;
        pins_.dq_enable = dut_.dq_driven_o >> 1;
        pins_.rwds_enable = dut_.rwds_driven_o >> 1;
        show(answer_.dq & 0xFF, answer_.rwds & 1);
    }

    void falling()
    {
        if (dut_.ck_o)
            wrong_ = "the clock does not fall";
        if (dut_.cs_n_o && pins_.ck)
            wrong_ = "chip select rises within a clock";
        pins_.dq = static_cast<uint16_t>(pins_.dq | dut_.dq_o << 8);
        pins_.rwds |= static_cast<unsigned>(dut_.rwds_o) << 1;
        show(answer_.dq >> 8, answer_.rwds >> 1);
        answer_ = model_.tick(pins_);
    }

    std::string wrong() const
    {
        return model_.violations().empty() ? wrong_ : model_.violations()[0];
    }

  private:
    void show(unsigned dq, unsigned rwds)
    {
        dut_.chip_dq_i = dq;
        dut_.chip_rwds_i = rwds;
        dut_.chip_dq_drives_i = answer_.drives_dq && !dut_.cs_n_o;
        dut_.chip_rwds_drives_i = answer_.drives_rwds && !dut_.cs_n_o;
        if ((dut_.chip_dq_drives_i && (dut_.dq_driven_o & 1)) ||
            (dut_.chip_rwds_drives_i && (dut_.rwds_driven_o & 1)))
            wrong_ = "both sides drive";
    }

    Dut &dut_;
    HyperramModel model_;
    HyperramPins pins_ = {};
    HyperramAnswer answer_ = {};
    std::string wrong_;
};

// The core's clock, and the memory's in quarters: the shifted clock's edges are the chip's.
class Clocks
{
  public:
    Clocks(Dut &dut, uint64_t core_period, uint64_t memory_period)
        : dut_(dut), core_half_(core_period / 2), quarter_(memory_period / 4)
    {
    }

    template <class Core> void step(Core &core, ChipPins &chip, bool powered)
    {
        if (core_next_ <= memory_next_) {
            core_next_ += core_half_;
            if (!dut_.clk_i)
                core.before_edge();
            dut_.clk_i ^= 1;
            dut_.eval();
            if (dut_.clk_i)
                core.after_edge();
        } else {
            memory_next_ += quarter_;
            dut_.memory_clk_i = at_ < 2;
            dut_.shifted_clk_i = at_ == 1 || at_ == 2;
            dut_.eval();
            if (powered && at_ == 1)
                chip.rising();
            if (powered && at_ == 3)
                chip.falling();
            at_ = (at_ + 1) % 4;
        }
        dut_.eval();
    }

  private:
    Dut &dut_;
    uint64_t core_half_, quarter_, core_next_ = 1000, memory_next_ = 0;
    unsigned at_ = 0;
};

} // namespace

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    CoreOptions options;
    options.word_bytes = HYPERRAM_T / 8;
    options.tape_lines = HYPERRAM_TAPE_LINES;
    options.state_bytes = 8192;
    options.seed = strtoull(argv[1], nullptr, 0);
    const unsigned rounds = strtoul(argv[2], nullptr, 0);
    HyperramPart part;
    part.address_bits = HYPERRAM_A;
    part.latency = HYPERRAM_LATENCY;
    part.fixed = HYPERRAM_FIXED;
    part.period = strtoull(argv[4], nullptr, 0);
    part.power_up = HYPERRAM_INIT_CYCLES * part.period;
    part.seed = options.seed;

    auto dut = std::make_unique<Dut>();
    ChipPins chip(*dut, part);
    CoreSide<Dut> core(*dut, options);
    Clocks clocks(*dut, strtoull(argv[3], nullptr, 0), part.period);
    bool powered = false;
    const auto good = [&] { return core.error().empty() && chip.wrong().empty(); };
    const auto run_until = [&](auto done) {
        while (good() && !done())
            clocks.step(core, chip, powered);
    };
    const auto run_steps = [&](unsigned count) { run_until([&] { return count-- == 0; }); };

    dut->rst_i = dut->memory_rst_i = 1;
    run_steps(200);
    dut->rst_i = dut->memory_rst_i = 0;
    powered = true;
    run_until([&] { return dut->fault_o != 1; });
    core.load(0, HYPERRAM_TAPE_LINES);
    run_until([&] { return core.load_done(); });
    for (unsigned round = 0; round < rounds; round++) {
        core.set_bursts(core.pick(4) != 0);
        run_steps(core.pick(16000));
        if (core.pick(2))
            core.load(core.pick(HYPERRAM_TAPE_LINES), 1);
        else
            core.start();
        run_until([&] { return core.idle(); });
    }
    const bool moved = core.words() > 100 * rounds && core.state_words() > 100;
    if (!good() || dut->fault_o != 0 || !moved) {
        printf("not ok - hyperram_memory through pins, seed %s: %s\n", argv[1],
               !chip.wrong().empty()   ? chip.wrong().c_str()
               : !core.error().empty() ? core.error().c_str()
               : dut->fault_o != 0     ? "the start-up test fails"
                                       : "next to nothing moved");
        return 1;
    }
    printf("ok - hyperram_memory through pins, seed %s: %llu words of tape, %llu of state\n",
           argv[1], static_cast<unsigned long long>(core.words()),
           static_cast<unsigned long long>(core.state_words()));
    dut->final();
    return 0;
}
