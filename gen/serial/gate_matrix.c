/* SPDX-License-Identifier: Apache-2.0 */
/* A serial column's gate (SILU, GLU) and its matrices. */
#include "gen/serial/program_inside.h"

/* SILU of *first, in place: OTHER is |x| with the table's fraction bits, held to 17 bits. */
void build_silu(struct serial_builder *b, unsigned entry[])
{
    enter(b, entry, 0, MICRO_SILU);
    call(b, b->begin);
    load_field(b, FIELD_SHIFT2);
    to(b, TO_SECOND);
    unsigned top = here(b);
    put(b, (struct instruction){.reads = true, .address = AT_FIRST});
    put(b, (struct instruction){
               .reads = true, .address = AT_FIRST, .operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){
               .operation = ADD, .flag = IF_NEGATIVE, .operand = FROM_MEMORY, .inverts = true});
    put(b, (struct instruction){.operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE, .conditional = true});
    save(b, TEMPORARY);
    multiply(b, TEMPORARY,
             (struct instruction){.reads = true, .address = AT_SECOND, .literal = POWERS});
    call(b, b->saturate_wide);
    save(b, OTHER);
    if (mixes(b)) {
        put(b, (struct instruction){.reads = true, .literal = OTHER});
        put(b, (struct instruction){.operand = FROM_MEMORY});
        put(b, (struct instruction){.operation = ADD, .branch = REPEAT, .literal = 3});
    } else {
        add(b, OTHER);
    }
    save(b, ARGUMENT);
    call(b, b->chord);
    /* From 16 on silu(x) is x. */
    save(b, TEMPORARY);
    load(b, OTHER);
    compare(b, TWO_TO_16, IF_NEGATIVE);
    put(b, (struct instruction){.reads = true, .literal = TEMPORARY});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR, .conditional = true});
    put(b, (struct instruction){.operation = ADD, .conditional = true});
    save(b, TEMPORARY);
    /* silu(-x) = silu(x) - x */
    put(b, (struct instruction){.reads = true, .address = AT_FIRST});
    put(b, (struct instruction){.operand = FROM_MEMORY, .operation = CLEAR});
    put(b, (struct instruction){.flag = IF_NEGATIVE});
    load(b, TEMPORARY);
    put(b, (struct instruction){.reads = true, .literal = OTHER});
    put(b, (struct instruction){.operand = FROM_MEMORY, .inverts = true});
    put(b, (struct instruction){.operation = ADD, .carry = CARRY_ONE, .conditional = true});
    write_first(b, top);
    finish(b);
}

/* N = the command's shift; A, below it, is shifted that often. */
void build_glu(struct serial_builder *b, unsigned entry[])
{
    enter(b, entry, 0, MICRO_GLU);
    call(b, b->copy_wide);
    call(b, b->begin);
    point_at_wide(b, FIELD_TARGET);
    unsigned top = here(b);
    load_field(b, FIELD_SHIFT);
    to(b, TO_SHIFT);
    put(b, (struct instruction){.reads = true, .address = AT_FIRST, .advances = true});
    struct instruction read = in_vector(b);
    read.operand = FROM_MEMORY;
    put(b, read);
    put(b, (struct instruction){.operation = CLEAR,
                                .takes_factor = true,
                                .operand = FROM_MEMORY,
                                .branch = CALL,
                                .literal = b->multiply});
    put(b, (struct instruction){.operation = SHIFT, .branch = REPEAT_SHIFT});
    call(b, b->round_wide);
    write_vector(b);
    loop_to(b, top);
    jump(b, b->quantise_operand);
}

void build_matrix(struct serial_builder *b, unsigned entry[])
{
    for (unsigned variant = 0; variant < 3; variant++) {
        enter(b, entry, variant, MICRO_MATRIX);
        if (variant == 0)
            point_at_wide(b, FIELD_TARGET);
        else
            set(b, variant == 1 ? TO_FIRST : TO_SECOND, variant == 1 ? b->program->layout.x : 0);
        call(b, b->begin_rows);
        unsigned top = here(b);
        call(b, b->row_total);
        if (variant == 1) {
            put(b, (struct instruction){.operation = ADD, .carry = CARRY_ROUND});
            call(b, b->saturate_residual);
            put(b, (struct instruction){.reads = true, .address = AT_FIRST});
            put(b, (struct instruction){.operand = FROM_MEMORY});
            put(b, (struct instruction){.operation = ADD});
            call(b, b->saturate_residual);
        } else {
            call(b, b->round_wide);
        }
        if (variant == 2) {
            put(b, (struct instruction){.branch = WAIT_LOGIT});
            put(b, (struct instruction){.reads = true, .address = AT_SECOND, .advances = true});
            loop_to(b, top);
        } else {
            write_first(b, top);
        }
        finish(b);
    }
}
