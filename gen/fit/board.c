/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/board.h"

#include <string.h>

/* clang-format off */
/* The slowest of the SDRAMs that a ULX3S comes with: MT48LC16M16A2-6A, IS42S16160G-7TL,
 * AS4C32M16SB-7.  T_REFI: 64 ms for 8192 refreshes and the 9 that may be late, docs/memories.md. */
#define ULX3S_SDRAM                                                                            \
    {.kind = MEMORY_SDRAM, .part = "SDR SDRAM, x16", .width = 16, .clock_hz = 112.5e6,         \
     .pin_degrees = 120,                                                                       \
     .time = {{"INIT_CYCLES", 200000}, {"T_RCD", 21}, {"T_RP", 21}, {"T_RAS", 42},             \
              {"T_RC", 63}, {"T_RFC", 70}, {"T_WR", 14}, {"T_RRD", 14}, {"T_MRD", 14},         \
              {"T_REFI", -7803.9}}}

/* Wide multiplexers of LUTs alone: fewer of them, and as fast. A module with a clock of its own is
 * mapped apart: Yosys saves LUTs on every path that is not the longest of what it maps together,
 * and the longest would be the slowest clock's. */
#define ECP5_SYNTHESIS "synth_ecp5 -nowidelut"

/* What a ULX3S has whichever FPGA it comes with. */
#define ULX3S                                                                                  \
    .ram_bits = 18432, .memory_bytes = 33554432, .stream_rate = 19 * 64 * 1000.0,              \
    .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},             \
    .defaults = {.streams = true, .tape_bus_bits = 32, .top_k = 16, .clock_hz = 98.4375e6,     \
                 .memory = {.latency = 12, .burst = 9, .gap = 7}},                             \
    .family = FAMILY_ECP5, .package = "CABGA381", .speed = "6", .synthesis = ECP5_SYNTHESIS,   \
    .apart = "*usb_full_speed* *sdram_memory*", .top = "ulx3s", .constraints = "ulx3s.lpf",    \
    .loader = "openFPGALoader -b ulx3s", .link = "USB, UART", .oscillator_hz = 25000000,       \
    .baud = 1000000, .memory = ULX3S_SDRAM

/* Where an iCEBreaker's tape may lie is the board's name. */
#define ICEBREAKER                                                                             \
    .part = "iCE40UP5K", .luts = 5280, .multipliers = 8, .ram_blocks = 30, .ram_bits = 4096,   \
    .shape = {{16, 256}, {8, 512}, {4, 1024}, {2, 2048}}, .family = FAMILY_ICE40,              \
    .package = "SG48", .speed = "", .synthesis = "synth_ice40",                                \
    .place_flags = "--up5k --package sg48", .constraints = "icebreaker.pcf",                   \
    .loader = "openFPGALoader -b ice40_generic", .link = "UART", .oscillator_hz = 12000000,    \
    .baud = 1000000
/* clang-format on */

/* How many block RAMs and multipliers the parts have is what nextpnr reports of
 * them.  The core clocks are what the designs are built for, see docs/boards.md.  A
 * memory that is slower than the bus at the core's clock has gaps between its words, as many as
 * were measured of a whole design (docs/memories.md).
 * USB brings 19 packets of 64 bytes a millisecond, or 12 of 512 in 125 us (docs/usb.md). */
