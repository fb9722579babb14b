/* SPDX-License-Identifier: Apache-2.0 */
/* What can be chosen of a design, the model aside. */
#ifndef MILLRACE_GEN_FIT_DESIGN_H
#define MILLRACE_GEN_FIT_DESIGN_H

#include <stdbool.h>
#include <stdint.h>

struct mill;
struct serial_shape;

/* How the simulation's memory serves the tape. */
struct memory_model {
    uint32_t latency; /* cycles from a start to the first word */
    uint32_t burst;   /* words in a row; then ... */
    uint32_t gap;     /* ... cycles without one */
};

struct design {
    const char *board;      /* its name, of which the device says 12 bytes; NULL: "sim" */
    uint32_t memory_lines;  /* that the tape may be loaded into; 0: the tape's own */
    bool memory_fixed;      /* it cannot be loaded over the link */
    bool streams;           /* the link can bring a pass's tape */
    bool tape_streamed;     /* it has to: the memory is too small */
    bool state_in_memory;   /* of a Mamba model: the scan's state is behind the tape */
    uint32_t columns;       /* 1..16 */
    uint32_t inputs;        /* K: inputs that a row takes a beat: 2, 4, 8 or 16 */
    uint32_t tape_bus_bits; /* T: 16, 32, 64, 128 or 256 */
    uint32_t fifo_depth;    /* words prefetched, a power of two from 4 on */
    uint32_t top_k;         /* candidates a column, 1..64 and at most the vocabulary */
    double clock_hz;        /* stated, for figures */
    const char *family;     /* whose primitives rtl/ takes: "ecp5", "ice40"; else NULL or "" */
    struct memory_model memory;
};

/* Rows that the array takes a beat: 2, or 1 where all weights have 8 bits. */
uint32_t design_rows(const struct mill *mill);

/* Has the design a serial column (rtl/serial/): one column on an iCE40 that its memory has
 * room for?  *shape, where it is not NULL, is what its program depends on. */
bool design_is_serial(const struct mill *mill, const struct design *design,
                      struct serial_shape *shape);

/* State elements that the scan of a Mamba model takes a cycle: 1, 2, 4 or 8, with which
 * it does not outlast, for all columns, what of the tape it runs beside. */
uint32_t design_scan_lanes(const struct mill *mill, const struct design *design);

/* How a scan's state lies in the memory (rtl/mixer/state_bursts.v): in windows, the state
 * of 16 channels of a layer and a slot. */
struct state_layout {
    uint32_t windows;                        /* of all layers and slots */
    uint32_t mantissa_bytes, exponent_bytes; /* of a window */
    uint32_t window_bytes;                   /* from one to the next, a power of two */
};

struct state_layout design_state_layout(const struct mill *mill, const struct design *design);

/* Bytes of the memory that the state takes behind the tape; 0 where it is on the chip. */
uint64_t design_state_bytes(const struct mill *mill, const struct design *design);

/* Has the tape a NORM that scales, or a ROTATE of that variant or more? */
bool mill_has_scale(const struct mill *mill);
bool mill_rotates(const struct mill *mill, unsigned variant);

#endif
