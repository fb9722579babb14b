/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y silu(z) of a Mamba block: the scan's result in the gated store, 32 bits,
 * times the gate in the wide store; back into the gated store for the norm of
 * Mamba-2, or into the wide store.  y is brought to 18 bits with an exponent
 * for 16 elements, so that one 18 x 18 multiplication an element is enough.
 */
#include "gen/op/operator.h"
#include "gen/op/silu.h"

static void gate_run(struct reference *reference, struct column_tile *tile,
                     const struct tape_op *op, size_t index)
{
    (void)reference, (void)index;

    for (unsigned column = 0; column < tile->active; column++)
        for (uint32_t first = 0; first < op->count; first += BLOCK) {
            uint32_t largest = 0;
            for (uint32_t i = 0; i < BLOCK; i++) {
                int32_t y = tile->gated[first + i][column];
                uint32_t magnitude = (uint32_t)(y < 0 ? -y : y);
                largest = magnitude > largest ? magnitude : largest;
            }
            unsigned length = bit_length(largest);
            unsigned exponent = length > WIDE_BITS - 1 ? length - (WIDE_BITS - 1) : 0;
            for (uint32_t i = first; i < first + BLOCK; i++) {
                int64_t y = saturate_wide(round_shift(tile->gated[i][column], exponent));
                int64_t product = y * silu(tile->wide[op->source + i][column], op->shift2);
                int64_t out = round_shift(shift_left(product, exponent), op->shift);
                if (op->variant == GATE_TO_GATED)
                    tile->gated[i][column] = saturate_residual(out);
                else
                    tile->wide[op->target + i][column] = saturate_wide(out);
            }
        }
}

static const struct micro_pass program[] = {
    {MICRO_SILU, 0},
    {MICRO_GATE, MICRO_LAST},
};

const struct operator_definition gate_operator = {"gate", OP_GATE, gate_run, {program, program}};
