/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gated linear unit silu(gate) * up (Shazeer 2020, SwiGLU) from the wide
 * store into the operand store.
 */
#include "gen/op/operator.h"
#include "gen/op/silu.h"

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
