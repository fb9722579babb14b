/* SPDX-License-Identifier: Apache-2.0 */
/* From a compiled model to the folder that holds its hardware. */
#ifndef MILLRACE_GEN_VERILOG_EMIT_H
#define MILLRACE_GEN_VERILOG_EMIT_H

#include "gen/mill/mill.h"

/* How the simulation's memory serves the tape. */
struct memory_model {
    uint32_t latency; /* cycles from a start to the first word */
    uint32_t burst;   /* words in a row; then ... */
    uint32_t gap;     /* ... cycles without one */
};

struct design {
    uint32_t columns;       /* 1..16 */
    uint32_t inputs;        /* K: inputs that a row takes a beat: 2, 4, 8 or 16 */
    uint32_t tape_bus_bits; /* T: 16, 32, 64, 128 or 256 */
    uint32_t fifo_depth;    /* words prefetched, a power of two from 4 on */
    uint32_t top_k;         /* candidates a column, 1..64 and at most the vocabulary */
    double clock_hz;        /* stated, for figures */
    struct memory_model memory;
};

/* Rows that the array takes a beat: 2, or 1 where all weights have 8 bits. */
uint32_t design_rows(const struct mill *mill);

/* Write the design of `mill` into `directory`, made where it is missing: the
 * top module millrace_top.v, rtl/, function_table.hex, tape.bin, design.json,
 * and the simulation's harness with a Makefile that builds it as `sim`.  The
 * same input gives the same bytes. */
bool emit_design(const struct mill *mill, const struct design *design, const char *directory,
                 struct error *err);

#endif
