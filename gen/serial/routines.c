/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that programs are made of, and the subroutines that they call. */
#include "gen/serial/program_inside.h"

unsigned here(struct serial_builder *b)
{
    b->label = b->program->length;
    return b->label;
}

void call(struct serial_builder *b, unsigned routine)
{
    put(b, (struct instruction){.branch = CALL, .literal = routine});
}

void jump(struct serial_builder *b, unsigned target)
{
    put(b, (struct instruction){.branch = JUMP, .literal = target});
}

void loop_to(struct serial_builder *b, unsigned target)
{
    put(b, (struct instruction){.branch = LOOP, .literal = target});
}

void load(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD});
}

void load_field(struct serial_builder *b, enum serial_field field)
{
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = field, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD});
}

void add(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){.operand = FROM_MEMORY});
    put(b, (struct instruction){.operation = ADD});
}

void subtract(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){.operand = FROM_MEMORY, .inverts = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE});
}

void save(struct serial_builder *b, unsigned variable)
{
    put(b, (struct instruction){.literal = variable, .writes = true});
}

void to(struct serial_builder *b, enum serial_load counter)
{
    put(b, (struct instruction){.loads = counter});
}

void set(struct serial_builder *b, enum serial_load counter, unsigned literal)
{
    put(b, (struct instruction){.loads = counter, .loads_literal = true, .literal = literal});
}

/* Cycles of a shift by N: where a program mixes it goes by 4, then by 1. */
static unsigned shift_cycles(const struct serial_builder *b, unsigned n)
{
    return mixes(b) ? n / 4 + n % 4 : n;
}

static void shift_for(struct serial_builder *b, unsigned cycles)
{
    put(b, (struct instruction){.operation = SHIFT, .branch = REPEAT, .literal = cycles});
}

void shift_down(struct serial_builder *b, unsigned most)
{
    unsigned cycles = 0;

    for (unsigned n = 0; n <= most; n++)
        cycles = shift_cycles(b, n) > cycles ? shift_cycles(b, n) : cycles;
    shift_for(b, cycles);
}

void shift_by(struct serial_builder *b, unsigned n)
{
    set(b, TO_SHIFT, n);
    shift_for(b, shift_cycles(b, n));
}

void saturate_to(struct serial_builder *b, unsigned limit)
{
    put(b, (struct instruction){.reads = true, .address = BY_SIGN, .literal = limit});
    put(b, (struct instruction){.reads = true,
                                .address = BY_SIGN,
                                .literal = limit,
                                .operand = FROM_MEMORY,
                                .inverts = true});
    put(b, (struct instruction){.operand = FROM_MEMORY, .carry = CARRY_ONE, .flag = IF_BEYOND});
    put(b, (struct instruction){.operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .conditional = true});
}

void bring_below(struct serial_builder *b, unsigned constant, unsigned most)
{
    put(b, (struct instruction){.reads = true, .literal = constant, .exponent = EXPONENT_CLEARS});
    put(b, (struct instruction){.operand = FROM_MEMORY, .inverts = true});
    set(b, TO_LOOP, most);
    unsigned top = here(b);
    put(b, (struct instruction){.flag = IF_NOT_NEGATIVE});
    put(b, (struct instruction){
               .operation = HALVE, .exponent = EXPONENT_COUNTS, .branch = LOOP, .literal = top});
}

void compare(struct serial_builder *b, unsigned variable, enum serial_flag flag)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    put(b, (struct instruction){
               .reads = true, .literal = variable, .operand = FROM_MEMORY, .inverts = true});
    put(b, (struct instruction){.operand = FROM_MEMORY, .carry = CARRY_ONE, .flag = flag});
}

void keep_larger(struct serial_builder *b, unsigned variable)
{
    compare(b, variable, IF_NOT_NEGATIVE);
    put(b, (struct instruction){.literal = variable, .writes = true, .conditional = true});
}

void multiply_add(struct serial_builder *b, unsigned variable, struct instruction address)
{
    put(b, (struct instruction){.reads = true, .literal = variable});
    address.reads = true;
    address.operand = FROM_MEMORY;
    put(b, address);
    put(b,
        (struct instruction){
            .takes_factor = true, .operand = FROM_MEMORY, .branch = CALL, .literal = b->multiply});
}

void multiply(struct serial_builder *b, unsigned variable, struct instruction address)
{
    multiply_add(b, variable, address);
    b->program->word[b->program->length - 1].operation = CLEAR;
}

/* A += Y x M, of the cycle after the call; M = 0. */
static void build_multiply(struct serial_builder *b)
{
    b->multiply = here(b);
    put(b, (struct instruction){.fixed = true});
    put(b, (struct instruction){.fixed = true});
    put(b, (struct instruction){.fixed = true, .operand = FROM_PRODUCT});
    put(b, (struct instruction){
               .operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO, .branch = RETURN});
}

