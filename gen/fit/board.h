/* SPDX-License-Identifier: Apache-2.0 */
/* The boards: what a design may use there, and how their memory serves a tape. */
#ifndef MILLRACE_GEN_FIT_BOARD_H
#define MILLRACE_GEN_FIT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "gen/fit/design.h"

/* A way to use a block RAM: words of `width` bits, `depth` of them. */
struct ram_shape {
    uint16_t width, depth; /* 0: the end of the list */
};

enum { RAM_SHAPES = 6 };

struct board {
    const char *name;
    const char *part;      /* the FPGA; "" in the simulation */
    bool unlimited;        /* no resource runs out */
    uint32_t luts;         /* with four inputs */
    uint32_t multipliers;  /* of 18 x 18, or 16 x 16 in an iCE40 */
    uint32_t ram_blocks;   /* that the stores may use; the tape's memory is apart */
    uint32_t ram_bits;     /* of a block */
    uint64_t memory_bytes; /* for the tape; 0: as many as it has */
    struct ram_shape shape[RAM_SHAPES];
    struct design defaults; /* bus, clock and memory; columns, lanes, queue: sim alone */
    uint32_t lanes;         /* defaults.inputs times rows, of sim alone */
};

/* NULL: no board has that name. */
const struct board *board_find(const char *name);

/* The names, for messages: "sim, icebreaker, ...". */
const char *board_names(void);

#endif
