/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/micro.h"

#include "gen/op/operator.h"

/* Append a program; returns the next free address, or 0 where there is no room. */
static unsigned append(uint16_t word[MICRO_WORDS], unsigned at, const struct micro_pass *pass)
{
    for (;; pass++) {
        if (at == MICRO_WORDS)
            return 0;
        word[at++] = (uint16_t)(pass->function | pass->flags);
        if (pass->flags & MICRO_LAST)
            return at;
    }
}

bool microcode_build(uint16_t word[MICRO_WORDS], struct error *err)
{
    unsigned free_at = MICRO_FIRST;

    for (unsigned i = 0; i < MICRO_WORDS; i++)
        word[i] = 0;
    for (unsigned opcode = 0; opcode < MICRO_FIRST / MICRO_VARIANTS; opcode++) {
        const struct operator_definition *op = operator_find((uint8_t)opcode);
        for (unsigned v = 0; op && v < MICRO_VARIANTS; v++) {
            if (!op->program[v])
                continue;
            word[opcode * MICRO_VARIANTS + v] = (uint16_t)free_at;
            free_at = append(word, free_at, op->program[v]);
            if (!free_at)
                return error_set(err, ERROR_FAILED, "%s: its micro program does not fit", op->name);
        }
    }
    return true;
}
