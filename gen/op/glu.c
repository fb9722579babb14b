/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gated linear unit silu(gate) * up (Shazeer 2020, SwiGLU) from the wide
 * store into the operand store.  silu comes from a table for positive
 * arguments below 16; silu(-x) = silu(x) - x.
 */
#include "gen/op/function_table.h"
#include "gen/op/operator.h"

/* silu of a wide value with GATE_FRACTION - left fraction bits; the result has
 * GATE_FRACTION. */
static int32_t silu(int32_t gate, unsigned left)
{
    int64_t x = (int64_t)(gate < 0 ? -gate : gate) << left;

    if (x >= 16 << GATE_FRACTION)
        return gate < 0 ? 0 : saturate_wide(x);
    int32_t y = function_table_eval(FUNCTION_SILU + (unsigned)(x >> 8), (uint32_t)x & 255, 8);
    return gate < 0 ? y - (int32_t)x : y;
}

static void glu_run(struct reference *reference, struct column_tile *tile, const struct tape_op *op,
                    size_t index)
{
    unsigned act_bits = reference->mill->shape.act_bits;
    (void)index;

    for (unsigned column = 0; column < tile->active; column++) {
        for (uint32_t first = 0; first < op->count; first += BLOCK) {
            uint32_t count = op->count - first < BLOCK ? op->count - first : BLOCK;
            int32_t block[BLOCK];
            for (uint32_t i = 0; i < count; i++) {
                int64_t gate = silu(tile->wide[op->source + first + i][column], op->shift2);
                int64_t up = tile->wide[op->target + first + i][column];
                block[i] = saturate_wide(round_shift(gate * up, op->shift));
            }
            operand_quantise(&tile->operand, first, block, count, act_bits, column);
        }
    }
}

static const struct micro_pass program[] = {
    {MICRO_SILU, 0},
    {MICRO_GLU, MICRO_LAST},
};

const struct operator_definition glu_operator = {"glu", OP_GLU, glu_run, {program}};
