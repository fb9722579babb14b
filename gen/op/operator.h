/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operators.  Each lives in one file of this folder, which holds what it
 * computes (the integer definition), how the hardware does it (its micro
 * program) and what that costs; `operators[]` is the table of them.
 */
#ifndef MILLRACE_GEN_OP_OPERATOR_H
#define MILLRACE_GEN_OP_OPERATOR_H

#include "gen/mill/mill.h"
#include "gen/op/micro.h"
#include "gen/op/numerics.h"
#include "host/device.h"

/* Columns are kept side by side, COLUMN_TILE at a time, so that the compiler
 * vectorises over them: element i of column c of a tile is at [i][c]. */
enum { COLUMN_TILE = 16 }; /* LANES of gen/op/lanes.h */

/* Operands: 8-bit mantissas with an exponent for OPERAND_BLOCK inputs. */
struct operand {
    int16_t (*mantissa)[COLUMN_TILE]; /* [inputs] */
    uint8_t (*exponent)[COLUMN_TILE]; /* [inputs / OPERAND_BLOCK] */
};

/* What a tile of columns holds, as the hardware's column does. */
struct column_tile {
    int32_t (*residual)[COLUMN_TILE]; /* [dim padded to 16] */
    int32_t (*wide)[COLUMN_TILE];     /* the wide store */
    int32_t (*gated)[COLUMN_TILE];    /* the gated store, [inner]; of a Mamba model */
    struct operand operand;           /* what a matrix reads */
    struct operand query;             /* heads, each padded to 16 */
    int16_t (*rope)[COLUMN_TILE];     /* [head_dim] of the column's position */
    int32_t (*logit)[COLUMN_TILE];    /* [vocab rows] */
    uint32_t position[COLUMN_TILE];
    uint32_t slot[COLUMN_TILE];
    uint32_t active; /* columns 0..active-1 take part */

    /* Scratch of ATTEND, for one column and head at a time. */
    int32_t *score;                /* [seq_padded] */
    int32_t *probability;          /* [seq_padded] */
    int16_t *probability_mantissa; /* [seq_padded] */
    int32_t *attention;            /* [heads * head_dim] of one column */
};

/* One slot's KV cache.  Scores vectorise over positions and mixes over
 * dimensions: each of these lies side by side. */
struct kv_cache {
    int16_t *key;                           /* [layer][kv_head][head_dim][seq_padded] */
    int8_t *value;                          /* [layer][kv_head][seq_padded][head_padded] */
    uint8_t *key_exponent, *value_exponent; /* [layer][kv_head][seq_padded] */
};

/* One slot's memory of a Mamba model, which position 0 forgets. */
struct mixer_memory {
    int8_t *past;            /* [layer][conv_width - 1][channels], the oldest first */
    uint8_t *past_exponent;  /* [layer][conv_width - 1][channels / 16] */
    int16_t *state;          /* [layer][inner][state] mantissas */
    uint8_t *state_exponent; /* [layer][inner][state / 16] */
};

enum { EXP2_FRACTIONS = 1 << SCORE_FRACTION };

struct reference {
    const struct mill *mill;
    uint32_t columns, tiles;
    uint32_t dim_padded, head_padded, seq_padded;
    struct column_tile *tile;
    struct kv_cache *cache;      /* [columns] */
    struct mixer_memory *memory; /* [columns] */
    int32_t *exp2_fraction; /* [EXP2_FRACTIONS]: the function table's 2^-x at every x below 1 */
    int16_t *const *weight; /* [op]: a MATRIX's weights times scales, [rows][inputs] */
    struct arena arena;
};

struct operator_definition {
    const char *name;
    uint8_t opcode;
    /* The integer definition, on one tile.  `index` is the op's place on the tape. */
    void (*run)(struct reference *, struct column_tile *, const struct tape_op *, size_t index);
    /* The micro program of each variant, MICRO_LAST in its last pass; NULL: no such variant. */
    const struct micro_pass *program[MICRO_VARIANTS];
};

extern const struct operator_definition norm_operator, matrix_operator, heads_operator,
    attend_operator, glu_operator, conv_operator, scan_operator, gate_operator, rotate_operator;

/* CONV before its silu, which is what rtl/mixer/ does of it; the columns do the rest. */
void conv_sums(struct reference *reference, struct column_tile *tile, const struct tape_op *op);

/* The operator of an opcode; NULL for OP_END and unknown ones. */
const struct operator_definition *operator_find(uint8_t opcode);

/* Quantise `count` wide values of one column, [i][column], in blocks of 16 into
 * `operand` from input `first` on (a multiple of 16); pads the last block with 0. */
void operand_quantise(struct operand *operand, uint32_t first, const int32_t *value, uint32_t count,
                      unsigned bits, unsigned column);

#endif
