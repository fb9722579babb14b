/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps to instructions: a step goes into the instruction before it, a cycle earlier, where
 * neither needs the other's results nor the same part of the hardware.
 */
#include <assert.h>

#include "gen/serial/program_inside.h"

static bool branches_by_literal(const struct instruction *i)
{
    return i->branch == JUMP || i->branch == IF_FLAG || i->branch == LOOP || i->branch == REPEAT ||
           i->branch == CALL;
}

static bool addresses(const struct instruction *i)
{
    return i->reads || i->writes || i->advances;
}

static bool uses_literal(const struct instruction *i)
{
    return ((i->reads || i->writes) && i->address != AT_FIRST) || i->operand == FROM_FIELD ||
           i->loads_literal || branches_by_literal(i);
}

/* The adder, or what decides for it. */
static bool accumulates(const struct instruction *i)
{
    return i->operation != A_HOLDS || i->flag != FLAG_HOLDS;
}

/* Is there a part that both need? */
static bool same_part(const struct instruction *before, const struct instruction *step)
{
    bool conditional = before->conditional || step->conditional;

    return (addresses(before) && addresses(step)) || (uses_literal(before) && uses_literal(step)) ||
           (before->operand && step->operand) || (accumulates(before) && accumulates(step)) ||
           (before->loads && step->loads) || (before->exponent && step->exponent) ||
           (before->signal && step->signal) || (before->takes_factor && step->takes_factor) ||
           (conditional && (accumulates(before) || before->writes) &&
            (accumulates(step) || step->writes));
}

/* Does the step read what the instruction before it changes? */
static bool depends(const struct instruction *before, const struct instruction *step)
{
    bool reads_a = step->writes || step->signal == MANTISSA || step->signal == STATE ||
                   (step->operand == FROM_FIELD && step->literal == FIELD_ACCUMULATOR) ||
                   step->address == BY_SIGN ||
                   (step->loads && !step->loads_literal && step->loads != EXPONENT_TO_SHIFT) ||
                   accumulates(step);
    bool reads_m = step->operation == ADD || step->flag || step->takes_factor;
    bool reads_flag = step->conditional || step->operation == HALVE || step->branch == IF_FLAG ||
                      step->exponent == EXPONENT_COUNTS;
    bool reads_exponent = step->loads == EXPONENT_TO_SHIFT || step->signal == MANTISSA ||
                          (step->operand == FROM_FIELD && step->literal == FIELD_EXPONENT);

    return (reads_a && before->operation) || (reads_m && before->operand) ||
           (reads_flag && before->flag) || (reads_exponent && before->exponent) ||
           (addresses(step) && (before->loads == TO_FIRST || before->loads == TO_SECOND)) ||
           (step->signal && (before->loads == TO_ELEMENT || before->loads == TO_STATE)) ||
           (step->branch == LOOP && before->loads == TO_LOOP) ||
           (step->loads && before->operation == SHIFT) ||
           (step->operation == SHIFT && before->loads);
}

static bool merges(const struct instruction *before, const struct instruction *step)
{
    bool waits = step->branch == WAIT_ROW || step->branch == WAIT_LOGIT || step->branch == REPEAT ||
                 step->branch == REPEAT_SHIFT || step->branch == END || step->branch == WAIT_HALF;

    return !step->fixed && step->operand != FROM_MEMORY && !waits && before->branch == NEXT &&
           !same_part(before, step) && !depends(before, step);
}

static void merge(struct instruction *into, const struct instruction *step)
{
    bool by_literal = uses_literal(step);

    if (by_literal)
        into->literal = step->literal;
    if (addresses(step))
        into->address = step->address;
    into->reads |= step->reads;
    into->advances |= step->advances;
    into->writes |= step->writes;
    into->operand |= step->operand;
    into->inverts |= step->inverts;
    into->takes_factor |= step->takes_factor;
    into->factor_is_low |= step->factor_is_low;
    into->operation |= step->operation;
    into->carry |= step->carry;
    into->conditional |= step->conditional;
    into->flag |= step->flag;
    into->loads |= step->loads;
    into->loads_literal |= step->loads_literal;
    into->exponent |= step->exponent;
    into->signal |= step->signal;
    into->branch |= step->branch;
}

void put(struct serial_builder *b, struct instruction step)
{
    struct serial_program *p = b->program;
    struct instruction *before = &p->word[p->length - 1];

    assert(step.literal < 1024);
    if (p->length > b->label && merges(before, &step)) {
        merge(before, &step);
        return;
    }
    assert(p->length < p->words);
    p->word[p->length++] = step;
}
