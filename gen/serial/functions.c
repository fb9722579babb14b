/* SPDX-License-Identifier: Apache-2.0 */
/* A serial column's functions: norms, heads, softmax, the gate, matrices. */
#include "gen/serial/program_inside.h"

void enter(struct serial_builder *b, unsigned entry[], unsigned variant,
           enum micro_function function)
{
    entry[serial_entry(b->program, variant, function)] = here(b);
}

void finish(struct serial_builder *b)
{
    put(b, (struct instruction){.branch = END});
}

/* C = a field of the command. */
void count(struct serial_builder *b, enum serial_field field)
{
    load_field(b, field);
    to(b, TO_LOOP);
}

/* The first pointer = a wide value's address. */
void point_at_wide(struct serial_builder *b, enum serial_field field)
{
    load_field(b, field);
    to(b, TO_FIRST);
}

/* N = a variable. */
static void load_shift(struct serial_builder *b, unsigned variable)
{
    load(b, variable);
    to(b, TO_SHIFT);
}

struct instruction in_vector(const struct serial_builder *b)
{
    return (struct instruction){
        .reads = true, .address = AT_SECOND, .literal = b->program->layout.vector};
}

/* vector[second++] = A */
void write_vector(struct serial_builder *b)
{
    struct instruction write = in_vector(b);

    write.reads = false;
    write.writes = write.advances = true;
    put(b, write);
}

/* *first++ = A, and the loop's end. */
void write_first(struct serial_builder *b, unsigned top)
{
    put(b,
        (struct instruction){
            .address = AT_FIRST, .writes = true, .advances = true, .branch = LOOP, .literal = top});
}

/* SUMSQ: X brought to 15 bits, into the vector. */
static void build_scaled(struct serial_builder *b)
{
    enum { HALVINGS = 16 };

    call(b, b->begin);
    set(b, TO_FIRST, b->program->layout.x);
    call(b, b->largest_of);
    load(b, LARGEST);
    bring_below(b, LIMIT_NORM, HALVINGS);
    call(b, b->begin);
    set(b, TO_FIRST, b->program->layout.x);
    unsigned top = here(b);
    put(b, (struct instruction){
               .reads = true, .address = AT_FIRST, .advances = true, .loads = EXPONENT_TO_SHIFT});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
    shift_down(b, HALVINGS);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
    saturate_to(b, LIMIT_NORM);
    write_vector(b);
    loop_to(b, top);
}

/* A = the sum of the vector's squares and epsilon >> 2E, or 1. */
static void build_squares(struct serial_builder *b)
{
    call(b, b->begin);
    load_field(b, FIELD_CONSTANT);
    for (int i = 0; i < 2; i++) {
        put(b, (struct instruction){.loads = EXPONENT_TO_SHIFT});
        shift_down(b, 16);
    }
    compare(b, ONE, IF_NEGATIVE);
    put(b, (struct instruction){.operation = ADD, .conditional = true});
    unsigned top = here(b);
    struct instruction read = in_vector(b);
    put(b, read);
    read.operand = FROM_MEMORY;
    read.advances = true;
    put(b, read);
    put(b,
        (struct instruction){
            .takes_factor = true, .operand = FROM_MEMORY, .branch = CALL, .literal = b->multiply});
    loop_to(b, top);
}

/* The sum as f x 4^(k - 8), f from 2^14 to 2^16, k - 1 in E: a sum below 2^16 is first
 * multiplied by 2^14, and k begins at 1 and not at 8. */
static void build_normalise(struct serial_builder *b)
{
    enum { PAIRS = 16 };

    put(b, (struct instruction){.reads = true, .literal = TWO_TO_16, .exponent = EXPONENT_CLEARS});
    put(b, (struct instruction){.operand = FROM_MEMORY, .inverts = true});
    put(b, (struct instruction){.carry = CARRY_ONE, .flag = IF_NOT_NEGATIVE});
    put(b, (struct instruction){.exponent = EXPONENT_COUNTS, .branch = REPEAT, .literal = 7});
    put(b, (struct instruction){.carry = CARRY_ONE, .flag = IF_NEGATIVE});
    save(b, ARGUMENT);
    put(b, (struct instruction){.reads = true, .literal = ARGUMENT});
    put(b, (struct instruction){.reads = true, .literal = POWERS + 14, .operand = FROM_MEMORY});
    put(b, (struct instruction){.takes_factor = true, .operand = FROM_MEMORY});
    put(b, (struct instruction){.fixed = true});
    put(b, (struct instruction){.fixed = true});
    put(b, (struct instruction){
               .fixed = true, .operand = FROM_PRODUCT, .operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .conditional = true});
    put(b, (struct instruction){.reads = true, .literal = BELOW_2_TO_16});
    put(b, (struct instruction){.operand = FROM_MEMORY, .inverts = true});
    set(b, TO_LOOP, PAIRS);
    unsigned top = here(b);
    put(b, (struct instruction){.flag = IF_NOT_NEGATIVE});
    put(b, (struct instruction){.operation = HALVE});
    put(b, (struct instruction){
               .operation = HALVE, .exponent = EXPONENT_COUNTS, .branch = LOOP, .literal = top});
    if (mixes(b)) {
        save(b, ARGUMENT);
        add(b, ARGUMENT);
    }
    add(b, RSQRT_AT);
    save(b, ARGUMENT);
    load_field(b, FIELD_EXPONENT);
    save(b, SUM_SHIFT);
    finish(b);
}

