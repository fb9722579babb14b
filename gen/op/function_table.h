/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that are not products and sums, as one table of 512 chords:
 * a base and a slope of 18 bits each, which is one block RAM of an ECP5.
 */
#ifndef MILLRACE_GEN_OP_FUNCTION_TABLE_H
#define MILLRACE_GEN_OP_FUNCTION_TABLE_H

#include <stdint.h>
#include <stdio.h>

enum {
    FUNCTION_SILU = 0,         /* + x/16:  silu(x), x in [0, 16), Q12 */
    FUNCTION_EXP2 = 256,       /* + 64x:   2^-x, x in [0, 1), Q16 */
    FUNCTION_RECIPROCAL = 256, /* + 128x:  1/x, x in [1/2, 1), Q15 */
    FUNCTION_SOFTPLUS = 384,   /* + 4x:    2^x log2(1 + 2^-x), x in [0, 8), Q16 */
    FUNCTION_RSQRT = 384,      /* + 128x:  1/sqrt(x), x in [1/4, 1), Q15 */
    FUNCTION_ENTRIES = 512,
};

struct function_chord {
    int32_t base, slope; /* the value at the start; its change to the end */
};

/* The whole table, FUNCTION_ENTRIES chords; unused ones are 0. */
const struct function_chord *function_table(void);

/* The chord at `address`, `low` of 2^bits steps along. */
int32_t function_table_eval(unsigned address, uint32_t low, unsigned bits);

/* The table as $readmemh reads it: a line an entry, base above slope, 36 bits. */
void function_table_write(FILE *file);

#endif
