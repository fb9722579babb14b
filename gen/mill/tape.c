/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/mill/tape.h"

#include <string.h>
#include <zlib.h>

#include "base/little_endian.h"
#include "gen/mill/mixer_payload.h"

enum { INPUTS_A_BLOCK = 16 };

static uint32_t group_inputs(const struct tape_op *op, uint32_t group)
{
    uint32_t first = group << op->group_shift;
    uint32_t last = first + (1u << op->group_shift);
    return ((last < op->blocks ? last : op->blocks) - first) * INPUTS_A_BLOCK;
}

static uint64_t lines_of(uint64_t bytes)
{
    return (bytes + TAPE_LINE - 1) / TAPE_LINE;
}

static uint64_t matrix_lines(const struct tape_op *op)
{
    uint64_t scales = (uint64_t)op->rows * tape_groups(op);
    uint64_t frames = (scales + TAPE_FRAME_SCALES - 1) / TAPE_FRAME_SCALES;
    uint64_t bits = (uint64_t)op->rows * op->blocks * INPUTS_A_BLOCK * op->weight_bits;
    return frames + lines_of(bits / 8);
}

uint64_t tape_payload_lines(const struct tape_op *op, const struct mill_shape *shape)
{
    switch (op->opcode) {
    case OP_MATRIX:
        return matrix_lines(op);
    case OP_NORM:
        return op->variant == NORM_SCALED ? lines_of((uint64_t)op->count * NORM_RECORD) : 0;
    case OP_CONV:
        return lines_of((uint64_t)op->count * CONV_RECORD);
    case OP_SCAN:
        return lines_of((uint64_t)shape->mixer.heads * scan_record(shape));
    default:
        return 0;
    }
}

/* Where the walk over a payload stands: frames of scales, then weights. */
struct payload_walk {
    uint32_t scales_left; /* of the frame */
    size_t scale_byte;    /* of the next scale */
    size_t weight_bit;    /* of the next weight */
};

/* Step to the next scale; a new frame's weights begin after its scale bytes. */
static size_t next_scale(struct payload_walk *walk)
{
    if (walk->scales_left == 0) {
        walk->scale_byte = walk->weight_bit / 8;
        walk->weight_bit += (size_t)TAPE_FRAME_SCALES * 8;
        walk->scales_left = TAPE_FRAME_SCALES;
    }
    walk->scales_left--;
    return walk->scale_byte++;
}

static void put_field(uint8_t *data, size_t bit, unsigned width, unsigned value)
{
    for (unsigned i = 0; i < width; i++, bit++)
        data[bit / 8] |= (uint8_t)(((value >> i) & 1) << (bit % 8));
}

static int get_field(const uint8_t *data, size_t bit, unsigned width)
{
    unsigned value = 0;
    for (unsigned i = 0; i < width; i++, bit++)
        value |= ((unsigned)data[bit / 8] >> (bit % 8) & 1) << i;
    unsigned sign = 1u << width >> 1;
    return (int)(value ^ sign) - (int)sign;
}

/* Call per group and row, in the tape's order.  The packer and the unpacker
 * differ only in what they do at a weight's place. */
typedef void visit_group(const struct tape_op *op, uint32_t row, uint32_t group, size_t scale_byte,
                         size_t first_bit, size_t stride, void *context);

static void walk_payload(const struct tape_op *op, visit_group *visit, void *context)
{
    struct payload_walk walk = {0};
    uint32_t together = tape_rows_interleaved(op->weight_bits), groups = tape_groups(op);

    for (uint32_t row = 0; row < op->rows; row += together)
        for (uint32_t group = 0; group < groups; group++) {
            size_t scale[2];
            for (uint32_t r = 0; r < together; r++)
                scale[r] = next_scale(&walk);
            for (uint32_t r = 0; r < together; r++)
                visit(op, row + r, group, scale[r], walk.weight_bit + (size_t)r * op->weight_bits,
                      (size_t)together * op->weight_bits, context);
            walk.weight_bit += (size_t)group_inputs(op, group) * together * op->weight_bits;
        }
}

