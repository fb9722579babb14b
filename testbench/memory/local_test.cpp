// SPDX-License-Identifier: Apache-2.0
// A memory on the chip, with one clock: random loads, starts and bursts of state with a
// stalling consumer; then the tape alone, a word a cycle.
//
// Usage: V<module> SEED ROUNDS. LOCAL_HEADER and LOCAL_MODULE name the module.
#include <cstdlib>
#include <memory>

#include LOCAL_HEADER
#include "testbench/memory/core_side.h"

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    CoreOptions options;
    options.seed = strtoull(argv[1], nullptr, 0);
    const unsigned rounds = strtoul(argv[2], nullptr, 0);
    options.word_bytes = LOCAL_T / 8;
    options.tape_lines = LOCAL_TAPE_LINES;
    options.state_bytes = LOCAL_BYTES - 32 * LOCAL_TAPE_LINES;
    auto dut = std::make_unique<LOCAL_MODULE>();
    CoreSide<LOCAL_MODULE> core(*dut, options);

    const auto step = [&] {
        core.before_edge();
        dut->clk_i = 1;
        dut->eval();
        core.after_edge();
        dut->clk_i = 0;
        dut->eval();
    };
    const auto run_until = [&](auto done) {
        while (core.error().empty() && !done())
            step();
    };
    dut->rst_i = 1;
    for (unsigned i = 0; i < 4; i++)
        step();
    dut->rst_i = 0;
    core.load(0, LOCAL_TAPE_LINES);
    run_until([&] { return core.load_done(); });
    for (unsigned round = 0; round < rounds; round++) {
        core.set_bursts(core.pick(4) != 0);
        for (unsigned i = core.pick(2000); i > 0; i--)
            step();
        const unsigned line = core.pick(LOCAL_TAPE_LINES);
        const unsigned most = LOCAL_TAPE_LINES - line;
        if (core.pick(2))
            core.load(line, 1 + core.pick(most < 16 ? most : 16));
        else
            core.start();
        run_until([&] { return core.idle(); });
    }
    core.set_bursts(false);
    core.set_always_ready(true);
    core.start();
    run_until([&] { return core.idle(); });
    for (unsigned i = 0; i < 1000; i++)
        step();
    const uint64_t words = core.words();
    for (unsigned i = 0; i < 10000; i++)
        step();
    const bool gapless = core.words() - words == 10000;
    if (!core.error().empty() || !gapless || core.state_words() == 0) {
        printf("not ok - memory on the chip, T %d, seed %s: %s\n", LOCAL_T, argv[1],
               !core.error().empty() ? core.error().c_str() : "the tape has gaps");
        return 1;
    }
    printf("ok - memory on the chip, T %d, seed %s: %llu words of tape, %llu of state\n", LOCAL_T,
           argv[1], static_cast<unsigned long long>(core.words()),
           static_cast<unsigned long long>(core.state_words()));
    dut->final();
    return 0;
}
