// SPDX-License-Identifier: Apache-2.0
// The simulation of a whole design: the link's byte stream on standard input and
// output, and a memory that serves the tape.  The memory holds what the file tape.bin does,
// or nothing where there is none, until the host loads it.
//
// Usage: sim [--latency CYCLES] [--burst WORDS] [--gap CYCLES]
//
// The clock stands still while the design waits for the host, so that waiting
// costs nothing and the cycles of a run depend on the bytes alone, not on when
// they come.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "Vmillrace_top.h"
#include "host_stream.h"
#include "state_memory.h"
#include "tape_memory.h"
#include "verilated.h"

namespace
{

MemoryModel parse_arguments(int argc, char **argv)
{
    MemoryModel model;
    for (int i = 1; i < argc; i += 2) {
        unsigned long *value = strcmp(argv[i], "--latency") == 0 ? &model.latency
                               : strcmp(argv[i], "--burst") == 0 ? &model.burst
                               : strcmp(argv[i], "--gap") == 0   ? &model.gap
                                                                 : nullptr;
        char *end = nullptr;
        if (value && i + 1 < argc)
            *value = strtoul(argv[i + 1], &end, 10);
        if (!end || *end || end == argv[i + 1] || model.burst == 0) {
            fputs("usage: sim [--latency CYCLES] [--burst WORDS] [--gap CYCLES]\n", stderr);
            exit(2);
        }
    }
    return model;
}

void reset(Vmillrace_top &top)
{
    top.rst_i = 1;
    top.rx_valid_i = 0;
    top.tx_ready_i = 1;
    top.mem_valid_i = 0;
    top.mem_load_ready_i = 1;
    top.mem_load_busy_i = 0;
    top.mem_fault_i = 0;
    top.mem_state_ready_i = 0;
    top.mem_state_write_ready_i = 0;
    top.mem_state_read_valid_i = 0;
    top.restart_i = 0;
    for (int edge = 0; edge < 4; edge++) {
        top.clk_i = edge & 1;
        top.eval();
    }
    top.rst_i = 0;
}

using State = StateMemory<Vmillrace_top, bus_bytes>;

void run(Vmillrace_top &top, TapeMemory &memory, State &state)
{
    HostInput input;
    HostOutput output;

    for (;;) {
        top.clk_i = 0;
        top.mem_valid_i = memory.valid() && !state.busy();
        state.drive(true);
        memcpy(&top.mem_data_i, memory.word(), bus_bytes);
        if (top.rx_ready_o && input.empty()) {
            output.flush();
            if (!input.refill())
                return;
        }
        top.rx_valid_i = !input.empty();
        if (!input.empty())
            top.rx_data_i = input.front();
        top.eval();

        const bool byte_taken = top.rx_valid_i && top.rx_ready_o;
        const bool start = top.mem_start_o, word_taken = top.mem_valid_i && top.mem_ready_o;
        const bool load_start = top.mem_load_start_o, load_taken = top.mem_load_valid_o;
        const size_t load_line = top.mem_load_line_o;
        const uint8_t load_data = top.mem_load_data_o;
        if (top.tx_valid_o)
            output.push(top.tx_data_o);
        state.tick();
        if (!state.error().empty())
            fail(state.error());
        top.clk_i = 1;
        top.eval();
        memory.tick(start, word_taken);
        if (load_start)
            memory.load_from(load_line);
        if (load_taken)
            memory.load(load_data);
        if (byte_taken)
            input.pop();
    }
}

} // namespace

int main(int argc, char **argv)
{
    const MemoryModel model = parse_arguments(argc, argv);
    enter_own_folder();
    std::vector<uint8_t> bytes;
    const std::string wrong = read_memory("tape.bin", bytes);
    if (!wrong.empty())
        fail(wrong);
    TapeMemory memory(std::move(bytes), model);
    VerilatedContext context;
    Vmillrace_top top(&context);
    reset(top);
    State state(top, STATE_BYTES, model.latency, model.burst, model.gap);
    run(top, memory, state);
    top.final();
    return 0;
}
