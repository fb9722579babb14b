// SPDX-License-Identifier: Apache-2.0
// hyperram_memory against the model of the chip: random loads, starts and bursts of state
// with a stalling consumer, then the tape's stream alone, which is measured.
//
// Usage: Vhyperram_memory SEED ROUNDS MEASURED_CYCLES CORE_PERIOD MEMORY_PERIOD HALVES
// What the chip sends takes HALVES halves of a cycle more. Times are in picoseconds.
#include <cstdlib>
#include <memory>

#include "Vhyperram_memory.h"
#include "testbench/memory/core_side.h"
#include "testbench/memory/hyperram_chip.h"
#include "testbench/memory/two_clocks.h"

namespace
{

int failed(uint64_t seed, const std::string &what)
{
    printf("not ok - hyperram_memory, seed %llu: %s\n", static_cast<unsigned long long>(seed),
           what.c_str());
    return 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    const uint64_t seed = strtoull(argv[1], nullptr, 0);
    const unsigned rounds = strtoul(argv[2], nullptr, 0);
    const uint64_t measured = strtoull(argv[3], nullptr, 0);
    const uint64_t core_period = strtoull(argv[4], nullptr, 0);

    HyperramPart part;
    part.address_bits = HYPERRAM_A;
    part.latency = HYPERRAM_LATENCY;
    part.fixed = HYPERRAM_FIXED;
    part.period = strtoull(argv[5], nullptr, 0);
    part.power_up = HYPERRAM_INIT_CYCLES * part.period;
    part.seed = seed;
    auto dut = std::make_unique<Vhyperram_memory>();
    HyperramChip<Vhyperram_memory> chip{*dut, HyperramModel(part),
                                        static_cast<unsigned>(strtoul(argv[6], nullptr, 0))};
    CoreOptions options;
    options.word_bytes = HYPERRAM_T / 8;
    options.tape_lines = HYPERRAM_TAPE_LINES;
    options.state_bytes = 8192;
    options.seed = seed;
    CoreSide<Vhyperram_memory> core(*dut, options);
    TwoClocks<Vhyperram_memory> clocks(*dut, core_period, part.period);

    const auto bad = [&] { return !core.error().empty() || !chip.model.violations().empty(); };
    const auto why = [&] {
        return chip.model.violations().empty() ? core.error() : chip.model.violations()[0];
    };
    const auto run_until = [&](auto done) {
        while (!bad() && !done())
            clocks.step(core, chip);
    };
    const auto run_cycles = [&](uint64_t count) {
        const uint64_t end = chip.model.cycle() + count;
        run_until([&] { return chip.model.cycle() >= end; });
    };

    // The chip gets its power when the pins hold what the reset made them.
    dut->rst_i = dut->memory_rst_i = 1;
    for (unsigned i = 0; i < 64; i++)
        clocks.step(core, chip);
    dut->rst_i = dut->memory_rst_i = 0;
    chip.powered = true;
    run_until([&] { return dut->fault_o != 1; });
    if (bad() || dut->fault_o != 0)
        return failed(seed, bad() ? why() : "the start-up test fails");

    core.load(0, HYPERRAM_TAPE_LINES);
    run_until([&] { return core.load_done(); });
    for (unsigned round = 0; round < rounds; round++) {
        core.set_bursts(core.pick(4) != 0);
        run_cycles(core.pick(4000));
        const unsigned line = core.pick(HYPERRAM_TAPE_LINES);
        const unsigned most = HYPERRAM_TAPE_LINES - line;
        if (core.pick(2))
            core.load(line, 1 + core.pick(most < 16 ? most : 16));
        else
            core.start();
        run_until([&] { return core.idle(); });
    }
    if (bad())
        return failed(seed, why());
    if (core.words() < 100 * rounds || core.state_words() < 100)
        return failed(seed, "next to nothing moved");
    printf("ok - hyperram_memory, %u halves late, seed %llu: %llu words of tape, %llu of state\n",
           chip.halves, static_cast<unsigned long long>(seed),
           static_cast<unsigned long long>(core.words()),
           static_cast<unsigned long long>(core.state_words()));

    core.set_bursts(false);
    core.set_always_ready(true);
    core.start();
    run_until([&] { return core.idle(); });
    run_cycles(8000);
    const uint64_t words = core.words(), cycles = chip.model.cycle();
    run_cycles(measured);
    if (bad())
        return failed(seed, why());
    const double fraction = static_cast<double>(core.words() - words) * HYPERRAM_T / 16 /
                            static_cast<double>(chip.model.cycle() - cycles);
    // The longest legal burst: all of tCSM but command and latency, then CS high for as
    // long as tRWR asks.
    const double low = HYPERRAM_T_CSM;
    const double spent = 3 + HYPERRAM_LATENCY * (HYPERRAM_FIXED ? 2 : 1) - 1;
    const double high = static_cast<double>(part.cshi + part.period - 1) / part.period;
    const double bound = (low - spent) / (low + high);
    printf("# payload fraction of peak: %.4f, of the bus's bound %.4f: %.4f; CS low for %llu of "
           "%d cycles\n",
           fraction, bound, fraction / bound, static_cast<unsigned long long>(chip.model.longest()),
           HYPERRAM_T_CSM);
    const bool good = fraction >= 0.85 && fraction / bound >= 0.95;
    printf("%s - hyperram_memory streams at %.4f of peak (at least 0.85, and 0.95 of the "
           "bound)\n",
           good ? "ok" : "not ok", fraction);
    dut->final();
    return 0;
}
