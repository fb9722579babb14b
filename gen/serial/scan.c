/* SPDX-License-Identifier: Apache-2.0 */
/* SCAN in a serial column, as gen/op/scan.c defines it. */
#include "gen/serial/mixer_inside.h"

enum {
    B_AT = 128, /* B and C in the vector, which has the state's values first */
    C_AT = 192,
};

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

void build_scan(struct serial_builder *b)
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