/* A, which was shifted last, rounded (M is 0) and held to a wide value's limits. */
static void build_round_wide(struct serial_builder *b)
{
    b->round_wide = here(b);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
    b->saturate_wide = here(b);
    saturate_to(b, LIMIT_WIDE);
    put(b, (struct instruction){.branch = RETURN});
}

/* A held to a residual value's limits. */
static void build_saturate_residual(struct serial_builder *b)
{
    b->saturate_residual = here(b);
    saturate_to(b, LIMIT_RESIDUAL);
    put(b, (struct instruction){.branch = RETURN});
}

/* A = the function table's value for ARGUMENT. */
static void build_chord(struct serial_builder *b)
{
    unsigned low = low_bits(b->shape);

    b->chord = here(b);
    put(b, (struct instruction){.reads = true, .literal = ARGUMENT});
    put(b, (struct instruction){.operand = FROM_MEMORY});
    put(b, (struct instruction){.fixed = true, .takes_factor = true, .factor_is_low = true});
    put(b, (struct instruction){.fixed = true, .operand = FROM_FIELD, .literal = FIELD_SLOPE});
    put(b, (struct instruction){
               .fixed = true, .operand = FROM_FIELD, .literal = FIELD_BASE, .operation = CLEAR});
    put(b, (struct instruction){
               .operation = ADD, .loads = TO_SHIFT, .loads_literal = true, .literal = low});
    put(b, (struct instruction){.fixed = true, .operand = FROM_PRODUCT});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
    shift_down(b, low);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND, .branch = RETURN});
}

/* LARGEST = the largest magnitude of C elements from the first pointer on. */
static void build_largest_of(struct serial_builder *b)
{
    b->largest_of = here(b);
    put(b, (struct instruction){.operation = CLEAR});
    save(b, LARGEST);
    unsigned top = here(b);
    put(b, (struct instruction){.reads = true, .address = AT_FIRST});
    put(b, (struct instruction){
               .reads = true, .address = AT_FIRST, .operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.reads = true,
                                .operation = ADD,
                                .flag = IF_NEGATIVE,
                                .operand = FROM_MEMORY,
                                .inverts = true,
                                .address = AT_FIRST,
                                .advances = true});
    put(b, (struct instruction){
               .reads = true, .operation = CLEAR, .conditional = true, .literal = LARGEST});
    put(b, (struct instruction){.operation = ADD,
                                .carry = CARRY_ONE,
                                .conditional = true,
                                .operand = FROM_MEMORY,
                                .inverts = true});
    put(b, (struct instruction){.carry = CARRY_ONE, .flag = IF_NOT_NEGATIVE});
    put(b, (struct instruction){.literal = LARGEST, .writes = true, .conditional = true});
    loop_to(b, top);
    put(b, (struct instruction){.branch = RETURN});
}

/* A = the next row's total, shifted but not rounded by the command's shift; M = 0. */
static void build_row_total(struct serial_builder *b)
{
    b->row_total = here(b);
    put(b, (struct instruction){.signal = ROW});
    put(b, (struct instruction){.fixed = true, .branch = WAIT_ROW});
    load_field(b, FIELD_SHIFT);
    put(b,
        (struct instruction){
            .loads = TO_SHIFT, .operation = CLEAR, .operand = FROM_FIELD, .literal = FIELD_TOTAL});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
    put(b, (struct instruction){.operation = SHIFT, .branch = REPEAT_SHIFT});
    put(b, (struct instruction){.branch = RETURN});
}

/* One block: its exponent to E, then its mantissas out. */
static void build_block(struct serial_builder *b, unsigned vector)
{
    enum { HALVINGS = 14 }; /* of 17 bits of magnitude, to 3 */

    load(b, BLOCK_LENGTH);
    to(b, TO_LOOP);
    call(b, b->largest_of);
    load(b, LARGEST);
    bring_below(b, LIMIT, HALVINGS);
    load(b, BLOCK_LENGTH);
    to(b, TO_LOOP);
    unsigned top = here(b);
    put(b, (struct instruction){.reads = true,
                                .address = AT_SECOND,
                                .literal = vector,
                                .advances = true,
                                .loads = EXPONENT_TO_SHIFT});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD, .operand = FROM_FIELD, .literal = FIELD_ZERO});
    shift_down(b, HALVINGS);
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
    saturate_to(b, LIMIT);
    put(b, (struct instruction){.signal = MANTISSA, .branch = LOOP, .literal = top});
}

/* LIMIT = the limit at the first pointer. */
static void build_copy_limit(struct serial_builder *b)
{
    b->copy_limit = here(b);
    for (unsigned i = 0; i < 2; i++) {
        put(b, (struct instruction){.reads = true, .address = AT_FIRST, .advances = true});
        put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
        put(b, (struct instruction){.operation = ADD});
        save(b, LIMIT + i);
    }
    put(b, (struct instruction){.branch = RETURN});
}

