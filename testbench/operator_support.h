/* SPDX-License-Identifier: Apache-2.0 */
/* A reference with one matrix, for tests of single operators: they fill in the
 * tile, run an operator and read the tile. */
#ifndef MILLRACE_TESTBENCH_OPERATOR_SUPPORT_H
#define MILLRACE_TESTBENCH_OPERATOR_SUPPORT_H

#include <math.h>

#include "gen/mill/tape.h"
#include "gen/op/operator.h"
#include "gen/op/reference.h"
#include "testbench/test_support.h"

struct rig {
    struct mill mill;
    struct tape_op matrix; /* the mill's only operation; also sets the wide store's size */
    int8_t *q;             /* [rows][blocks * 16] */
    uint8_t *scale;        /* [rows][groups] */
    uint8_t *payload;
    struct reference *reference; /* COLUMN_TILE columns, which is one tile */
    struct column_tile *tile;
};

/* `matrix` gives weight_bits, group_shift, rows and blocks. */
static inline void rig_open(struct rig *rig, const struct mill_shape *shape,
                            const struct tape_op *matrix, uint64_t *random)
{
    struct error err = {0};

    *rig = (struct rig){.mill.shape = *shape, .matrix = *matrix};
    struct tape_op *op = &rig->matrix;
    op->opcode = OP_MATRIX;
    op->payload_lines = (uint32_t)tape_payload_lines(op, NULL);
    size_t weights = (size_t)op->rows * op->blocks * BLOCK;
    size_t scales = (size_t)op->rows * tape_groups(op);
    rig->q = malloc(weights);
    rig->scale = malloc(scales);
    rig->payload = calloc(op->payload_lines, TAPE_LINE);
    assert_true(rig->q && rig->scale && rig->payload);
    int limit = (1 << (op->weight_bits - 1)) - 1;
    for (size_t i = 0; i < weights; i++)
        rig->q[i] = (int8_t)((int)(next_random(random) % (2 * (unsigned)limit + 1)) - limit);
    for (size_t i = 0; i < scales; i++)
        rig->scale[i] = (uint8_t)next_random(random);
    tape_pack_matrix(op, rig->q, rig->scale, rig->payload);
    op->payload = rig->payload;
    rig->mill.op = op;
    rig->mill.op_count = 1;
    rig->reference = reference_open(&rig->mill, COLUMN_TILE, &err);
    if (!rig->reference)
        fail_msg("%s", err.message);
    rig->tile = rig->reference->tile;
    rig->tile->active = COLUMN_TILE;
    for (uint32_t c = 0; c < COLUMN_TILE; c++)
        rig->tile->slot[c] = c;
}

static inline void rig_close(struct rig *rig)
{
    reference_close(rig->reference);
    free(rig->q);
    free(rig->scale);
    free(rig->payload);
}

/* A value of `bits` bits at most, of any magnitude. */
static inline int32_t draw_value(uint64_t *random, unsigned bits)
{
    unsigned length = next_random(random) % (bits + 1);
    int32_t magnitude = (int32_t)((((uint64_t)1 << length) - 1) & next_random(random));
    return next_random(random) % 2 ? magnitude : -magnitude;
}

/* Operand `input` of a column as a number. */
static inline double operand_value(const struct operand *operand, uint32_t input, uint32_t column)
{
    return ldexp(operand->mantissa[input][column], operand->exponent[input / BLOCK][column]);
}

/* One step of that operand: rounding is off by half of it, the clamp of a
 * block's largest value by all. */
static inline double operand_step(const struct operand *operand, uint32_t input, uint32_t column)
{
    return ldexp(1, operand->exponent[input / BLOCK][column]);
}

#endif
