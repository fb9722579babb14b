/* SPDX-License-Identifier: Apache-2.0 */
#include "host/protocol.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#include "base/little_endian.h"

enum {
    RESULT_HEAD = 4,
    RESULT_TAIL = 6 * 4 + 1, /* counters and status */
    CANDIDATE_BYTES = 8,
    COLUMN_HEAD = 8,
    BOARD_LETTERS = 12,
};

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static uint32_t frame_crc(const uint8_t *frame, uint32_t length)
{
    return (uint32_t)crc32_z(0, frame + 1, FRAME_HEAD - 1 + (size_t)length);
}

void frame_seal_around(uint8_t *frame, uint8_t type, uint8_t tag, uint32_t length,
                       const uint8_t *tail, uint32_t tail_length)
{
    frame[0] = FRAME_MAGIC;
    frame[1] = type;
    put_u32(frame + 2, (length + tail_length) << 8 | tag);
    uint32_t crc = frame_crc(frame, length);
    if (tail_length > 0)
        crc = (uint32_t)crc32_z(crc, tail, tail_length);
    put_u32(frame + FRAME_HEAD + length, crc);
}

size_t frame_seal(uint8_t *frame, uint8_t type, uint8_t tag, uint32_t length)
{
    frame_seal_around(frame, type, tag, length, NULL, 0);
    return (size_t)length + FRAME_OVERHEAD;
}

bool frame_head(const uint8_t head[FRAME_HEAD], struct frame *frame)
{
    frame->type = head[1];
    frame->tag = head[2];
    frame->length = load_u32(head + 2) >> 8;
    return head[0] == FRAME_MAGIC;
}

enum frame_state frame_parse(const uint8_t *data, size_t size, uint32_t longest,
                             struct frame *frame)
{
    if (size > 0 && data[0] != FRAME_MAGIC)
        return FRAME_DAMAGED;
    if (size < FRAME_HEAD)
        return FRAME_SHORT;
    frame_head(data, frame);
    if (frame->length > longest)
        return FRAME_DAMAGED;
    if (size - FRAME_HEAD < (size_t)frame->length + 4)
        return FRAME_SHORT;
    frame->payload = data + FRAME_HEAD;
    uint32_t crc = load_u32(frame->payload + frame->length);
    return crc == frame_crc(data, frame->length) ? FRAME_GOOD : FRAME_DAMAGED;
}

size_t identity_encode(const struct identity *identity, uint8_t payload[IDENTITY_BYTES])
{
    uint8_t *at = payload;
    at = put_u16(at, identity->version);
    at = put_u16(at, identity->columns);
    at = put_u16(at, identity->lanes);
    at = put_u16(at, identity->top_k);
    at = put_u32(at, identity->vocab);
    at = put_u32(at, identity->max_seq);
    at = put_u32(at, identity->tape_lines);
    at = put_u32(at, identity->tape_crc);
    at = put_u32(at, identity->dim);
    at = put_u16(at, identity->head_dim);
    at = put_u16(at, identity->tape_bus_bits);
    at = put_u32(at, identity->memory_lines);
    at = put_u32(at, identity->fingerprint);
    *at++ = identity->memory_fault;
    *at++ = identity->tape_state;
    *at++ = identity->streams;
    *at++ = 0;
    memcpy(at, identity->board, BOARD_LETTERS);
    at += BOARD_LETTERS;
    return (size_t)(at - payload);
}

bool identity_decode(const struct frame *frame, struct identity *identity)
{
    const uint8_t *p = frame->payload;
    if ((frame->type != (FRAME_REPLY | FRAME_IDENTIFY) &&
         frame->type != (FRAME_REPLY | FRAME_VERIFY)) ||
        frame->length != IDENTITY_BYTES || p[40] > MEMORY_FAILED || p[41] > TAPE_BAD_CRC ||
        p[42] > 1)
        return false;
    *identity = (struct identity){
        .version = load_u16(p),
        .columns = load_u16(p + 2),
        .lanes = load_u16(p + 4),
        .top_k = load_u16(p + 6),
        .vocab = load_u32(p + 8),
        .max_seq = load_u32(p + 12),
        .tape_lines = load_u32(p + 16),
        .tape_crc = load_u32(p + 20),
        .dim = load_u32(p + 24),
        .head_dim = load_u16(p + 28),
        .tape_bus_bits = load_u16(p + 30),
        .memory_lines = load_u32(p + 32),
        .fingerprint = load_u32(p + 36),
        .memory_fault = p[40],
        .tape_state = p[41],
        .streams = p[42],
    };
    memcpy(identity->board, p + 44, BOARD_LETTERS);
    return true;
}

