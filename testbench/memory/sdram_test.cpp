// SPDX-License-Identifier: Apache-2.0
// sdram_memory against the model of the chip: random loads, starts and bursts of state
// with a stalling consumer, then the tape's stream alone, which is measured. Each broken
// rule of the chip's and each wrong byte fails.
//
// Usage: Vsdram_memory SEED ROUNDS MEASURED_CYCLES CORE_PERIOD MEMORY_PERIOD [BROKEN_LINE]
// BROKEN_LINE is an address line of the chip's that is stuck at 0: the start-up test has
// to find it. Times are in picoseconds.
#include <cstdlib>
#include <memory>

#include "Vsdram_memory.h"
#include "testbench/memory/core_side.h"
#include "testbench/memory/sdram_chip.h"
#include "testbench/memory/two_clocks.h"

namespace
{

constexpr unsigned beats = 1u << (SDRAM_ROW_BITS + SDRAM_BANK_BITS + SDRAM_COLUMN_BITS);
constexpr uint64_t bytes = uint64_t{beats} * SDRAM_D / 8;

SdramPart part(uint64_t period)
{
    SdramPart part;
    part.data_bits = SDRAM_D;
    part.bank_bits = SDRAM_BANK_BITS;
    part.row_bits = SDRAM_ROW_BITS;
    part.column_bits = SDRAM_COLUMN_BITS;
    part.cas_latency = SDRAM_CAS_LATENCY;
    part.period = period;
    part.power_up = (SDRAM_INIT_CYCLES - 8) * period;
    // 64 ms for 8192 rows. A test that ends sooner looks at fewer rows in less time, in
    // which the refreshes that may be put off weigh more.
    part.rows_refreshed = 8192 / SDRAM_RETENTION_PART;
    part.retention = 64000000000 / SDRAM_RETENTION_PART;
    if (SDRAM_RETENTION_PART > 1)
        part.retention += 9 * part.interval;
    return part;
}

int failed(uint64_t seed, const std::string &what)
{
    printf("not ok - sdram_memory, seed %llu: %s\n", static_cast<unsigned long long>(seed),
           what.c_str());
    return 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    const uint64_t seed = strtoull(argv[1], nullptr, 0);
    const unsigned rounds = strtoul(argv[2], nullptr, 0);
    const uint64_t measured = strtoull(argv[3], nullptr, 0);
    const uint64_t core_period = strtoull(argv[4], nullptr, 0);
    const uint64_t memory_period = strtoull(argv[5], nullptr, 0);

    auto dut = std::make_unique<Vsdram_memory>();
    SdramChip<Vsdram_memory> chip{*dut, SdramModel(part(memory_period)), SDRAM_READ_DELAY};
    const bool broken = argc > 6;
    if (broken)
        chip.stuck = 1u << strtoul(argv[6], nullptr, 0);
    const uint64_t left = bytes - 32 * SDRAM_TAPE_LINES;
    CoreOptions options;
    options.word_bytes = SDRAM_T / 8;
    options.tape_lines = SDRAM_TAPE_LINES;
    options.state_bytes = static_cast<unsigned>(left < 65536 ? left : 65536);
    options.seed = seed;
    CoreSide<Vsdram_memory> core(*dut, options);
    TwoClocks<Vsdram_memory> clocks(*dut, core_period, memory_period);

    const auto bad = [&] { return !core.error().empty() || !chip.model.violations().empty(); };
    const auto why = [&] {
        return chip.model.violations().empty() ? core.error() : chip.model.violations()[0].text;
    };
    // Run until it is so, or something is wrong.
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
    if (broken) {
        if (dut->fault_o != 2)
            return failed(seed, "the start-up test did not find the broken address line " +
                                    std::string(argv[6]));
        printf("ok - the start-up test finds a broken address line %s\n", argv[6]);
        return 0;
    }
    if (bad() || dut->fault_o != 0)
        return failed(seed, bad() ? why() : "the start-up test fails");

    core.load(0, SDRAM_TAPE_LINES);
    run_until([&] { return core.load_done(); });
    core.set_bursts(true);
    for (unsigned round = 0; round < rounds; round++) {
        run_cycles(core.pick(4000));
        core.set_bursts(core.pick(4) != 0);
        if (core.pick(2)) {
            const unsigned line = core.pick(SDRAM_TAPE_LINES);
            const unsigned most = SDRAM_TAPE_LINES - line;
            core.load(line, 1 + core.pick(most < 16 ? most : 16));
        } else {
            core.start();
        }
        run_until([&] { return core.idle(); });
    }
    if (bad())
        return failed(seed, why());
    if (rounds > 0 && (core.words() < 100 * rounds || core.state_words() < 100))
        return failed(seed, "next to nothing moved");
    if (rounds > 0)
        printf("ok - sdram_memory x%d, T %d, seed %llu: %llu words of tape, %llu of state, "
               "%llu refreshes in %llu cycles\n",
               SDRAM_D, SDRAM_T, static_cast<unsigned long long>(seed),
               static_cast<unsigned long long>(core.words()),
               static_cast<unsigned long long>(core.state_words()),
               static_cast<unsigned long long>(chip.model.refreshes()),
               static_cast<unsigned long long>(chip.model.cycle()));

    // The stream alone, as fast as it comes.
    core.set_bursts(false);
    core.set_always_ready(true);
    run_until([&] { return core.idle(); });
    run_cycles(8000);
    const uint64_t words = core.words(), cycles = chip.model.cycle();
    run_cycles(measured);
    if (bad())
        return failed(seed, why());
    const double fraction = static_cast<double>(core.words() - words) * SDRAM_T / SDRAM_D /
                            static_cast<double>(chip.model.cycle() - cycles);
    printf("# payload fraction of peak: %.4f\n", fraction);
    printf("%s - sdram_memory x%d streams at %.4f of peak in %llu cycles (at least 0.985)\n",
           fraction >= 0.985 ? "ok" : "not ok", SDRAM_D, fraction,
           static_cast<unsigned long long>(chip.model.cycle() - cycles));

    // A consumer that rests now and then: refreshes find their place in the rests.
    const uint64_t all_before = chip.model.refreshes();
    uint64_t while_asked = 0;
    for (unsigned i = 0; i < 20; i++) {
        core.set_stalled(true);
        run_cycles(3500);
        core.set_stalled(false);
        const uint64_t before = chip.model.refreshes();
        run_cycles(3500);
        while_asked += chip.model.refreshes() - before;
    }
    const uint64_t all = chip.model.refreshes() - all_before;
    if (bad())
        return failed(seed, why());
    printf("%s - refreshes wait for the consumer's rests: %llu of %llu did not\n",
           4 * while_asked <= all ? "ok" : "not ok", static_cast<unsigned long long>(while_asked),
           static_cast<unsigned long long>(all));
    dut->final();
    return 0;
}
