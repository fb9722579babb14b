/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that the vector unit looks up, in one table of 512 chords.
 *
 * A chord is a value at its left end and the rise to its right end, both
 * rounded to the nearest integer, so that neighbouring chords meet:
 *
 *   y = base + round_shift(slope * low, bits)
 *
 * where `low`, of `bits` bits, is how far into the chord the argument lies.
 *
 *   addresses  function         argument (address, low)           result
 *   0..255     silu(x), x >= 0  x / 2^12: x >> 8, x & 255         2^12
 *   256..319   2^-x, 0 <= x < 1 x / 2^10: x >> 4, x & 15          2^16
 *   320..383   1 / x            x / 2^16, 2^15 <= x < 2^16:       2^15
 *                               256 + (x >> 9), x & 511
 *   416..511   1 / sqrt(x)      x / 2^16, 2^14 <= x < 2^16:       2^15
 *                               384 + (x >> 9), x & 511
 *
 * The worst errors over all arguments are in function_table_test.c.
 */
#ifndef MILLRACE_GEN_OP_FUNCTION_TABLE_H
#define MILLRACE_GEN_OP_FUNCTION_TABLE_H

#include <stdint.h>
#include <stdio.h>

enum {
    TABLE_SILU = 0,
    TABLE_EXP2 = 256,
    TABLE_RECIPROCAL = 256, /* first used at + 64 */
    TABLE_RSQRT = 384,      /* first used at + 32 */
    TABLE_SIZE = 512,
};

/* Both fit 18 bits signed; 0 where the address belongs to no function. */
struct function_table_chord {
    int32_t base, slope;
};

struct function_table_chord function_table_chord(unsigned address);

/* y at `low` (0 <= low < 2^bits, bits <= 9) of the chord at `address` (< TABLE_SIZE). */
int32_t function_table_eval(unsigned address, uint32_t low, unsigned bits);

/* Write the table for Verilog's $readmemh: a line an address, 9 hexadecimal
 * digits, base in the upper 18 bits and slope in the lower. */
void function_table_write(FILE *out);

#endif
