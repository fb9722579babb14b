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

bool microcode_build(const struct mill *mill, uint16_t word[MICRO_WORDS], struct error *err)
{
    unsigned free_at = MICRO_FIRST;

    for (unsigned i = 0; i < MICRO_WORDS; i++)
        word[i] = 0;
    for (size_t i = 0; i < mill->op_count; i++) {
        const struct operator_definition *op = operator_find(mill->op[i].opcode);
        uint16_t *entry = &word[mill->op[i].opcode * MICRO_VARIANTS + mill->op[i].variant];
        if (!op || *entry)
            continue;
        *entry = (uint16_t)free_at;
        free_at = append(word, free_at, op->program[mill->op[i].variant]);
        if (!free_at)
            return error_set(err, ERROR_FAILED, "%s: its micro program does not fit", op->name);
    }
    return true;
}
