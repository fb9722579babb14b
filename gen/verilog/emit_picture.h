/* SPDX-License-Identifier: Apache-2.0 */
/* From an image network to the folder that holds its hardware. */
#ifndef MILLRACE_GEN_VERILOG_EMIT_PICTURE_H
#define MILLRACE_GEN_VERILOG_EMIT_PICTURE_H

#include "gen/image/program.h"

/* What the folder says of the hardware: its board's name, of which the device says
 * 12 bytes, whose primitives it takes ("ecp5", "ice40" or ""), its clock, and how wide the
 * board's tape bus is, which stands idle. */
struct picture_board {
    const char *name, *family;
    double clock_hz;
    uint32_t tape_bus_bits;
};

/* Write the design that plays `program` into `directory`, made where it is missing:
 * millrace_top.v, rtl/, the program, weights, scales and constants as .hex files,
 * design.json, and the simulation's harness with a Makefile that builds it as `sim`.
 * The same input gives the same bytes. */
bool emit_picture(const struct picture_program *program, const struct integer_network *network,
                  const struct picture_board *board, const char *directory, struct error *err);

/* A number that differs, but for one chance in 2^32, where the design was made for
 * another network: CRC-32 over the program, the bits of activations, the weights, scales and
 * constants. */
uint32_t picture_fingerprint(const struct picture_program *program);

#endif