void build_norm(struct serial_builder *b, unsigned entry[])
{
    enter(b, entry, 0, MICRO_SUMSQ);
    build_scaled(b);
    build_squares(b);
    build_normalise(b);

    enter(b, entry, 0, MICRO_RSQRT);
    b->scalar = here(b);
    call(b, b->chord);
    save(b, SCALAR);
    finish(b);

    enter(b, entry, 0, MICRO_NORM);
    call(b, b->begin);
    unsigned top = here(b);
    load_shift(b, SUM_SHIFT);
    multiply(b, SCALAR, in_vector(b));
    shift_down(b, 24);
    call(b, b->round_wide);
    write_vector(b);
    loop_to(b, top);
    jump(b, b->quantise_operand);
}

/* A = variable x one of RoPE's factors, or A + it. */
static void rotate_product(struct serial_builder *b, unsigned variable, unsigned factor, bool adds)
{
    struct instruction address = {.address = AT_SECOND,
                                  .literal = b->program->layout.rope | factor};

    (adds ? multiply_add : multiply)(b, variable, address);
}

static void rotate_end(struct serial_builder *b)
{
    set(b, TO_SHIFT, 14);
    shift_down(b, 14);
    call(b, b->round_wide);
}

/* y0 = x0 cos - x1 sin, y1 = x0 sin + x1 cos */
static void rotate_wide(struct serial_builder *b)
{
    struct instruction write = in_vector(b);

    write.reads = false;
    write.writes = true;
    call(b, b->begin);
    set(b, TO_LOOP, b->shape->head_dim / 2);
    unsigned top = here(b);
    for (unsigned i = 0; i < 2; i++) {
        put(b, (struct instruction){.reads = true, .address = AT_FIRST, .advances = true});
        put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
        put(b, (struct instruction){.operation = ADD});
        save(b, i ? OTHER : TEMPORARY);
    }
    put(b, (struct instruction){.operation = CLEAR});
    subtract(b, OTHER);
    save(b, ARGUMENT);
    rotate_product(b, ARGUMENT, 1, false);
    rotate_product(b, TEMPORARY, 0, true);
    rotate_end(b);
    put(b, write);
    rotate_product(b, OTHER, 0, false);
    rotate_product(b, TEMPORARY, 1, true);
    rotate_end(b);
    write.literal |= 1;
    write.advances = true;
    put(b, write);
    put(b, (struct instruction){.address = AT_SECOND, .advances = true});
    loop_to(b, top);
}

/* RoPE of a query (variant 0) or a key (1), the copy of a value (2). */
void build_heads(struct serial_builder *b, unsigned entry[])
{
    unsigned rotates = here(b);

    call(b, b->one_block);
    rotate_wide(b);
    jump(b, b->quantise);

    enter(b, entry, 0, MICRO_ROPE);
    call(b, b->query_element);
    set_limit(b, LIMIT_8_BITS);
    jump(b, rotates);

    enter(b, entry, 1, MICRO_ROPE);
    set(b, TO_ELEMENT, 0);
    set_limit(b, LIMIT_9_BITS);
    jump(b, rotates);

    enter(b, entry, 2, MICRO_COPY);
    set(b, TO_ELEMENT, 0);
    set_limit(b, LIMIT_8_BITS);
    call(b, b->one_block);
    call(b, b->copy_wide);
    jump(b, b->quantise);
}

/* The copy to the operand. */
void build_copy(struct serial_builder *b, unsigned entry[])
{
    enter(b, entry, 3, MICRO_COPY);
    call(b, b->copy_wide);
    jump(b, b->quantise_operand);
}

static void build_score(struct serial_builder *b)
{
    const struct serial_layout *at = &b->program->layout;

    call(b, b->query_element);
    put(b, (struct instruction){.operation = CLEAR});
    save(b, EXPONENT_MAX);
    load(b, LIMIT_WIDE + 1);
    save(b, SCORE_MAX);
    set(b, TO_SECOND, 0);
    count(b, FIELD_POSITIONS);
    unsigned top = here(b);
    call(b, b->row_total);
    call(b, b->round_wide);
    put(b, (struct instruction){.address = AT_SECOND, .literal = at->scores, .writes = true});
    keep_larger(b, SCORE_MAX);
    load_field(b, FIELD_VALUE_EXPONENT);
    put(b, (struct instruction){.address = AT_SECOND,
                                .literal = at->value_exponents,
                                .writes = true,
                                .advances = true});
    keep_larger(b, EXPONENT_MAX);
    loop_to(b, top);
    finish(b);
}

