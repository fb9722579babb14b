// SPDX-License-Identifier: Apache-2.0
// The simulation of a picture design: the link's byte stream on standard input and
// output.
//
// Kept edges pass through a memory that takes a word a cycle and always has room; where the
// environment has EDGE_STALLS, it stands still in that many of a hundred cycles, at random.
//
// The clock stands still while the design waits for the host, as in sim_main.cpp.
#include <cstdlib>
#include <deque>
#include <random>

#include "Vmillrace_top.h"
#include "host_stream.h"
#include "verilated.h"

namespace
{

void reset(Vmillrace_top &top)
{
    top.rst_i = 1;
    top.rx_valid_i = 0;
    top.tx_ready_i = 1;
    top.restart_i = 0;
    for (int edge = 0; edge < 4; edge++) {
        top.clk_i = edge & 1;
        top.eval();
    }
    top.rst_i = 0;
}

// What strips keep for each other: first in, first out.
class EdgeMemory
{
    std::deque<uint32_t> words;
    std::minstd_rand random;
    const unsigned stalls;

  public:
    EdgeMemory() : stalls(getenv("EDGE_STALLS") ? atoi(getenv("EDGE_STALLS")) : 0)
    {
    }

    // Before the design's combinational logic.
    void show(Vmillrace_top &top)
    {
        top.edge_ready_i = stalls == 0 || random() % 100 >= stalls;
        top.edge_valid_i = !words.empty() && (stalls == 0 || random() % 100 >= stalls);
        top.edge_i = words.empty() ? 0 : words.front();
    }

    // At the rising edge.
    void move(const Vmillrace_top &top)
    {
        if (top.edge_ready_o && top.edge_valid_i)
            words.pop_front();
        if (top.edge_valid_o && top.edge_ready_i)
            words.push_back(top.edge_o);
        if (top.edge_clear_o)
            words.clear();
    }
};

void run(Vmillrace_top &top)
{
    EdgeMemory edges;
    HostInput input;
    HostOutput output;

    for (;;) {
        top.clk_i = 0;
        if (top.rx_ready_o && input.empty()) {
            output.flush();
            if (!input.refill())
                return;
        }
        top.rx_valid_i = !input.empty();
        if (!input.empty())
            top.rx_data_i = input.front();
        edges.show(top);
        top.eval();

        const bool byte_taken = top.rx_valid_i && top.rx_ready_o;
        if (top.tx_valid_o)
            output.push(top.tx_data_o);
        edges.move(top);
        top.clk_i = 1;
        top.eval();
        if (byte_taken)
            input.pop();
    }
}

} // namespace

int main()
{
    enter_own_folder();
    VerilatedContext context;
    Vmillrace_top top(&context);
    reset(top);
    run(top);
    top.final();
    return 0;
}