static const struct board boards[] = {
    {.name = "sim",
     .part = "",
     .unlimited = true,
     .ram_bits = 18432,
     .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},
     .lanes = 16,
     .defaults = {.streams = true,
                  .columns = 4,
                  .tape_bus_bits = 64,
                  .fifo_depth = 1024,
                  .top_k = 16,
                  .clock_hz = 50e6,
                  .memory = {.latency = 16, .burst = 64, .gap = 4}}},
    {.name = "icebreaker",
     .memory_bytes = 131072,
     .defaults = {.tape_bus_bits = 64,
                  .top_k = 4,
                  .clock_hz = 36e6,
                  .memory = {.latency = 2, .burst = 4096, .gap = 0}},
     .top = "icebreaker",
     .memory = {.kind = MEMORY_SPRAM, .part = "4 x SB_SPRAM256KA", .width = 64},
     ICEBREAKER},
    {.name = "icebreaker-flash",
     .memory_bytes = 15728640,
     .large_rams = 4,
     .defaults = {.tape_bus_bits = 16,
                  .top_k = 4,
                  .clock_hz = 36e6,
                  .memory = {.latency = 25, .burst = 1, .gap = 3}},
     .top = "icebreaker_flash",
     .memory = {.kind = MEMORY_FLASH,
                .part = "W25Q128JV",
                .width = 4,
                .tape_offset = 1048576,
                .time = {{"WAKE_CYCLES", 3000}, {"GAP", 50}}},
     ICEBREAKER},
    {.name = "ulx3s-85f",
     .part = "LFE5U-85F",
     .luts = 83640,
     .multipliers = 156,
     .ram_blocks = 208,
     .place_flags = "--85k --package CABGA381 --speed 6",
     ULX3S},
    {.name = "ulx3s-12f",
     .part = "LFE5U-12F",
     .luts = 24288,
     .multipliers = 28,
     .ram_blocks = 56,
     .place_flags = "--12k --package CABGA381 --speed 6",
     ULX3S},
    {.name = "cynthion",
     .part = "LFE5U-12F",
     .luts = 24288,
     .multipliers = 28,
     .ram_blocks = 56,
     .ram_bits = 18432,
     .memory_bytes = 8388608,
     .stream_rate = 12 * 512 * 8000.0,
     .shape = {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}},
     .defaults = {.streams = true,
                  .tape_bus_bits = 32,
                  .top_k = 16,
                  .clock_hz = 120e6,
                  .memory = {.latency = 15, .burst = 5, .gap = 17}},
     .family = FAMILY_ECP5,
     .package = "CABGA256",
     .speed = "8",
     .synthesis = ECP5_SYNTHESIS,
     .apart = "*usb_high_speed* *hyperram_memory*",
     .place_flags = "--12k --package CABGA256 --speed 8",
     .top = "cynthion",
     .constraints = "cynthion.lpf",
     .loader = "apollo configure",
     .link = "USB, UART",
     .oscillator_hz = 60000000,
     .baud = 115200,
     .memory = {.kind = MEMORY_HYPERRAM,
                .part = "W956A8MBYA",
                .width = 8,
                .both_edges = true,
                .clock_hz = 60e6,
                .pin_degrees = 90,
                .time = {{"T_CSM", -4000}, {"GAP", 40}, {"INIT_CYCLES", 150000}}}},
};

const struct board *board_find(const char *name)
{
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++)
        if (strcmp(boards[i].name, name) == 0)
            return &boards[i];
    return NULL;
}

const struct board *board_at(size_t index)
{
    return index < sizeof boards / sizeof boards[0] ? &boards[index] : NULL;
}

const char *board_names(void)
{
    return "sim, icebreaker, icebreaker-flash, ulx3s-85f, ulx3s-12f, cynthion";
}

const char *board_family_name(const struct board *board)
{
    static const char *const name[] = {
        [FAMILY_NONE] = "", [FAMILY_ECP5] = "ecp5", [FAMILY_ICE40] = "ice40"};
    return name[board->family];
}

const char *board_memory_name(const struct board *board)
{
    static const char *const name[] = {[MEMORY_SIMULATED] = "simulated",
                                       [MEMORY_SPRAM] = "SPRAM",
                                       [MEMORY_SDRAM] = "SDRAM",
                                       [MEMORY_HYPERRAM] = "HyperRAM",
                                       [MEMORY_FLASH] = "flash"};
    return name[board->memory.kind];
}

double board_memory_peak(const struct board *board, double core_hz)
{
    const struct board_memory *m = &board->memory;
    return m->width / 8.0 * (m->both_edges ? 2 : 1) * (m->clock_hz > 0 ? m->clock_hz : core_hz);
}
