/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/operator.h"

static const struct operator_definition *const operators[] = {
    &norm_operator, &matrix_operator, &heads_operator, &attend_operator, &glu_operator,
    &conv_operator, &scan_operator,   &gate_operator,  &rotate_operator,
};

const struct operator_definition *operator_find(uint8_t opcode)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (operators[i]->opcode == opcode)
            return operators[i];
    return NULL;
}

void operand_quantise(struct operand *operand, uint32_t first, const int32_t *value, uint32_t count,
                      unsigned bits, unsigned column)
{
    for (uint32_t at = 0; at < count; at += OPERAND_BLOCK) {
        int32_t block[OPERAND_BLOCK] = {0};
        int16_t mantissa[OPERAND_BLOCK];
        for (uint32_t i = 0; i < OPERAND_BLOCK && at + i < count; i++)
            block[i] = value[at + i];
        unsigned exponent = block_quantise(block, OPERAND_BLOCK, bits, mantissa);
        operand->exponent[(first + at) / OPERAND_BLOCK][column] = (uint8_t)exponent;
        for (uint32_t i = 0; i < OPERAND_BLOCK; i++)
            operand->mantissa[first + at + i][column] = mantissa[i];
    }
}
