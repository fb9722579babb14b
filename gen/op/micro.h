/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Micro passes: what the columns are commanded to do for an operator, one after
 * another.  rtl/sequencer.v plays the programs; its comment has the words'
 * layout, rtl/column.v what each function does.
 */
#ifndef MILLRACE_GEN_OP_MICRO_H
#define MILLRACE_GEN_OP_MICRO_H

#include <stdint.h>

#include "base/error.h"

struct mill;

enum micro_function {
    MICRO_SUMSQ,
    MICRO_RSQRT,
    MICRO_NORM,
    MICRO_ROPE,
    MICRO_COPY,
    MICRO_EXP,
    MICRO_RECIP,
    MICRO_DIV,
    MICRO_SILU,
    MICRO_GLU,
    MICRO_MATRIX,
    MICRO_SCORE,
    MICRO_MIX,
    MICRO_KV_STORE,
    MICRO_CONV, /* rtl/mixer/mixer.v's */
    MICRO_SCAN,
    MICRO_GATE, /* those of rtl/mixer_column.v */
    MICRO_SCALE,
    MICRO_HADAMARD,
    MICRO_TWELVE,
};

enum micro_flag {
    MICRO_COUNT_HEAD_DIM = 1 << 5,  /* the count is head_dim, not the header's */
    MICRO_COUNT_DIM = 2 << 5,       /* the count is dim */
    MICRO_COUNT_ATTENTION = 3 << 5, /* the count is heads * head_dim */
    MICRO_COUNT = 3 << 5,           /* the field of these */
    MICRO_SOURCE_BY_HEAD = 1 << 7,  /* the source advances by head_dim with each head */
    MICRO_TARGET_SOURCE = 1 << 8,   /* the target is the pass's source */
    MICRO_TO_OPERAND = 1 << 9,      /* COPY: to the operand that a matrix reads */
    MICRO_LOOP = 1 << 10,           /* from the first pass again, for each of count heads */
    MICRO_LAST = 1 << 11,
};

struct micro_pass {
    uint16_t function; /* enum micro_function */
    uint16_t flags;    /* enum micro_flag */
};

enum {
    MICRO_VARIANTS = 4,
    MICRO_WORDS = 64,
    MICRO_WORD_BITS = 12,
    MICRO_FIRST = 44, /* programs from here on, their addresses before */
};

/* Lay the programs of the operators that are on the tape out as the sequencer's ROM. */
bool microcode_build(const struct mill *mill, uint16_t word[MICRO_WORDS], struct error *err);

#endif
