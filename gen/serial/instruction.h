/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions of a serial column's program (rtl/serial/): horizontal, each of its
 * fields does its part in the same cycle.  What a cycle's fields read is as it was at the
 * cycle's beginning, so a word is taken into M by the instruction after the one that
 * addresses it, and added by the one after that.
 */
#ifndef MILLRACE_GEN_SERIAL_INSTRUCTION_H
#define MILLRACE_GEN_SERIAL_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>

enum serial_address { /* of the memory, read and written */
                      AT_LITERAL,
                      AT_FIRST,  /* the first pointer */
                      AT_SECOND, /* the second one, its bits or-ed with the literal's */
                      BY_SIGN,   /* the literal; its lowest bit is 1 where A is negative */
};

enum serial_operand { /* what M becomes */
                      M_HOLDS,
                      FROM_MEMORY,
                      FROM_PRODUCT, /* of Y and M three cycles ago */
                      FROM_FIELD,   /* enum serial_field, in the literal */
};

enum serial_field {
    FIELD_ZERO,
    FIELD_SOURCE,
    FIELD_TARGET,
    FIELD_COUNT,
    FIELD_ROWS,
    FIELD_POSITIONS,
    FIELD_HEAD,
    FIELD_SHIFT,
    FIELD_SHIFT2,
    FIELD_CONSTANT,
    FIELD_TOTAL,          /* the array's, times 256 */
    FIELD_BASE,           /* the base, times 512, of the chord that bits 9 to 17 of M named in */
    FIELD_SLOPE,          /* ... the cycle before, or its slope */
    FIELD_EXPONENT,       /* the counter E */
    FIELD_VALUE_EXPONENT, /* of the position whose key was read last */
};

enum serial_operation {
    A_HOLDS,
    CLEAR,
    ADD,   /* M and the carry */
    SHIFT, /* A and N one down, where N is not 0 */
    HALVE, /* A one down, where the flag is set */
};

enum serial_carry {
    CARRY_ZERO,
    CARRY_ROUND, /* the bit that A's last shift lost, 0 where N was loaded since */
    CARRY_ONE = 3,
};

enum serial_flag { /* of A + M + carry, whether added or not */
                   FLAG_HOLDS,
                   IF_NEGATIVE,
                   IF_BEYOND, /* its sign is A's: what was taken from A is less than A in magnitude
                               */
                   IF_NOT_NEGATIVE,
};

enum serial_load { /* from A, or from the literal */
                   NO_LOAD,
                   TO_FIRST,
                   TO_SECOND,
                   TO_ELEMENT, /* where a mantissa goes, or a row's operands are */
                   TO_LOOP,    /* the counter C */
                   TO_SHIFT,   /* the counter N */
                   EXPONENT_TO_SHIFT,
};

enum serial_exponent {
    EXPONENT_HOLDS,
    EXPONENT_CLEARS,
    EXPONENT_COUNTS, /* where the flag is set */
};

enum serial_signal {
    NO_SIGNAL,
    MANTISSA, /* A's low 9 bits and E to where TO_ELEMENT said, the next to the next one */
    ROW,      /* the array begins a row */
};

/* The upper bits say what the next instruction may be: this one, the literal's. */
enum serial_branch {
    NEXT,
    WAIT_ROW = 8,
    WAIT_LOGIT,
    REPEAT,       /* this instruction, as often as the literal says */
    REPEAT_SHIFT, /* N times, but once at least */
    JUMP = 16,
    CALL, /* of one level */
    IF_FLAG,
    LOOP, /* where C is not 0; it counts down */
    RETURN = 24,
    END,
};

struct instruction {
    bool fixed;       /* of the assembler: stays a cycle after the one before */
    bool reads;       /* of the assembler: the next one takes the word from the memory */
    unsigned literal; /* 10 bits */
    enum serial_address address;
    bool advances; /* the pointer that was addressed by */
    bool writes;   /* A */
    enum serial_operand operand;
    bool inverts;                     /* all bits of what M becomes */
    bool takes_factor, factor_is_low; /* Y becomes M, or its low 9 bits */
    enum serial_operation operation;
    enum serial_carry carry;
    bool conditional; /* CLEAR, ADD and writing: where the flag is set */
    enum serial_flag flag;
    enum serial_load loads;
    bool loads_literal;
    enum serial_exponent exponent;
    enum serial_signal signal;
    enum serial_branch branch;
};

enum { SERIAL_WORD_BITS = 40 };

/* As rtl/serial/serial_datapath.v and serial_control.v take it apart. */
static inline uint64_t instruction_word(const struct instruction *i)
{
    return (uint64_t)i->literal | (uint64_t)i->address << 10 | (uint64_t)i->advances << 12 |
           (uint64_t)i->writes << 13 | (uint64_t)i->operand << 14 | (uint64_t)i->inverts << 16 |
           (uint64_t)i->takes_factor << 17 | (uint64_t)i->factor_is_low << 18 |
           (uint64_t)i->operation << 19 | (uint64_t)i->carry << 22 |
           (uint64_t)i->conditional << 24 | (uint64_t)i->flag << 25 | (uint64_t)i->loads << 27 |
           (uint64_t)i->loads_literal << 30 | (uint64_t)i->exponent << 31 |
           (uint64_t)i->signal << 33 | (uint64_t)i->branch << 35;
}

#endif
