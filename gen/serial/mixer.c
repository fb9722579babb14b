/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial column's part of a Mamba block: CONV, SCAN and GATE, as gen/op/ defines them.
 *
 * What is remembered lies in the order in which a pass goes through it: of each layer the
 * convolution's inputs, of a channel the oldest first, each mantissa << exponent; then of
 * each channel the exponent of its state and the mantissas times 2^8.  CONV of layer 0 begins
 * at 0 and at position 0 forgets all.
 *
 * Nothing is shifted left: what may go either way goes up by 32 bits first (FIELD_HIGH).
 */
#include "gen/serial/program_inside.h"

enum {
    SHIFT_MOST = 63,      /* of the counter N */
    EXPONENT_8_MOST = 10, /* of 17 bits of magnitude in 8-bit mantissas, */
    STATE_8_MOST = 23,    /* of 30 bits, */
    GATE_MOST = 14,       /* and of 31 bits in wide ones */
    B_AT = 128,           /* B and C in the vector, which has the state's values first */
    C_AT = 192,
    FORGOTTEN = 1024, /* words at a time */
};

/* A = a half of the payload. */
static void take(struct serial_builder *b, enum serial_field half)
{
    put(b, (struct instruction){
               .operand = FROM_FIELD, .literal = half, .operation = CLEAR, .branch = WAIT_HALF});
    put(b, (struct instruction){.operation = ADD});
}

/* A = variable x a half, or A + it; M = 0. */
static void multiply_half(struct serial_builder *b, enum serial_field half, unsigned variable,
                          enum serial_operation operation)
{
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = half, .branch = WAIT_HALF});
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){.operation = operation,
                                .takes_factor = true,
                                .operand = FROM_MEMORY,
                                .branch = CALL,
                                .literal = b->multiply});
}

/* N = a variable. */
static void load_shift(struct serial_builder *b, unsigned variable)
{
    load(b, variable);
    to(b, TO_SHIFT);
}

/* A, M being 0, shifted N down and rounded. */
static void round_down(struct serial_builder *b, unsigned most)
{
    shift_down(b, most);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
}

/* A = what was read, M = 0. */
static void take_word(struct serial_builder *b)
{
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
}

/* A = variable x 2^32, M = 0. */
static void load_high(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){
               .fixed = true, .operand = FROM_FIELD, .literal = FIELD_HIGH, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
}

static void subtract_exponent(struct serial_builder *b)
{
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_EXPONENT, .inverts = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE});
}

/* To `top` again, `variable` + 1 times in all. */
static void count_down(struct serial_builder *b, unsigned variable, unsigned top)
{
    load(b, variable);
    put(b, (struct instruction){.reads = true, .literal = MINUS_ONE});
    put(b, (struct instruction){.operand = FROM_MEMORY});
    put(b, (struct instruction){.operation = ADD, .flag = IF_NOT_NEGATIVE});
    save(b, variable);
    put(b, (struct instruction){.branch = IF_FLAG, .literal = top});
}

/* A = its magnitude, which lies in a variable too. */
static void load_magnitude(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){
               .reads = true, .literal = variable, .operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){
               .operation = ADD, .flag = IF_NEGATIVE, .operand = FROM_MEMORY, .inverts = true});
    put(b, (struct instruction){.operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE, .conditional = true});
}

/* E = the exponent of 16 elements from the first pointer on. */
static void find_exponent(struct serial_builder *b, unsigned limit, unsigned most)
{
    set(b, TO_LOOP, 16);
    call(b, b->largest_of);
    load(b, LARGEST);
    bring_below(b, limit, most);
}

/* The elements from A on, BLOCKS_LEFT + 1 blocks, become mantissa << exponent of 8-bit ones. */
static void put_requantise(struct serial_builder *b)
{
    to(b, TO_FIRST);
    to(b, TO_SECOND);
    unsigned top = here(b);
    find_exponent(b, LIMIT_8_BITS, EXPONENT_8_MOST);
    /* 2^E is 2^10 shifted down by 10 - E. */
    load(b, TEN);
    subtract_exponent(b);
    to(b, TO_SHIFT);
    load(b, POWERS + 10);
    shift_down(b, EXPONENT_8_MOST);
    save(b, POWER);
    set(b, TO_LOOP, 16);
    unsigned element = here(b);
    put(b, (struct instruction){.reads = true, .address = AT_SECOND, .loads = EXPONENT_TO_SHIFT});
    take_word(b);
    round_down(b, EXPONENT_8_MOST);
    call(b, b->saturate_8_bits);
    save(b, TEMPORARY);
    multiply(b, TEMPORARY, (struct instruction){.literal = POWER});
    put(b, (struct instruction){.address = AT_SECOND, .writes = true, .advances = true});
    loop_to(b, element);
    count_down(b, BLOCKS_LEFT, top);
}

