/* SPDX-License-Identifier: Apache-2.0 */
/* What turns an emitted folder into a board's bitstream. */
#ifndef MILLRACE_GEN_VERILOG_EMIT_BOARD_H
#define MILLRACE_GEN_VERILOG_EMIT_BOARD_H

#include "base/error.h"
#include "gen/fit/board.h"

/* What a board's top has to know of the design behind it. */
struct board_design {
    const char *name;       /* the model's, for messages; borrowed */
    uint64_t tape_bytes;    /* 0: there is no tape, and its memory stands idle */
    uint32_t tape_bus_bits; /* millrace_top's mem_data_i */
    double clock_hz;        /* that is asked for */
};

/* Write into `directory`, which emit_design or emit_picture has filled, the board's top
 * and what it uses in fpga/, its constraints, bitstream.mk with the rules for Yosys,
 * nextpnr, the packer and the loader, and board.json, which says what was asked of them.
 * `board` is one with an FPGA.  ERROR_INPUT where the PLL cannot make the design's clock
 * or the memory does not hold the tape. */
bool emit_board(const struct board *board, const struct board_design *design, const char *directory,
                struct error *err);

#endif
