// SPDX-License-Identifier: Apache-2.0
// flash_memory through the iCE40's pins against the model of the chip: starts at random
// with a stalling consumer, then the tape's stream alone, which is measured.
//
// Usage: Vflash_bench SEED ROUNDS MEASURED_CYCLES PERIOD CONTINUOUS
// PERIOD is the clock's, in picoseconds. Where CONTINUOUS is 1 the chip is in a continuous
// read at first, else asleep.
#include <cstdlib>
#include <memory>

#include "Vflash_bench.h"
#include "testbench/memory/core_side.h"
#include "testbench/memory/flash_model.h"

namespace
{

int failed(uint64_t seed, const std::string &what)
{
    printf("not ok - flash_memory, T %d, seed %llu: %s\n", FLASH_T,
           static_cast<unsigned long long>(seed), what.c_str());
    return 1;
}

FlashPins pins_of(const Vflash_bench &dut)
{
    FlashPins pins;
    pins.cs_n = dut.flash_cs_n_o;
    pins.clk = dut.flash_clk_o;
    pins.io = dut.flash_io_o;
    pins.driven = dut.flash_driven_o;
    return pins;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    const uint64_t seed = strtoull(argv[1], nullptr, 0);
    const unsigned rounds = strtoul(argv[2], nullptr, 0);
    const uint64_t measured = strtoull(argv[3], nullptr, 0);
    const uint64_t period = strtoull(argv[4], nullptr, 0);

    FlashPart part;
    part.seed = seed;
    part.continuous = strtoul(argv[5], nullptr, 0);
    part.asleep = !part.continuous;
    CoreOptions options;
    options.word_bytes = FLASH_T / 8;
    options.tape_lines = FLASH_TAPE_LINES;
    options.seed = seed;
    auto dut = std::make_unique<Vflash_bench>();
    CoreSide<Vflash_bench> core(*dut, options);
    FlashModel chip(part, core.fill_tape(), FLASH_TAPE_OFFSET);
    uint64_t time = 0, cycle = 0;

    // The chip's lines change between the edges; what it shows counts at the rising one.
    const auto half = [&](bool rising) {
        time += period / 2;
        dut->chip_io_i = chip.io(time);
        dut->chip_drives_i = chip.drives();
        dut->eval();
        if (rising)
            core.before_edge();
        dut->clk_i = rising;
        dut->eval();
        chip.step(time, pins_of(*dut));
        if (rising)
            core.after_edge();
    };
    const auto bad = [&] { return !core.error().empty() || !chip.violations().empty(); };
    const auto why = [&] {
        return chip.violations().empty() ? core.error() : chip.violations()[0];
    };
    const auto run_cycles = [&](uint64_t count) {
        for (uint64_t end = cycle + count; cycle < end && !bad(); cycle++) {
            half(true);
            half(false);
        }
    };
    const auto run_until = [&](auto done) {
        while (!bad() && !done())
            run_cycles(1);
    };

    dut->rst_i = 1;
    run_cycles(64);
    dut->rst_i = 0;
    core.start();
    run_until([&] { return dut->fault_o == 0; });
    run_cycles(1000);
    for (unsigned round = 0; round < rounds; round++) {
        run_cycles(core.pick(core.pick(3) ? 3000 : 40));
        core.start();
        run_until([&] { return core.idle(); });
        if (core.pick(16) == 0) {
            chip.set_cut_allowed(true);
            dut->rst_i = 1;
            run_cycles(4 + core.pick(8));
            dut->rst_i = 0;
            chip.set_cut_allowed(false);
            core.start();
        }
    }
    run_cycles(1000);
    if (bad())
        return failed(seed, why());
    if (core.words() < 20 * rounds)
        return failed(seed, "next to nothing moved");
    printf("ok - flash_memory, T %d, seed %llu: %llu words of tape in %llu reads\n", FLASH_T,
           static_cast<unsigned long long>(seed), static_cast<unsigned long long>(core.words()),
           static_cast<unsigned long long>(chip.reads()));

    core.set_always_ready(true);
    core.start();
    run_until([&] { return core.idle(); });
    const uint64_t asked = cycle, before = core.words();
    run_until([&] { return core.words() != before; });
    const uint64_t first = cycle - asked;
    run_cycles(1000);
    const uint64_t words = core.words(), cycles = cycle;
    run_cycles(measured);
    if (bad())
        return failed(seed, why());
    // The longest legal burst is the whole tape: then CS goes high, and the next address,
    // mode and dummy clocks follow.
    const double fraction = static_cast<double>(core.words() - words) * FLASH_T / 4 /
                            static_cast<double>(cycle - cycles);
    const double tape = FLASH_TAPE_LINES * 64.0;
    const double bound = tape / (tape + 12 + (static_cast<double>(part.deselect_read) / period));
    const bool good = fraction / bound >= 0.95;
    printf("# payload fraction of peak: %.4f, of the bus's bound %.4f: %.4f; %llu cycles to the "
           "first word\n",
           fraction, bound, fraction / bound, static_cast<unsigned long long>(first));
    printf("%s - flash_memory streams at %.4f of the bus's bound (at least 0.95)\n",
           good ? "ok" : "not ok", fraction / bound);
    dut->final();
    return 0;
}
