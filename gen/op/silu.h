/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_OP_SILU_H
#define MILLRACE_GEN_OP_SILU_H

#include "gen/op/function_table.h"
#include "gen/op/numerics.h"

/* silu of a wide value with GATE_FRACTION - left fraction bits; the result has
 * GATE_FRACTION.  From the table for positive arguments below 16;
 * silu(-x) = silu(x) - x. */
static inline int32_t silu(int32_t gate, unsigned left)
{
    int64_t x = (int64_t)(gate < 0 ? -gate : gate) << left;

    if (x >= 16 << GATE_FRACTION)
        return gate < 0 ? 0 : saturate_wide(x);
    int32_t y = function_table_eval(FUNCTION_SILU + (unsigned)(x >> 8), (uint32_t)x & 255, 8);
    return gate < 0 ? y - (int32_t)x : y;
}

#endif
