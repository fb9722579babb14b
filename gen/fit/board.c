/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/board.h"

#include <string.h>

/* How many block RAMs and multipliers the parts have is what nextpnr reports of
 * them.  Clocks and memory timings are assumptions, neither placed and routed nor
 * measured: SDR SDRAM of 16 bits at 100 MHz as 32 bits at half the clock, a row at a
 * time; HyperRAM in bursts of 64; the UP5K's four single-port RAMs side by side. */
static const struct board boards[] = {
    {.name = "sim",
     .part = "",
     .unlimited = true,
     .ram_bits = 18432,
     .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},
     .lanes = 16,
     .defaults = {.columns = 4,
                  .tape_bus_bits = 64,
                  .fifo_depth = 1024,
                  .top_k = 16,
                  .clock_hz = 50e6,
                  .memory = {.latency = 16, .burst = 64, .gap = 4}}},
    {.name = "icebreaker",
     .part = "iCE40UP5K",
     .luts = 5280,
     .multipliers = 8,
     .ram_blocks = 30,
     .ram_bits = 4096,
     .memory_bytes = 131072,
     .shape = {{16, 256}, {8, 512}, {4, 1024}, {2, 2048}},
     .defaults = {.tape_bus_bits = 64,
                  .top_k = 4,
                  .clock_hz = 24e6,
                  .memory = {.latency = 2, .burst = 4096, .gap = 0}}},
    {.name = "ulx3s-85f",
     .part = "LFE5U-85F",
     .luts = 83640,
     .multipliers = 156,
     .ram_blocks = 208,
     .ram_bits = 18432,
     .memory_bytes = 33554432,
     .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},
     .defaults = {.tape_bus_bits = 32,
                  .top_k = 16,
                  .clock_hz = 50e6,
                  .memory = {.latency = 12, .burst = 256, .gap = 8}}},
    {.name = "ulx3s-12f",
     .part = "LFE5U-12F",
     .luts = 24288,
     .multipliers = 28,
     .ram_blocks = 56,
     .ram_bits = 18432,
     .memory_bytes = 33554432,
     .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},
     .defaults = {.tape_bus_bits = 32,
                  .top_k = 16,
                  .clock_hz = 50e6,
                  .memory = {.latency = 12, .burst = 256, .gap = 8}}},
    {.name = "cynthion",
     .part = "LFE5U-12F",
     .luts = 24288,
     .multipliers = 28,
     .ram_blocks = 56,
     .ram_bits = 18432,
     .memory_bytes = 8388608,
     .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},
     .defaults = {.tape_bus_bits = 16,
                  .top_k = 16,
                  .clock_hz = 60e6,
                  .memory = {.latency = 14, .burst = 64, .gap = 14}}},
};

const struct board *board_find(const char *name)
{
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++)
        if (strcmp(boards[i].name, name) == 0)
            return &boards[i];
    return NULL;
}

const char *board_names(void)
{
    return "sim, icebreaker, ulx3s-85f, ulx3s-12f, cynthion";
}
