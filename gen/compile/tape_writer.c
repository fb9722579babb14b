/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/compile/tape_writer.h"

#include <string.h>
#include <zlib.h>

/* Room for `bytes` more, zeroed. The arena keeps outgrown tapes until its end,
 * which doubling bounds at the tape's own size. */
static uint8_t *extend(struct tape_writer *w, size_t bytes)
{
    if (w->failed)
        return NULL;
    if (w->room - w->size < bytes) {
        size_t room = (w->size + bytes) * 2;
        uint8_t *tape = arena_alloc(w->arena, room, 1);
        if (!tape) {
            w->failed = true;
            error_set(w->err, ERROR_FAILED, "tape: out of memory for %zu bytes", room);
            return NULL;
        }
        if (w->size)
            memcpy(tape, w->tape, w->size);
        w->tape = tape;
        w->room = room;
    }
    uint8_t *at = w->tape + w->size;
    w->size += bytes;
    return at;
}

void tape_write(struct tape_writer *w, const struct tape_op *op)
{
    uint8_t *line = extend(w, TAPE_LINE);
    if (line)
        tape_encode_header(op, line);
}

uint8_t *tape_write_payload(struct tape_writer *w, const struct tape_op *op, uint64_t lines)
{
    struct tape_op full = *op;

    full.payload_lines = (uint32_t)lines;
    tape_write(w, &full);
    return extend(w, (size_t)lines * TAPE_LINE);
}

static uint8_t log2_of(uint32_t x)
{
    uint8_t n = 0;
    while (x >> (n + 1))
        n++;
    return n;
}

void tape_write_matrix(struct tape_writer *w, const struct tape_op *op,
                       const struct quantised_matrix *matrix)
{
    struct tape_op full = *op;

    if (matrix->rows > UINT16_MAX || matrix->inputs / 16 > UINT16_MAX) {
        if (!w->failed)
            error_set(w->err, ERROR_INPUT, "a matrix of %u x %u is more than a tape can hold",
                      matrix->rows, matrix->inputs);
        w->failed = true;
        return;
    }
    full.opcode = OP_MATRIX;
    full.rows = (uint16_t)matrix->rows;
    full.blocks = (uint16_t)(matrix->inputs / 16);
    full.group_shift = log2_of(matrix->group / 16);
    full.weight_bits = (uint8_t)matrix->bits;
    full.payload_lines = (uint32_t)tape_payload_lines(&full, NULL);
    tape_write(w, &full);
    uint8_t *payload = extend(w, (size_t)full.payload_lines * TAPE_LINE);
    if (payload)
        tape_pack_matrix(&full, matrix->q, matrix->scale, payload);
}

void tape_write_end(struct tape_writer *w)
{
    if (w->failed)
        return;
    struct tape_op end = {.opcode = OP_END,
                          .constant = (uint32_t)crc32(0, w->tape, (unsigned)w->size)};
    tape_write(w, &end);
}
