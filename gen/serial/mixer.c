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
#include "gen/serial/mixer_inside.h"

enum { FORGOTTEN = 1024 }; /* words at a time */

void take(struct serial_builder *b, enum serial_field half)
{
    put(b, (struct instruction){
               .operand = FROM_FIELD, .literal = half, .operation = CLEAR, .branch = WAIT_HALF});
    put(b, (struct instruction){.operation = ADD});
}

void multiply_half(struct serial_builder *b, enum serial_field half, unsigned variable,
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

void load_shift(struct serial_builder *b, unsigned variable)
{
    load(b, variable);
    to(b, TO_SHIFT);
}

void round_down(struct serial_builder *b, unsigned most)
{
    shift_down(b, most);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
}

void take_word(struct serial_builder *b)
{
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
}

void load_high(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){
               .fixed = true, .operand = FROM_FIELD, .literal = FIELD_HIGH, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
}

void subtract_exponent(struct serial_builder *b)
{
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_EXPONENT, .inverts = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE});
}

void count_down(struct serial_builder *b, unsigned variable, unsigned top)
{
    load(b, variable);
    put(b, (struct instruction){.reads = true, .literal = MINUS_ONE});
    put(b, (struct instruction){.operand = FROM_MEMORY});
    put(b, (struct instruction){.operation = ADD, .flag = IF_NOT_NEGATIVE});
    save(b, variable);
    put(b, (struct instruction){.branch = IF_FLAG, .literal = top});
}

void find_exponent(struct serial_builder *b, unsigned limit, unsigned most)
{
    set(b, TO_LOOP, 16);
    call(b, b->largest_of);
    load(b, LARGEST);
    bring_below(b, limit, most);
}

void put_requantise(struct serial_builder *b)
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
