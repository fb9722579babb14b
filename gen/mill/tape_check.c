/* SPDX-License-Identifier: Apache-2.0 */
/* A whole tape, checked before anything runs on it. */
#include <zlib.h>

#include "gen/mill/mixer_payload.h"
#include "gen/mill/tape.h"
#include "gen/op/numerics.h"

struct tape_limits {
    uint32_t operand; /* inputs that the operand store holds */
    uint32_t wide;    /* words of the wide store */
};

uint32_t tape_wide_depth(const struct mill *mill)
{
    uint32_t depth = 0;

    for (size_t i = 0; i < mill->op_count; i++) {
        const struct tape_op *op = &mill->op[i];
        if (op->opcode == OP_MATRIX && op->variant == MATRIX_TO_WIDE) {
            uint32_t end = (uint32_t)op->target + op->rows;
            depth = end > depth ? end : depth;
        }
    }
    return depth;
}

static struct tape_limits find_limits(const struct mill *mill)
{
    const struct mill_shape *shape = &mill->shape;
    uint32_t attention = shape->heads * shape->head_dim;
    uint32_t operand = shape->dim > shape->hidden_dim ? shape->dim : shape->hidden_dim;

    operand = operand > attention ? operand : attention;
    operand = operand > shape->mixer.inner ? operand : shape->mixer.inner;
    operand = operand > shape->mixer.dt_rank ? operand : shape->mixer.dt_rank;
    return (struct tape_limits){(operand + BLOCK - 1) / BLOCK * BLOCK, tape_wide_depth(mill)};
}

static bool matrix_is_sane(const struct tape_op *op, const struct mill *mill,
                           const struct tape_limits *limits)
{
    const struct mill_shape *shape = &mill->shape;
    uint32_t padded = shape->dim + (op->weight_bits < 8 ? shape->dim % 2 : 0);
    uint32_t vocab = shape->vocab + (op->weight_bits < 8 ? shape->vocab % 2 : 0);

    if (op->weight_bits != 8 && (op->weight_bits < 2 || op->weight_bits > 4))
        return false;
    if (op->rows == 0 || op->rows % tape_rows_interleaved(op->weight_bits) != 0 ||
        op->blocks == 0 || (uint32_t)op->blocks * BLOCK > limits->operand || op->shift > 55)
        return false;
    if (op->variant == MATRIX_TO_RESIDUAL)
        return op->rows == padded;
    if (op->variant == MATRIX_TO_LOGITS)
        return op->rows == vocab;
    return op->variant == MATRIX_TO_WIDE;
}

/* Elements first..first+count-1 of the wide store. */
static bool in_wide(const struct tape_limits *limits, uint32_t first, uint32_t count)
{
    return count <= limits->wide && first <= limits->wide - count;
}

/* The same elements, or none in common. */
static bool apart(uint32_t a, uint32_t b, uint32_t count)
{
    return a == b || a + count <= b || b + count <= a;
}

enum { SHIFT_MOST = 55, DECAY_SHIFT_MOST = 40 };

static bool conv_payload_is_sane(const struct tape_op *op)
{
    for (uint32_t i = 0; i < op->count; i++)
        if (conv_channel_read(op->payload, i).shift > SHIFT_MOST)
            return false;
    return true;
}

static bool scan_payload_is_sane(const struct tape_op *op, const struct mill_shape *shape)
{
    for (uint32_t head = 0; head < shape->mixer.heads; head++)
        if (scan_head_read(op->payload, scan_record(shape), head).decay_shift > DECAY_SHIFT_MOST)
            return false;
    return true;
}

static bool norm_is_sane(const struct tape_op *op, const struct mill_shape *shape,
                         const struct tape_limits *limits)
{
    if (op->constant >> 47 != 0 || (op->shift2 != 0 && op->shift2 != 4 && op->shift2 != 8))
        return false;
    if (op->variant == NORM_RESIDUAL)
        return true;
    if (shape->architecture != ARCHITECTURE_MAMBA2 || op->count != shape->mixer.inner)
        return false;
    return op->variant == NORM_GATED || (op->variant == NORM_SCALED && op->shift <= 40 &&
                                         in_wide(limits, op->target, op->count));
}

static bool rotate_is_sane(const struct tape_op *op, const struct tape_limits *limits)
{
    uint32_t unit = op->variant == ROTATE_TWELVE ? 12 : 1;

    return op->variant <= ROTATE_TWELVE && op->shift <= 14 && op->count > 0 &&
           op->count <= limits->operand && in_wide(limits, op->source, op->count) &&
           (op->variant == ROTATE_TWELVE ? op->count == unit << op->shift
                                         : op->count % (unit << op->shift) == 0);
}

