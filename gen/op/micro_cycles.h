/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pass of a column costs: the clock cycles from the command to the next
 * command, exact, since no timing of a column depends on data.  The test of
 * rtl/column.v (testbench/column/) holds every formula to the simulation.
 */
#ifndef MILLRACE_GEN_OP_MICRO_CYCLES_H
#define MILLRACE_GEN_OP_MICRO_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

/* The parameters of rtl/column.v that its timing depends on. */
struct column_shape {
    uint32_t inputs;   /* K: inputs a beat; 2, 4, 8 or 16 */
    uint32_t rows;     /* R: rows a beat; 1 or 2 */
    uint32_t head_dim; /* even, at most 128 */
};

/* The fields of a command that its cycles depend on. */
struct micro_command {
    unsigned function;  /* enum micro_function of the column */
    unsigned variant;   /* of a COPY 3: into the matrices' operand, in blocks of 16 */
    bool one_row;       /* MATRIX: one row a beat, as 8-bit weights have it */
    bool to_wide;       /* NORM: into the wide store */
    uint32_t count;     /* SUMSQ, NORM, COPY, DIV, SILU, GLU, GATE, ...: elements, at least 1 */
    uint32_t stages;    /* HADAMARD, TWELVE */
    uint32_t rows;      /* MATRIX: a multiple of the rows a beat */
    uint32_t blocks;    /* MATRIX: of 16 inputs */
    uint32_t positions; /* SCORE, EXP, MIX */
    uint32_t shift;     /* a serial column alone: SCORE, MATRIX, GLU, */
    uint32_t target;    /* CONV: the layer, */
    uint64_t constant;  /* and SCAN */
};

/* Beats of weights (or of the KV cache) that the command takes; 0 for the
 * vector unit's. */
uint64_t micro_beats(const struct column_shape *shape, const struct micro_command *command);

/* Cycles of the command, where no beat is late and every logit is taken at
 * once.  A cycle in which a beat is missing, or of SCALE a half, adds one. */
uint64_t micro_cycles(const struct column_shape *shape, const struct micro_command *command);

#endif
