/* SPDX-License-Identifier: Apache-2.0 */
/* What mixer.c and scan.c share of a serial column's part of a Mamba block. */
#ifndef MILLRACE_GEN_SERIAL_MIXER_INSIDE_H
#define MILLRACE_GEN_SERIAL_MIXER_INSIDE_H

#include "gen/serial/program_inside.h"

enum {
    SHIFT_MOST = 63,      /* of the counter N */
    EXPONENT_8_MOST = 10, /* of 17 bits of magnitude in 8-bit mantissas, */
    STATE_8_MOST = 23,    /* of 30 bits, */
    GATE_MOST = 14,       /* and of 31 bits in wide ones */
};

/* A = a half of the payload. */
void take(struct serial_builder *b, enum serial_field half);
/* A = variable x a half, or A + it; M = 0. */
void multiply_half(struct serial_builder *b, enum serial_field half, unsigned variable,
                   enum serial_operation operation);
/* N = a variable. */
void load_shift(struct serial_builder *b, unsigned variable);
/* A, M being 0, shifted N down and rounded. */
void round_down(struct serial_builder *b, unsigned most);
/* A = what was read, M = 0. */
void take_word(struct serial_builder *b);
/* A = variable x 2^32, M = 0. */
void load_high(struct serial_builder *b, unsigned variable);
void subtract_exponent(struct serial_builder *b);
/* To `top` again, `variable` + 1 times in all. */
void count_down(struct serial_builder *b, unsigned variable, unsigned top);
/* E = the exponent of 16 elements from the first pointer on. */
void find_exponent(struct serial_builder *b, unsigned limit, unsigned most);
/* The elements from A on, BLOCKS_LEFT + 1 blocks, become mantissa << exponent of 8-bit ones. */
void put_requantise(struct serial_builder *b);

void build_scan(struct serial_builder *b);

#endif
