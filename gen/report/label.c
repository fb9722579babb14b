/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "gen/op/operator.h"
#include "gen/report/section.h"

const char *operator_label(uint8_t opcode)
{
    const struct operator_definition *op = operator_find(opcode);
    return op ? op->name : "end";
}

/* Does [first, first + count) of the wide store lie in what `matrix` writes? */
static bool writes(const struct tape_op *matrix, uint32_t first, uint32_t count)
{
    return first >= matrix->target && first + count <= (uint32_t)matrix->target + matrix->rows;
}

/* Does `matrix` write what `op` of a Mamba block reads?  NULL: no. */
static const char *label_in_mixer(const struct mill *mill, const struct tape_op *matrix,
                                  const struct tape_op *op)
{
    if (op->opcode == OP_CONV && writes(matrix, op->source, op->count))
        return mill->shape.mixer.dt_rank ? "x" : "x, B and C";
    if (op->opcode == OP_SCAN && writes(matrix, op->rows, mill->shape.mixer.heads))
        return "dt";
    if (op->opcode == OP_SCAN && writes(matrix, op->target, 2 * mill->shape.mixer.state))
        return "low dt, B and C";
    if (op->opcode == OP_GATE && writes(matrix, op->source, op->count))
        return "z";
    return NULL;
}

/* By the first operator after it that reads what it writes. */
static const char *label_of_wide(const struct mill *mill, size_t at)
{
    static const char *const heads[] = {"query", "key", "value"};
    const struct tape_op *matrix = &mill->op[at];

    for (size_t i = at + 1; i < mill->op_count; i++) {
        const struct tape_op *op = &mill->op[i];
        if (op->opcode == OP_HEADS && op->variant <= HEADS_VALUE &&
            writes(matrix, op->source, op->count * mill->shape.head_dim))
            return heads[op->variant];
        if (op->opcode == OP_GLU) {
            bool gate = writes(matrix, op->source, op->count);
            bool up = writes(matrix, op->target, op->count);
            if (gate || up)
                return gate && up ? "gate and up" : gate ? "gate" : "up";
        }
        const char *label = label_in_mixer(mill, matrix, op);
        if (label)
            return label;
    }
    return "matrix";
}

/* By the operator before it that made its operand. */
static const char *label_of_residual(const struct mill *mill, size_t at)
{
    while (at-- > 0) {
        if (mill->op[at].opcode == OP_ATTEND)
            return "attention's output";
        if (mill->op[at].opcode == OP_GLU)
            return "down";
        if (mill->op[at].opcode == OP_GATE)
            return "mixer's output";
    }
    return "matrix";
}

const char *tensor_label(const struct mill *mill, size_t at)
{
    const struct tape_op *op = &mill->op[at];

    if (op->opcode != OP_MATRIX)
        return operator_label(op->opcode);
    switch (op->variant) {
    case MATRIX_TO_WIDE:
        return label_of_wide(mill, at);
    case MATRIX_TO_RESIDUAL:
        return label_of_residual(mill, at);
    default:
        return "head";
    }
}