size_t column_bytes(uint32_t head_dim, uint32_t dim)
{
    return COLUMN_HEAD + 2 * ((size_t)head_dim + dim);
}

size_t column_encode(uint16_t column, uint32_t position, const int16_t *rope, uint32_t head_dim,
                     const int16_t *embedding, uint32_t dim, uint8_t *payload)
{
    uint8_t *at = payload;
    at = put_u16(at, column);
    at = put_u16(at, 0);
    at = put_u32(at, position);
    memcpy(at, rope, head_dim * sizeof *rope);
    at += head_dim * sizeof *rope;
    memcpy(at, embedding, dim * sizeof *embedding);
    at += dim * sizeof *embedding;
    return (size_t)(at - payload);
}

size_t load_encode(uint32_t line, uint8_t payload[LOAD_HEAD])
{
    return (size_t)(put_u32(payload, line) - payload);
}

size_t run_encode(const struct run_request *run, uint8_t payload[RUN_REQUEST_BYTES])
{
    uint8_t *at = payload;
    *at++ = (uint8_t)((run->mode == PASS_PREFILL) | run->streams << 1);
    *at++ = (uint8_t)run->result;
    at = put_u16(at, run->slot);
    at = put_u16(at, run->count);
    at = put_u16(at, 0);
    return (size_t)(at - payload);
}

bool run_decode(const struct frame *frame, struct run_request *run)
{
    const uint8_t *p = frame->payload;
    if (frame->type != FRAME_RUN || frame->length != RUN_REQUEST_BYTES || p[0] > 3 || p[1] > 2)
        return false;
    *run = (struct run_request){
        .mode = p[0] & 1 ? PASS_PREFILL : PASS_DECODE,
        .result = (enum pass_result)p[1],
        .slot = load_u16(p + 2),
        .count = load_u16(p + 4),
        .streams = p[0] >> 1,
    };
    return true;
}

uint64_t result_bytes(const struct run_request *run, uint32_t vocab, uint32_t top_k)
{
    uint64_t column = run->result == RESULT_TOP      ? (uint64_t)top_k * CANDIDATE_BYTES
                      : run->result == RESULT_LOGITS ? (uint64_t)vocab * 4
                                                     : 0;
    return RESULT_HEAD + column * run->count + RESULT_TAIL;
}

static float nats(const uint8_t *logit, uint32_t fraction)
{
    return ldexpf((float)(int32_t)load_u32(logit), -(int)fraction);
}

static bool decode_top(const uint8_t *at, size_t count, uint32_t vocab, uint32_t fraction,
                       struct candidate *top)
{
    for (size_t i = 0; i < count; i++, at += CANDIDATE_BYTES) {
        top[i].token = load_u32(at);
        top[i].logit = nats(at + 4, fraction);
        if (top[i].token >= vocab)
            return false;
    }
    return true;
}

/* The device sends a token's logits of all columns together: it computes them
 * so.  Here each column gets a row. */
static void decode_logits(const uint8_t *at, size_t columns, uint32_t vocab, uint32_t fraction,
                          float *logits)
{
    for (size_t token = 0; token < vocab; token++) {
        for (size_t c = 0; c < columns; c++, at += 4)
            logits[c * vocab + token] = nats(at, fraction);
    }
}

bool result_decode(const struct frame *frame, const struct run_request *run, uint32_t vocab,
                   uint32_t top_k, uint32_t logit_fraction, struct pass_output *output,
                   struct run_counters *counters, enum run_status *status)
{
    const uint8_t *p = frame->payload;
    if (frame->type != (FRAME_REPLY | FRAME_RUN) ||
        frame->length != result_bytes(run, vocab, top_k) || p[0] != 0 || p[1] != run->result ||
        load_u16(p + 2) != run->count)
        return false;

    const uint8_t *tail = p + frame->length - RESULT_TAIL;
    *counters = (struct run_counters){
        .cycles = load_u32(tail),
        .tape_words = load_u32(tail + 4),
        .array_beats = load_u32(tail + 8),
        .matrix_cycles = load_u32(tail + 12),
        .matrix_beats = load_u32(tail + 16),
        .stall_cycles = load_u32(tail + 20),
    };
    if (tail[24] > RUN_BROKEN)
        return false;
    *status = (enum run_status)tail[24];
    if (*status != RUN_DONE)
        return true;
    if (run->result == RESULT_LOGITS)
        decode_logits(p + RESULT_HEAD, run->count, vocab, logit_fraction, output->logits);
    if (run->result == RESULT_TOP)
        return decode_top(p + RESULT_HEAD, (size_t)run->count * top_k, vocab, logit_fraction,
                          output->top);
    return true;
}
