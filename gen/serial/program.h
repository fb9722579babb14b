/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of a serial column (rtl/serial/serial_column.v) and what its memory
 * holds at first: constants, then room for what a column keeps.
 */
#ifndef MILLRACE_GEN_SERIAL_PROGRAM_H
#define MILLRACE_GEN_SERIAL_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "gen/op/micro.h"
#include "gen/serial/instruction.h"

enum { SERIAL_WORDS = 512, SERIAL_WORDS_MIXER = 1024, SERIAL_MEMORY = 1024 };

/* What of a model the program depends on. */
struct serial_shape {
    uint32_t dim, hidden, wide_depth, heads, head_dim, max_seq, act_bits, vocab;
    uint32_t inner, conv_width, layers; /* of a Mamba model with a state of 16; else 0 */
};

/* Where things lie in the memory; those that AT_SECOND addresses at multiples of their size. */
struct serial_layout {
    uint32_t x, scores, value_exponents, rope, vector;
    uint32_t wide_words; /* from 0 on */
};

struct serial_program {
    struct serial_layout layout;
    struct instruction word[SERIAL_WORDS_MIXER];
    bool mixes;     /* is a Mamba model's */
    unsigned words; /* that its memory has: a power of two */
    unsigned length;
    uint32_t memory[SERIAL_MEMORY];
};

/* The word of the program that a command enters it by: serial_column.v's entry. */
static inline unsigned serial_entry(const struct serial_program *program, unsigned variant,
                                    unsigned function)
{
    if (program->mixes)
        return function == MICRO_MATRIX ? function + variant : function;
    return variant ? 16 | variant << 2 | function >> 2 : function;
}

/* Elements of its longest operand. */
uint32_t serial_widest(const struct serial_shape *shape);

/* Does a column of that shape fit the memory and the program's counters? */
bool serial_fits(const struct serial_shape *shape);

/* Words of 32 bits that a Mamba model remembers (gen/serial/mixer.c). */
uint32_t serial_state_words(const struct serial_shape *shape); /* 0 of others */

/* Where what is kept lies, of a shape that fits. */
struct serial_layout serial_lay_out(const struct serial_shape *shape);

/* The program for a shape that fits. */
void serial_program_build(const struct serial_shape *shape, struct serial_program *program);

/* As $readmemh reads them. */
void serial_program_write(const struct serial_program *program, FILE *file);
void serial_memory_write(const struct serial_program *program, FILE *file);

#endif
