/* SPDX-License-Identifier: Apache-2.0 */
/* What turns an emitted folder into a board's bitstream. */
#ifndef MILLRACE_GEN_VERILOG_EMIT_BOARD_H
#define MILLRACE_GEN_VERILOG_EMIT_BOARD_H

#include "gen/fit/board.h"
#include "gen/mill/mill.h"

/* Write into `directory`, which emit_design has filled, the board's top and what it
 * uses in fpga/, its constraints, bitstream.mk with the rules for Yosys, nextpnr, the
 * packer and the loader, and board.json, which says what was asked of them.  `board` is
 * one with an FPGA.  ERROR_INPUT where the PLL cannot make the design's clock or the
 * memory does not hold the tape. */
bool emit_board(const struct mill *mill, const struct board *board, const struct design *design,
                const char *directory, struct error *err);

#endif