/* What only these functions call. */
static void build_saturations(struct serial_builder *b)
{
    b->saturate_8_bits = here(b);
    saturate_to(b, LIMIT_8_BITS);
    put(b, (struct instruction){.branch = RETURN});

    b->saturate_shift = here(b);
    saturate_to(b, LIMIT_SHIFT);
    put(b, (struct instruction){.branch = RETURN});
}

/* ---- CONV */

/* STATE_AT = 0 in layer 0; all is forgotten there at position 0. */
static void begin_pass(struct serial_builder *b)
{
    load_field(b, FIELD_TARGET);
    compare(b, ONE, IF_NEGATIVE);
    put(b, (struct instruction){.literal = STATE_AT, .writes = true, .conditional = true});
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_POSITIONS});
    put(b, (struct instruction){.operation = ADD});
    compare(b, TWO, IF_NOT_NEGATIVE);
    unsigned skip = b->program->length;
    put(b, (struct instruction){.fixed = true, .branch = IF_FLAG});
    put(b, (struct instruction){.operation = CLEAR});
    put(b, (struct instruction){.loads = TO_STATE});
    for (uint32_t at = 0; at < serial_state_words(b->shape); at += FORGOTTEN) {
        set(b, TO_LOOP, 0);
        unsigned top = here(b);
        put(b, (struct instruction){.signal = STATE, .branch = LOOP, .literal = top});
    }
    b->program->word[skip].literal = here(b);
}

/* PAST on = the inputs of the channel, the oldest first, and the remembered ones a token on. */
static void slide(struct serial_builder *b)
{
    uint32_t kept = b->shape->conv_width - 1;

    load(b, STATE_AT);
    to(b, TO_STATE);
    put(b, (struct instruction){.fixed = true});
    for (uint32_t k = 0; k < kept; k++) {
        put(b,
            (struct instruction){
                .fixed = true, .operand = FROM_FIELD, .literal = FIELD_STATE, .operation = CLEAR});
        put(b, (struct instruction){.operation = ADD});
        save(b, PAST + k);
    }
    put(b, (struct instruction){.reads = true, .address = AT_FIRST});
    take_word(b);
    save(b, PAST + kept);
    load(b, STATE_AT);
    to(b, TO_STATE);
    add(b, KEPT);
    save(b, STATE_AT);
    for (uint32_t k = 1; k <= kept; k++) {
        load(b, PAST + k);
        put(b, (struct instruction){.signal = STATE});
    }
}

/* A = the sum of taps x inputs. */
static void convolve(struct serial_builder *b)
{
    enum { TAPS = 4 };

    put(b, (struct instruction){.operation = CLEAR});
    for (uint32_t k = 0; k < TAPS; k++) {
        enum serial_field tap = k % 2 ? FIELD_HIGH_BYTE : FIELD_LOW_BYTE;
        if (k < b->shape->conv_width)
            multiply_half(b, tap, PAST + k, A_HOLDS);
        else
            put(b,
                (struct instruction){.operand = FROM_FIELD, .literal = tap, .branch = WAIT_HALF});
    }
}

static void build_conv(struct serial_builder *b)
{
    begin_pass(b);
    load_field(b, FIELD_COUNT);
    call(b, b->count_blocks);
    load_field(b, FIELD_SOURCE);
    put_requantise(b);
    point_at_wide(b, FIELD_SOURCE);
    load_field(b, FIELD_SHIFT);
    to(b, TO_SECOND);
    count(b, FIELD_COUNT);
    unsigned top = here(b);
    slide(b);
    convolve(b);
    save(b, TEMPORARY);
    take(b, FIELD_HALF_SIGNED);
    save(b, OTHER);
    /* The sum times 2^8, shifted. */
    take(b, FIELD_HALF);
    add(b, TWENTY_FOUR);
    to(b, TO_SHIFT);
    load_high(b, TEMPORARY);
    round_down(b, SHIFT_MOST);
    multiply_add(b, OTHER, (struct instruction){.address = AT_SECOND, .literal = POWERS});
    call(b, b->saturate_wide);
    write_first(b, top);
    finish(b);
}

