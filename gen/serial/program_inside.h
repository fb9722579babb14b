/* SPDX-License-Identifier: Apache-2.0 */
/* A program under construction, for the files that make it alone. */
#ifndef MILLRACE_GEN_SERIAL_PROGRAM_INSIDE_H
#define MILLRACE_GEN_SERIAL_PROGRAM_INSIDE_H

#include "gen/op/micro.h"
#include "gen/serial/program.h"

/* Constants and variables. A limit's negative follows it. Before them lies the wide store. */
enum { VARIABLES = 960 };
enum serial_variable {
    POWERS = VARIABLES, /* 2^0 to 2^15 */
    LIMIT_WIDE = VARIABLES + 16,
    LIMIT_RESIDUAL = VARIABLES + 18,
    LIMIT_NORM = VARIABLES + 20,
    LIMIT_8_BITS = VARIABLES + 22,
    LIMIT_9_BITS = VARIABLES + 24,
    LIMIT_OPERAND = VARIABLES + 26,
    LIMIT = VARIABLES + 28, /* the one that `quantise` holds to: a variable */
    ONE = VARIABLES + 30,
    MINUS_ONE,
    FIFTEEN,
    SIXTEEN,
    EIGHTEEN,
    TWENTY_FOUR,
    THIRTY_TWO,
    MINUS_2_TO_15,
    BELOW_2_TO_16,
    TWO_TO_16,
    RECIPROCAL_AT, /* added to a mantissa: bits 9 to 17 of the sum are the chord's number */
    RSQRT_AT,
    QUERY_AT,
    QUERY_STRIDE,
    HEAD_LENGTH, /* elements of a padded head */
    /* Variables */
    LARGEST, /* magnitude */
    BLOCK_LENGTH,
    BLOCKS_LEFT, /* less one */
    ARGUMENT,    /* of the function table */
    SCALAR,      /* 1 / sqrt or 1 / x of the sum, Q15 */
    SUM_SHIFT,   /* a norm's k - 1, softmax's n - 1 */
    SCORE_MAX,
    EXPONENT_MAX,
    SUM, /* softmax's */
    TEMPORARY,
    OTHER,
    VARIABLES_END,
};

/* Before them in a Mamba model. */
enum { MIXER_VARIABLES = VARIABLES - 64 };
enum mixer_variable {
    DITHER = MIXER_VARIABLES,           /* eighths, for 16 elements from any turn on */
    LIMIT_SHIFT = MIXER_VARIABLES + 20, /* of what N can be: from 0 on */
    LIMIT_EXP2 = MIXER_VARIABLES + 22,  /* beyond it nothing is left of 2^-x */
    LIMIT_STATE = MIXER_VARIABLES + 24,
    TWO = MIXER_VARIABLES + 26,
    FOUR,
    EIGHT,
    TEN,
    TWELVE,
    SEVENTEEN,
    TWENTY_EIGHT,
    MINUS_2_TO_16,
    EXP2_AT, /* as RECIPROCAL_AT */
    SOFTPLUS_AT,
    DITHER_AT,
    KEPT, /* inputs that the convolution remembers of a channel */
    /* Variables */
    STATE_AT, /* of the channel whose turn it is */
    X_AT,
    DT_AT,
    HEADS_LEFT, /* less one */
    PAST,       /* four */
    POWER = PAST + 4,
    FORMATS,
    VALUE,
    WHOLE,
    STEP,
    STEP_DOWN,
    DECAY_DOWN,
    INPUT,
    INPUT_DOWN,
    KEEP_DOWN,
    D,
    DOT,
    DOT_HIGH,
    MIXER_VARIABLES_END,
};

struct serial_builder {
    const struct serial_shape *shape;
    struct serial_program *program;
    unsigned label; /* the last place that may be jumped to */
    /* Subroutines, and where functions end */
    unsigned multiply, round_wide, saturate_wide, saturate_residual, chord, largest_of, row_total,
        copy_limit, query_element, one_block, count_blocks, begin, begin_rows, copy_wide, quantise,
        quantise_operand, scalar;
    unsigned copy_elements, saturate_8_bits, saturate_shift; /* of a Mamba model */
};

/* Steps. */
void put(struct serial_builder *b, struct instruction step);
unsigned here(struct serial_builder *b);
void call(struct serial_builder *b, unsigned routine);
void jump(struct serial_builder *b, unsigned target);
void loop_to(struct serial_builder *b, unsigned target);
/* A = a variable, a field of the command. */
void load(struct serial_builder *b, unsigned variable);
void load_field(struct serial_builder *b, enum serial_field field);
void add(struct serial_builder *b, unsigned variable);
void subtract(struct serial_builder *b, unsigned variable);
void save(struct serial_builder *b, unsigned variable);
void to(struct serial_builder *b, enum serial_load counter);
void set(struct serial_builder *b, enum serial_load counter, unsigned literal);
/* A shifted N down, in `most` cycles whatever N is: then it may be rounded. */
void shift_down(struct serial_builder *b, unsigned most);
/* A shifted n down. */
void shift_by(struct serial_builder *b, unsigned n);
/* A held to a limit and its negative. */
void saturate_to(struct serial_builder *b, unsigned limit);
/* Halves A, counting in E, while it is beyond a constant; `most` times at most. */
void bring_below(struct serial_builder *b, unsigned constant, unsigned most);
/* flag: A < constant, or A >= constant. */
void compare(struct serial_builder *b, unsigned variable, enum serial_flag flag);
/* variable = the larger of it and A. */
void keep_larger(struct serial_builder *b, unsigned variable);
/* A = variable x what lies at `address`, or A + it; M = 0. */
void multiply(struct serial_builder *b, unsigned variable, struct instruction address);

void multiply_add(struct serial_builder *b, unsigned variable, struct instruction address);
/* LIMIT = a limit. */
void set_limit(struct serial_builder *b, unsigned limit);

/* The function begins here. */
void enter(struct serial_builder *b, unsigned entry[], unsigned variant,
           enum micro_function function);
void finish(struct serial_builder *b);
/* C = a field of the command; the first pointer = a wide value's address. */
void count(struct serial_builder *b, enum serial_field field);
void point_at_wide(struct serial_builder *b, enum serial_field field);
/* The vector's element at the second pointer, and A into it; A to the first, and a loop's end. */
struct instruction in_vector(const struct serial_builder *b);
void write_vector(struct serial_builder *b);
void write_first(struct serial_builder *b, unsigned top);

/* Is it a Mamba model's program? */
static inline bool mixes(const struct serial_builder *b)
{
    return b->shape->inner != 0;
}

/* Bits of a chord's argument below its number (rtl/serial/serial_datapath.v). */
static inline unsigned low_bits(const struct serial_shape *shape)
{
    return shape->inner ? 10 : 9;
}

/* The parts of the program, in the order in which they are built. */
void build_routines(struct serial_builder *b);
void build_norm(struct serial_builder *b, unsigned entry[]);
void build_copy(struct serial_builder *b, unsigned entry[]);
void build_heads(struct serial_builder *b, unsigned entry[]);
void build_attention(struct serial_builder *b, unsigned entry[]);
void build_silu(struct serial_builder *b, unsigned entry[]);
void build_glu(struct serial_builder *b, unsigned entry[]);
void build_matrix(struct serial_builder *b, unsigned entry[]);
void build_mixer(struct serial_builder *b, unsigned entry[]);

#endif