struct pack_context {
    const int8_t *q;
    const uint8_t *scale;
    uint8_t *payload;
};

static void pack_group(const struct tape_op *op, uint32_t row, uint32_t group, size_t scale_byte,
                       size_t bit, size_t stride, void *opaque)
{
    const struct pack_context *context = opaque;
    size_t first = (size_t)row * op->blocks * INPUTS_A_BLOCK +
                   ((size_t)group << op->group_shift) * INPUTS_A_BLOCK;

    context->payload[scale_byte] = context->scale[(size_t)row * tape_groups(op) + group];
    for (uint32_t i = 0; i < group_inputs(op, group); i++, bit += stride)
        put_field(context->payload, bit, op->weight_bits, (unsigned)context->q[first + i]);
}

void tape_pack_matrix(const struct tape_op *op, const int8_t *q, const uint8_t *scale,
                      uint8_t *payload)
{
    walk_payload(op, pack_group, &(struct pack_context){q, scale, payload});
}

static void unpack_group(const struct tape_op *op, uint32_t row, uint32_t group, size_t scale_byte,
                         size_t bit, size_t stride, void *opaque)
{
    int16_t *weight = (int16_t *)opaque + (size_t)row * op->blocks * INPUTS_A_BLOCK +
                      ((size_t)group << op->group_shift) * INPUTS_A_BLOCK;
    int scale = op->payload[scale_byte];

    for (uint32_t i = 0; i < group_inputs(op, group); i++, bit += stride)
        weight[i] = (int16_t)(get_field(op->payload, bit, op->weight_bits) * scale);
}

void tape_unpack_matrix(const struct tape_op *op, int16_t *weight)
{
    walk_payload(op, unpack_group, weight);
}

void tape_encode_header(const struct tape_op *op, uint8_t line[TAPE_LINE])
{
    memset(line, 0, TAPE_LINE);
    line[0] = TAPE_MAGIC;
    line[1] = op->opcode;
    line[2] = op->variant;
    line[3] = op->group_shift;
    store_u16(line + 4, op->rows);
    store_u16(line + 6, op->blocks);
    store_u16(line + 8, op->source);
    store_u16(line + 10, op->target);
    line[12] = op->shift;
    line[13] = op->shift2;
    store_u16(line + 14, op->count);
    store_u32(line + 16, op->payload_lines);
    if (op->opcode == OP_MATRIX)
        line[24] = op->weight_bits;
    else
        store_u64(line + 20, op->constant);
    store_u32(line + 28, (uint32_t)crc32(0, line, 28));
}

bool tape_decode_header(const uint8_t line[TAPE_LINE], size_t at, struct tape_op *op,
                        struct error *err)
{
    if (line[0] != TAPE_MAGIC)
        return error_set(err, ERROR_INPUT, "tape: byte %zu: magic is 0x%02x, not 0x%02x", at,
                         line[0], TAPE_MAGIC);
    if (load_u32(line + 28) != (uint32_t)crc32(0, line, 28))
        return error_set(err, ERROR_INPUT, "tape: byte %zu: the header's CRC does not match", at);
    *op = (struct tape_op){
        .opcode = line[1],
        .variant = line[2],
        .group_shift = line[3],
        .rows = load_u16(line + 4),
        .blocks = load_u16(line + 6),
        .source = load_u16(line + 8),
        .target = load_u16(line + 10),
        .shift = line[12],
        .shift2 = line[13],
        .count = load_u16(line + 14),
        .payload_lines = load_u32(line + 16),
    };
    if (op->opcode == OP_MATRIX)
        op->weight_bits = line[24];
    else
        op->constant = load_u64(line + 20);
    if (op->opcode < OP_NORM || op->opcode > OP_LAST)
        return error_set(err, ERROR_INPUT, "tape: byte %zu: opcode %u is unknown", at, op->opcode);
    if (op->group_shift > 2)
        return error_set(err, ERROR_INPUT, "tape: byte %zu: groups of 16 << %u inputs", at,
                         op->group_shift);
    return true;
}