/* ---- SCAN */

/* B and C, quantised, to the vector; the variables that go from channel to channel. */
static void begin_scan(struct serial_builder *b)
{
    load(b, ONE);
    save(b, BLOCKS_LEFT);
    load_field(b, FIELD_TARGET);
    put_requantise(b);
    point_at_wide(b, FIELD_TARGET);
    for (unsigned at = B_AT; at <= C_AT; at += C_AT - B_AT) {
        set(b, TO_SECOND, at);
        set(b, TO_LOOP, 16);
        call(b, b->copy_elements);
    }
    load_field(b, FIELD_SOURCE);
    save(b, X_AT);
    load_field(b, FIELD_ROWS);
    save(b, DT_AT);
    load_field(b, FIELD_COUNT);
    add(b, MINUS_ONE);
    save(b, HEADS_LEFT);
    /* With 32 bits that the input goes up by, and 4 of its own format. */
    load(b, TWENTY_EIGHT);
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_PARAMETER_FORMAT});
    put(b, (struct instruction){.operation = ADD});
    put(b, (struct instruction){
               .operand = FROM_FIELD, .literal = FIELD_STATE_FORMAT, .inverts = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE});
    save(b, FORMATS);
}

/* VALUE = the time step before softplus, held to a wide value, OTHER its magnitude. */
static void find_time_step(struct serial_builder *b)
{
    load_field(b, FIELD_SHIFT2);
    to(b, TO_SECOND);
    load(b, DT_AT);
    to(b, TO_FIRST);
    add(b, ONE);
    save(b, DT_AT);
    take(b, FIELD_HALF);
    save(b, TEMPORARY);
    take(b, FIELD_HALF_SIGNED);
    save(b, OTHER);
    load(b, TEMPORARY);
    multiply_add(b, OTHER, (struct instruction){.literal = TWO_TO_16});
    put(b, (struct instruction){.reads = true, .address = AT_FIRST});
    put(b, (struct instruction){
               .reads = true, .address = AT_SECOND, .literal = POWERS, .operand = FROM_MEMORY});
    put(b,
        (struct instruction){
            .takes_factor = true, .operand = FROM_MEMORY, .branch = CALL, .literal = b->multiply});
    call(b, b->saturate_wide);
    save(b, VALUE);
    load_magnitude(b, VALUE);
    save(b, OTHER);
}

/* STEP = 2^-x log2(1 + 2^x) / 2^x, Q16, of x in OTHER; WHOLE = its whole part. */
static void find_tail(struct serial_builder *b)
{
    shift_by(b, 12);
    save(b, WHOLE);
    load(b, OTHER);
    saturate_to(b, LIMIT_NORM);
    add(b, SOFTPLUS_AT);
    save(b, ARGUMENT);
    call(b, b->chord);
    save(b, STEP);
    /* The fraction, 12 bits, to the table's 16. */
    multiply(b, OTHER, (struct instruction){.literal = POWERS + 4});
    multiply_add(b, WHOLE, (struct instruction){.literal = MINUS_2_TO_16});
    add(b, EXP2_AT);
    save(b, ARGUMENT);
    call(b, b->chord);
    save(b, TEMPORARY);
    multiply(b, STEP, (struct instruction){.literal = TEMPORARY});
    shift_by(b, 16);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
    save(b, STEP);
}

/* STEP and STEP_DOWN: softplus, a mantissa and what it is shifted down by. */
static void find_step(struct serial_builder *b)
{
    find_tail(b);
    load(b, WHOLE);
    add(b, FOUR);
    to(b, TO_SHIFT);
    put(b, (struct instruction){.reads = true, .literal = STEP});
    take_word(b);
    round_down(b, 35);
    add(b, OTHER);
    call(b, b->saturate_wide);
    save(b, TEMPORARY);
    load(b, VALUE);
    compare(b, ONE, IF_NOT_NEGATIVE);
    load(b, TEMPORARY);
    put(b, (struct instruction){.literal = STEP, .writes = true, .conditional = true});
    load(b, WHOLE);
    add(b, SIXTEEN);
    put(b, (struct instruction){.reads = true, .literal = TWELVE});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .conditional = true});
    save(b, STEP_DOWN);
}

