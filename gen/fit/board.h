/* SPDX-License-Identifier: Apache-2.0 */
/* The boards: what a design may use there, how their memory serves a tape, and what
 * builds and loads a bitstream.  docs/add-a-board.md goes through an entry. */
#ifndef MILLRACE_GEN_FIT_BOARD_H
#define MILLRACE_GEN_FIT_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gen/fit/design.h"

/* A way to use a block RAM: words of `width` bits, `depth` of them. */
struct ram_shape {
    uint16_t width, depth; /* 0: the end of the list */
};

enum { RAM_SHAPES = 6, PART_TIMES = 12 };

enum fpga_family { FAMILY_NONE, FAMILY_ECP5, FAMILY_ICE40 };

enum tape_memory {
    MEMORY_SIMULATED,
    MEMORY_SPRAM,
    MEMORY_SDRAM,
    MEMORY_HYPERRAM,
    MEMORY_FLASH /* written with the bitstream, not over the link */
};

/* A time of a memory's data sheet, and the top's parameter that takes it in clocks. */
struct part_time {
    const char *parameter; /* NULL: the end of the list */
    double ns;             /* at least so long; below 0: at most, as a refresh interval is */
};

/* The memory that holds the tape. */
struct board_memory {
    enum tape_memory kind;
    const char *part;
    uint32_t width;       /* data pins */
    bool both_edges;      /* a transfer at each edge of its clock */
    double clock_hz;      /* that its module runs at; 0: the core's */
    double pin_degrees;   /* phase of the clock at its pin after the module's */
    uint32_t tape_offset; /* of a flash: where the tape lies, in bytes, behind the bitstream */
    struct part_time time[PART_TIMES];
};

struct board {
    const char *name;
    const char *part;      /* the FPGA; "" in the simulation */
    bool unlimited;        /* no resource runs out */
    uint32_t luts;         /* with four inputs */
    uint32_t multipliers;  /* of 18 x 18, or 16 x 16 in an iCE40 */
    uint32_t ram_blocks;   /* that the stores may use; the tape's memory is apart */
    uint32_t ram_bits;     /* of a block */
    uint32_t large_rams;   /* an iCE40's SPRAMs that no tape lies in */
    uint64_t memory_bytes; /* for the tape; 0: as many as it has */
    double stream_rate;    /* bytes of a tape a second that the link brings; 0: none */
    struct ram_shape shape[RAM_SHAPES];
    struct design defaults; /* bus, clock and memory; columns, lanes, queue: sim alone */
    uint32_t lanes;         /* defaults.inputs times rows, of sim alone */

    /* What builds and loads a bitstream; nothing of it in the simulation. */
    enum fpga_family family;
    const char *package, *speed;
    const char *synthesis;   /* Yosys' command */
    const char *apart;       /* patterns of modules that it maps each by itself, or NULL */
    const char *place_flags; /* nextpnr's: die, package, speed */
    const char *top;         /* fpga/TOP.v; its module is named so too */
    const char *constraints; /* constraints/FILE */
    const char *loader;      /* the command that loads a bitstream, which comes after it */
    const char *link;        /* what the host is connected by */
    uint32_t oscillator_hz;
    uint32_t baud; /* of the UART */
    struct board_memory memory;
};

/* NULL: no board has that name. */
const struct board *board_find(const char *name);

/* All of them, the simulation first; NULL after the last. */
const struct board *board_at(size_t index);

/* The names, for messages: "sim, icebreaker, ...". */
const char *board_names(void);

/* "ecp5", "ice40", or "". */
const char *board_family_name(const struct board *board);

/* "SDRAM", "HyperRAM", ... */
const char *board_memory_name(const struct board *board);

/* Bytes a second at the memory's pins: width, edges and clock; 0 in the simulation.
 * A memory of the core's clock needs that clock's rate. */
double board_memory_peak(const struct board *board, double core_hz);

#endif