/* The operations of a Mamba block. */
static bool mixer_op_is_sane(const struct tape_op *op, const struct mill_shape *shape,
                             const struct tape_limits *limits)
{
    const struct mixer_shape *m = &shape->mixer;
    uint32_t variant = shape->architecture == ARCHITECTURE_MAMBA2;

    if (shape->architecture == ARCHITECTURE_LLAMA)
        return false;
    switch (op->opcode) {
    case OP_CONV:
        return op->count == mixer_channels(m) && op->target < shape->layers && op->shift <= 15 &&
               op->shift2 <= 12 && in_wide(limits, op->source, op->count) &&
               conv_payload_is_sane(op);
    case OP_SCAN:
        return op->variant == variant && op->count == m->inner && op->blocks < shape->layers &&
               op->shift <= 55 && op->shift2 <= 12 && in_wide(limits, op->source, m->inner) &&
               in_wide(limits, op->target, 2 * m->state) && in_wide(limits, op->rows, m->heads) &&
               scan_constant_decode(op->constant).parameter_fraction <= 17 &&
               scan_constant_decode(op->constant).state_fraction <= 48 &&
               scan_constant_decode(op->constant).d_left <= 28 && scan_payload_is_sane(op, shape);
    case OP_GATE:
        return op->variant <= GATE_TO_WIDE && op->count == m->inner && op->shift <= 55 &&
               op->shift2 <= 12 && in_wide(limits, op->source, op->count) &&
               (op->variant == GATE_TO_GATED || (in_wide(limits, op->target, op->count) &&
                                                 apart(op->source, op->target, op->count)));
    default:
        return rotate_is_sane(op, limits);
    }
}

static bool op_is_sane(const struct tape_op *op, const struct mill *mill,
                       const struct tape_limits *limits)
{
    const struct mill_shape *shape = &mill->shape;
    uint32_t heads = op->variant == HEADS_QUERY ? shape->heads : shape->kv_heads;
    bool attention = shape->architecture == ARCHITECTURE_LLAMA;

    switch (op->opcode) {
    case OP_NORM:
        return norm_is_sane(op, shape, limits);
    case OP_MATRIX:
        return matrix_is_sane(op, mill, limits);
    case OP_HEADS:
        return attention && op->variant <= HEADS_VALUE && op->count == heads &&
               op->target < shape->layers && op->source + heads * shape->head_dim <= limits->wide;
    case OP_ATTEND:
        return attention && op->count == shape->heads && op->target < shape->layers &&
               op->shift <= 55;
    case OP_GLU:
        return attention && op->count == shape->hidden_dim && op->shift <= 40 && op->shift2 <= 12 &&
               (uint32_t)op->source + op->count <= limits->wide &&
               (uint32_t)op->target + op->count <= limits->wide;
    case OP_END:
        return true;
    default:
        return mixer_op_is_sane(op, shape, limits);
    }
}

/* [a, a + a_count) and [b, b + b_count) have elements in common. */
static bool meet(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
    return a < b + b_count && b < a + a_count;
}

/* Matrices run beside a SCAN that they follow: none may write what it reads. */
static bool runs_beside(const struct tape_op *scan, const struct tape_op *matrix,
                        const struct mixer_shape *m)
{
    return matrix->variant != MATRIX_TO_WIDE ||
           !(meet(scan->source, m->inner, matrix->target, matrix->rows) ||
             meet(scan->target, 2 * m->state, matrix->target, matrix->rows) ||
             meet(scan->rows, m->heads, matrix->target, matrix->rows));
}

/* Cut the tape into operations; their number goes to mill->op_count. */
static bool cut_tape(struct mill *mill, struct tape_op *op, size_t room, struct error *err)
{
    size_t at = 0;

    for (mill->op_count = 0; at < mill->tape_size; mill->op_count++) {
        struct tape_op next;
        if (!tape_decode_header(mill->tape + at, at, &next, err))
            return false;
        if (next.payload_lines != tape_payload_lines(&next, &mill->shape) ||
            next.payload_lines > (mill->tape_size - at) / TAPE_LINE - 1)
            return error_set(err, ERROR_INPUT, "tape: byte %zu: %u payload lines do not fit", at,
                             next.payload_lines);
        next.payload = mill->tape + at + TAPE_LINE;
        size_t end = at + TAPE_LINE * ((size_t)1 + next.payload_lines);
        if ((next.opcode == OP_END) != (end == mill->tape_size))
            return error_set(err, ERROR_INPUT, "tape: byte %zu: %s", at,
                             next.opcode == OP_END ? "END before the end"
                                                   : "the tape stops without its END");
        if (next.opcode == OP_END && next.constant != crc32(0, mill->tape, (unsigned)at))
            return error_set(err, ERROR_INPUT, "tape: its CRC does not match");
        at = end;
        if (mill->op_count < room)
            op[mill->op_count] = next;
    }
    return true;
}

bool tape_decode(struct mill *mill, struct error *err)
{
    if (mill->tape_size == 0 || mill->tape_size % TAPE_LINE != 0 ||
        mill->tape_size / TAPE_LINE > UINT32_MAX / TAPE_LINE)
        return error_set(err, ERROR_INPUT, "tape: %zu bytes are not a tape's size",
                         mill->tape_size);
    if (!cut_tape(mill, NULL, 0, err))
        return false;
    struct tape_op *op = arena_alloc(&mill->arena, mill->op_count, sizeof *op);
    if (!op)
        return error_set(err, ERROR_FAILED, "tape: out of memory");
    mill->op = op;
    if (!cut_tape(mill, op, mill->op_count, err))
        return false;

    struct tape_limits limits = find_limits(mill);
    const struct tape_op *scan = NULL;
    for (size_t i = 0; i < mill->op_count; i++) {
        bool matrix = op[i].opcode == OP_MATRIX;
        if (!op_is_sane(&op[i], mill, &limits) ||
            (scan && matrix && !runs_beside(scan, &op[i], &mill->shape.mixer)))
            return error_set(err, ERROR_INPUT,
                             "tape: operation %zu (opcode %u) does not fit the model's shape", i,
                             op[i].opcode);
        scan = matrix ? scan : op[i].opcode == OP_SCAN ? &op[i] : NULL;
    }
    return true;
}