/* INPUT = dt x, 8 bits; INPUT_DOWN: what its product with B is shifted down by. */
static void find_input(struct serial_builder *b)
{
    load(b, X_AT);
    to(b, TO_FIRST);
    set(b, TO_SHIFT, 16);
    multiply(b, STEP, (struct instruction){.address = AT_FIRST});
    shift_down(b, 16);
    call(b, b->round_wide);
    save(b, TEMPORARY);
    load_magnitude(b, TEMPORARY);
    bring_below(b, LIMIT_8_BITS, EXPONENT_8_MOST);
    put(b, (struct instruction){.reads = true, .literal = TEMPORARY, .loads = EXPONENT_TO_SHIFT});
    take_word(b);
    round_down(b, EXPONENT_8_MOST);
    call(b, b->saturate_8_bits);
    save(b, INPUT);
    load(b, FORMATS);
    add(b, STEP_DOWN);
    subtract_exponent(b);
    call(b, b->saturate_shift);
    save(b, INPUT_DOWN);
}

/* TEMPORARY = 2^-(STEP x the next decay), Q16. */
static void find_keep(struct serial_builder *b)
{
    load_shift(b, DECAY_DOWN);
    multiply_half(b, FIELD_HALF, STEP, CLEAR);
    round_down(b, SHIFT_MOST);
    saturate_to(b, LIMIT_EXP2);
    save(b, TEMPORARY);
    shift_by(b, 16);
    save(b, WHOLE);
    multiply(b, WHOLE, (struct instruction){.literal = MINUS_2_TO_16});
    add(b, TEMPORARY);
    add(b, EXP2_AT);
    save(b, ARGUMENT);
    call(b, b->chord);
    save(b, TEMPORARY);
    load_shift(b, WHOLE);
    put(b, (struct instruction){.reads = true, .literal = TEMPORARY});
    take_word(b);
    round_down(b, 18);
    save(b, TEMPORARY);
}

/* The vector = the channel's state, kept and fed. */
static void step_state(struct serial_builder *b)
{
    load(b, STATE_AT);
    to(b, TO_STATE);
    load(b, TWENTY_FOUR);
    put(b, (struct instruction){
               .fixed = true, .operand = FROM_FIELD, .literal = FIELD_STATE, .inverts = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE});
    save(b, KEEP_DOWN);
    set(b, TO_SECOND, 0);
    set(b, TO_LOOP, 16);
    unsigned top = here(b);
    find_keep(b);
    load_shift(b, KEEP_DOWN);
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_STATE});
    put(b, (struct instruction){.reads = true, .literal = TEMPORARY});
    put(b, (struct instruction){.operation = CLEAR,
                                .takes_factor = true,
                                .operand = FROM_MEMORY,
                                .branch = CALL,
                                .literal = b->multiply});
    round_down(b, 24);
    save(b, TEMPORARY);
    load_shift(b, INPUT_DOWN);
    struct instruction parameter = in_vector(b);
    parameter.literal += B_AT;
    multiply(b, INPUT, parameter);
    save(b, OTHER);
    load_high(b, OTHER);
    round_down(b, SHIFT_MOST);
    add(b, TEMPORARY);
    saturate_to(b, LIMIT_STATE);
    write_vector(b);
    loop_to(b, top);
}

/* The vector's mantissas to the state, and DOT = their sum of products with C. */
static void quantise_state(struct serial_builder *b)
{
    set(b, TO_FIRST, b->program->layout.vector);
    find_exponent(b, LIMIT_8_BITS, STATE_8_MOST);
    load(b, STATE_AT);
    to(b, TO_STATE);
    add(b, SEVENTEEN);
    save(b, STATE_AT);
    load_field(b, FIELD_EXPONENT);
    put(b, (struct instruction){.signal = STATE});
    load_field(b, FIELD_TURN);
    add(b, DITHER_AT);
    to(b, TO_FIRST);
    put(b, (struct instruction){.operation = CLEAR});
    save(b, DOT);
    set(b, TO_SECOND, 0);
    set(b, TO_LOOP, 16);
    unsigned top = here(b);
    /* Eight times the value, so that the eighths that are added have a bit each. */
    struct instruction read = in_vector(b);
    read.loads = EXPONENT_TO_SHIFT;
    put(b, read);
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .branch = REPEAT, .literal = 8});
    shift_down(b, STATE_8_MOST);
    put(b, (struct instruction){.reads = true, .address = AT_FIRST, .advances = true});
    put(b, (struct instruction){.operand = FROM_MEMORY});
    put(b, (struct instruction){.operation = ADD});
    shift_by(b, 3);
    call(b, b->saturate_8_bits);
    save(b, TEMPORARY);
    multiply(b, TEMPORARY, (struct instruction){.literal = POWERS + 8});
    put(b, (struct instruction){.signal = STATE});
    load(b, DOT);
    struct instruction parameter = in_vector(b);
    parameter.literal += C_AT;
    parameter.advances = true;
    multiply_add(b, TEMPORARY, parameter);
    save(b, DOT);
    loop_to(b, top);
}