/* A = a variable, less what lies at `base` of the position. */
static void load_difference(struct serial_builder *b, unsigned variable, unsigned base)
{
    put(b, (struct instruction){.reads = true, .address = AT_SECOND, .literal = base});
    put(b, (struct instruction){.reads = true,
                                .operand = FROM_MEMORY,
                                .inverts = true,
                                .operation = CLEAR,
                                .literal = variable});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE, .operand = FROM_MEMORY});
    put(b, (struct instruction){.operation = ADD});
}

/* A = round_shift(TEMPORARY, A), A at most `most`. */
static void shift_temporary(struct serial_builder *b, unsigned most)
{
    to(b, TO_SHIFT);
    load(b, TEMPORARY);
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_ZERO});
    shift_down(b, most);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
}

/* A position's probability, unscaled to TEMPORARY, its distance to the best being A. */
static void build_exp2(struct serial_builder *b)
{
    /* The whole part to OTHER, the fraction to the table. */
    save(b, TEMPORARY);
    set(b, TO_SHIFT, 10);
    shift_down(b, 10);
    save(b, OTHER);
    multiply(b, OTHER, (struct instruction){.literal = MINUS_2_TO_15});
    multiply_add(b, TEMPORARY, (struct instruction){.literal = THIRTY_TWO});
    add(b, RECIPROCAL_AT);
    save(b, ARGUMENT);
    call(b, b->chord);
    save(b, TEMPORARY);
    /* From 18 on nothing is left. */
    load(b, OTHER);
    compare(b, EIGHTEEN, IF_NOT_NEGATIVE);
    put(b, (struct instruction){.operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .conditional = true});
    shift_temporary(b, 18);
    save(b, TEMPORARY);
}

/* The first element of the probabilities' region. */
static unsigned probabilities_at(const struct serial_shape *s)
{
    uint32_t widest = s->dim > s->hidden ? s->dim : s->hidden, stride = 16;

    if (s->heads * s->head_dim > widest)
        widest = s->heads * s->head_dim;
    while (stride < s->head_dim)
        stride *= 2;
    return (widest + 15) / 16 * 16 + s->heads * stride;
}

static void build_exp(struct serial_builder *b)
{
    const struct serial_layout *at = &b->program->layout;

    put(b, (struct instruction){.operation = CLEAR});
    save(b, SUM);
    set(b, TO_SECOND, 0);
    count(b, FIELD_POSITIONS);
    unsigned top = here(b);
    load_difference(b, SCORE_MAX, at->scores);
    build_exp2(b);
    add(b, SUM);
    save(b, SUM);
    load_difference(b, EXPONENT_MAX, at->value_exponents);
    shift_temporary(b, 15);
    write_vector(b);
    loop_to(b, top);
    set_limit(b, LIMIT_8_BITS);
    load_field(b, FIELD_POSITIONS);
    call(b, b->count_blocks);
    set(b, TO_ELEMENT, probabilities_at(b->shape));
    jump(b, b->quantise);
}

void build_attention(struct serial_builder *b, unsigned entry[])
{
    enter(b, entry, 0, MICRO_SCORE);
    build_score(b);

    enter(b, entry, 0, MICRO_EXP);
    build_exp(b);

    /* RECIP: the sum, 2^16 at least, as f x 2^(n - 16). */
    enter(b, entry, 0, MICRO_RECIP);
    load(b, SUM);
    bring_below(b, BELOW_2_TO_16, 16);
    add(b, RECIPROCAL_AT);
    save(b, ARGUMENT);
    load_field(b, FIELD_EXPONENT);
    add(b, FIFTEEN);
    save(b, SUM_SHIFT);
    jump(b, b->scalar);

    enter(b, entry, 0, MICRO_MIX);
    point_at_wide(b, FIELD_TARGET);
    set(b, TO_ELEMENT, probabilities_at(b->shape));
    set(b, TO_LOOP, b->shape->head_dim);
    unsigned top = here(b);
    put(b, (struct instruction){.signal = ROW});
    put(b, (struct instruction){.fixed = true, .branch = WAIT_ROW});
    load_shift(b, SUM_SHIFT);
    load_field(b, FIELD_TOTAL);
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_ZERO});
    shift_down(b, 31);
    call(b, b->round_wide);
    write_first(b, top);
    finish(b);

    enter(b, entry, 0, MICRO_DIV);
    load(b, TWENTY_FOUR);
    subtract(b, EXPONENT_MAX);
    save(b, SUM);
    call(b, b->begin);
    top = here(b);
    load_shift(b, SUM);
    multiply(b, SCALAR, (struct instruction){.reads = true, .address = AT_FIRST});
    shift_down(b, 24);
    call(b, b->round_wide);
    write_first(b, top);
    finish(b);
}