void set_limit(struct serial_builder *b, unsigned limit)
{
    set(b, TO_FIRST, limit);
    call(b, b->copy_limit);
}

/* TO_ELEMENT = the query of the command's head. */
static void build_query_element(struct serial_builder *b)
{
    b->query_element = here(b);
    put(b, (struct instruction){.operand = FROM_FIELD, .literal = FIELD_HEAD, .operation = CLEAR});
    for (uint32_t left = b->program->memory[QUERY_STRIDE]; left; left -= left < 64 ? left : 64)
        put(b, (struct instruction){.operation = ADD,
                                    .branch = REPEAT,
                                    .literal = left < 64 ? left : 0 /* 64 times */});
    add(b, QUERY_AT);
    to(b, TO_ELEMENT);
    put(b, (struct instruction){.branch = RETURN});
}

/* One block, of a head. */
static void build_one_block(struct serial_builder *b)
{
    b->one_block = here(b);
    put(b, (struct instruction){.operation = CLEAR});
    save(b, BLOCKS_LEFT);
    load(b, HEAD_LENGTH);
    save(b, BLOCK_LENGTH);
    put(b, (struct instruction){.branch = RETURN});
}

/* The blocks of 16 that A elements are. */
static void build_count_blocks(struct serial_builder *b)
{
    b->count_blocks = here(b);
    add(b, MINUS_ONE);
    set(b, TO_SHIFT, 4);
    shift_down(b, 4);
    save(b, BLOCKS_LEFT);
    load(b, SIXTEEN);
    save(b, BLOCK_LENGTH);
    put(b, (struct instruction){.branch = RETURN});
}

/* As a function over a wide vector begins: the first pointer at its source, the second at the
 * vector's beginning, C = count. */
static void put_begin(struct serial_builder *b)
{
    load_field(b, FIELD_SOURCE);
    to(b, TO_FIRST);
    load_field(b, FIELD_COUNT);
    to(b, TO_LOOP);
    set(b, TO_SECOND, 0);
}

static void build_begin(struct serial_builder *b)
{
    b->begin = here(b);
    put_begin(b);
    put(b, (struct instruction){.branch = RETURN});

    /* The wide vector into the vector. */
    b->copy_wide = here(b);
    put_begin(b);
    unsigned top = b->copy_elements = here(b);
    put(b, (struct instruction){.reads = true, .address = AT_FIRST, .advances = true});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.operation = ADD});
    put(b, (struct instruction){.address = AT_SECOND,
                                .literal = b->program->layout.vector,
                                .writes = true,
                                .advances = true});
    loop_to(b, top);
    put(b, (struct instruction){.branch = RETURN});

    b->begin_rows = here(b);
    set(b, TO_ELEMENT, 0);
    load_field(b, FIELD_ROWS);
    to(b, TO_LOOP);
    put(b, (struct instruction){.branch = RETURN});
}

/* Where a function ends: the vector, the last block filled up with zeros, to mantissas from
 * TO_ELEMENT on, BLOCKS_LEFT + 1 blocks of BLOCK_LENGTH elements. */
static void build_quantise(struct serial_builder *b)
{
    unsigned vector = b->program->layout.vector;

    b->quantise_operand = here(b);
    set_limit(b, LIMIT_OPERAND);
    set(b, TO_ELEMENT, 0);
    load_field(b, FIELD_COUNT);
    call(b, b->count_blocks);

    b->quantise = here(b);
    put(b, (struct instruction){.operation = CLEAR});
    set(b, TO_LOOP, 15);
    unsigned top = here(b);
    put(b, (struct instruction){
               .address = AT_SECOND, .literal = vector, .writes = true, .advances = true});
    loop_to(b, top);
    set(b, TO_FIRST, vector);
    set(b, TO_SECOND, 0);
    top = here(b);
    build_block(b, vector);
    load(b, BLOCKS_LEFT);
    put(b, (struct instruction){.reads = true, .literal = MINUS_ONE});
    put(b, (struct instruction){.operand = FROM_MEMORY});
    put(b, (struct instruction){.operation = ADD, .flag = IF_NOT_NEGATIVE});
    save(b, BLOCKS_LEFT);
    put(b, (struct instruction){.branch = IF_FLAG, .literal = top});
    put(b, (struct instruction){.branch = END});
}

void build_routines(struct serial_builder *b)
{
    build_multiply(b);
    build_round_wide(b);
    build_saturate_residual(b);
    build_chord(b);
    build_largest_of(b);
    build_row_total(b);
    build_copy_limit(b);
    if (!mixes(b)) {
        build_query_element(b);
        build_one_block(b);
    }
    build_count_blocks(b);
    build_begin(b);
    build_quantise(b);
}