/* *X_AT = y, 32 bits. */
static void find_output(struct serial_builder *b)
{
    /* DOT << E, its lower and its upper half. */
    load(b, THIRTY_TWO);
    subtract_exponent(b);
    to(b, TO_SHIFT);
    load_high(b, DOT);
    shift_down(b, 32);
    save(b, DOT);
    subtract(b, DOT);
    shift_by(b, 32);
    save(b, DOT_HIGH);
    /* D x, and so much up. */
    load(b, X_AT);
    to(b, TO_FIRST);
    add(b, ONE);
    save(b, X_AT);
    load_field(b, FIELD_SHIFT);
    subtract(b, EIGHT);
    to(b, TO_SHIFT);
    load_field(b, FIELD_D_FORMAT);
    add(b, ONE);
    to(b, TO_LOOP);
    multiply(b, D, (struct instruction){.address = AT_FIRST});
    unsigned top = here(b);
    put(b, (struct instruction){.operation = ADD});
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_ACCUMULATOR});
    loop_to(b, top);
    add(b, DOT);
    put(b, (struct instruction){.reads = true, .literal = DOT_HIGH});
    put(b, (struct instruction){.fixed = true, .operand = FROM_FIELD, .literal = FIELD_HIGH});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
    round_down(b, SHIFT_MOST);
    call(b, b->saturate_residual);
    put(b, (struct instruction){.address = AT_FIRST, .writes = true});
}

static void build_scan(struct serial_builder *b)
{
    begin_scan(b);
    unsigned top = here(b);
    find_time_step(b);
    find_step(b);
    take(b, FIELD_HALF_SIGNED);
    save(b, D);
    take(b, FIELD_HALF);
    add(b, STEP_DOWN);
    subtract(b, SIXTEEN);
    call(b, b->saturate_shift);
    save(b, DECAY_DOWN);
    find_input(b);
    step_state(b);
    quantise_state(b);
    find_output(b);
    count_down(b, HEADS_LEFT, top);
    finish(b);
}

/* ---- GATE */

/* y, where SCAN left it, times silu(z). */
static void build_gated(struct serial_builder *b)
{
    load_field(b, FIELD_COUNT);
    call(b, b->count_blocks);
    load_field(b, FIELD_TARGET);
    save(b, X_AT);
    load_field(b, FIELD_SOURCE);
    to(b, TO_SECOND);
    unsigned top = here(b);
    load(b, X_AT);
    to(b, TO_FIRST);
    find_exponent(b, LIMIT_WIDE, GATE_MOST);
    load_field(b, FIELD_SHIFT);
    subtract_exponent(b);
    save(b, KEEP_DOWN);
    load(b, X_AT);
    to(b, TO_FIRST);
    add(b, SIXTEEN);
    save(b, X_AT);
    set(b, TO_LOOP, 16);
    unsigned element = here(b);
    put(b, (struct instruction){.reads = true, .address = AT_FIRST, .loads = EXPONENT_TO_SHIFT});
    take_word(b);
    shift_down(b, GATE_MOST);
    call(b, b->round_wide);
    save(b, TEMPORARY);
    load_shift(b, KEEP_DOWN);
    multiply(b, TEMPORARY, (struct instruction){.address = AT_SECOND, .advances = true});
    shift_down(b, SHIFT_MOST);
    call(b, b->round_wide);
    write_first(b, element);
    count_down(b, BLOCKS_LEFT, top);
    finish(b);
}

void build_mixer(struct serial_builder *b, unsigned entry[])
{
    build_saturations(b);
    enter(b, entry, 0, MICRO_CONV);
    build_conv(b);
    enter(b, entry, 0, MICRO_SCAN);
    build_scan(b);
    enter(b, entry, 0, MICRO_GATE);
    build_gated(b);
    /* Without a stage. */
    enter(b, entry, 0, MICRO_HADAMARD);
    finish(b);
}
