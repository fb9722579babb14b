/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape: one linear stream of 32-byte lines, an operation's header and then
 * the weights that it consumes, in the order in which the array consumes them.
 * docs/tape.md is the format's description.
 */
#ifndef MILLRACE_GEN_MILL_TAPE_H
#define MILLRACE_GEN_MILL_TAPE_H

#include "gen/mill/mill.h"

enum {
    TAPE_MAGIC = 0xA5,
    TAPE_FRAME_SCALES = 32, /* scale bytes ahead of the weights that they belong to */
};

/* Rows that lie interleaved on the tape: two where a weight is below 8 bits,
 * for the sake of multipliers that take two weights for one activation. */
static inline uint32_t tape_rows_interleaved(unsigned weight_bits)
{
    return weight_bits == 8 ? 1 : 2;
}

/* Groups of a row of `blocks` blocks; the last one may be shorter. */
static inline uint32_t tape_groups(const struct tape_op *op)
{
    return (op->blocks + (1u << op->group_shift) - 1) >> op->group_shift;
}

/* Lines of the payload that an operation of a model of this shape has; 0 where
 * it has none. */
uint64_t tape_payload_lines(const struct tape_op *op, const struct mill_shape *shape);

/* Encode the header of `op` into one line, its CRC included. */
void tape_encode_header(const struct tape_op *op, uint8_t line[TAPE_LINE]);

/* Decode and check one header line: magic, CRC, opcode, fields in range. `at`
 * is its byte offset, for the message. */
bool tape_decode_header(const uint8_t line[TAPE_LINE], size_t at, struct tape_op *op,
                        struct error *err);

/* Lay `q` [rows][blocks * 16] and `scale` [rows][groups] out as the payload;
 * `payload` has tape_payload_lines(op) lines, zeroed. */
void tape_pack_matrix(const struct tape_op *op, const int8_t *q, const uint8_t *scale,
                      uint8_t *payload);

/* The reverse: weight times group scale, [rows][blocks * 16]. */
void tape_unpack_matrix(const struct tape_op *op, int16_t *weight);

/* Words of the wide store that the tape's operations use. */
uint32_t tape_wide_depth(const struct mill *mill);

/* Decode the whole tape of `mill` into mill->op, checking every header, every
 * payload's length against the tape's end, operands against the shape, and the
 * END's CRC. */
bool tape_decode(struct mill *mill, struct error *err);

#endif
