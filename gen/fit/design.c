/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/design.h"

#include "gen/mill/mill.h"

uint32_t design_rows(const struct mill *mill)
{
    for (size_t i = 0; i < mill->op_count; i++)
        if (mill->op[i].opcode == OP_MATRIX && mill->op[i].weight_bits < 8)
            return 2;
    return 1;
}
