/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What host and device say to each other, over any stream of bytes.  This
 * header is the format's specification.
 *
 * The host sends requests, the device answers each with a reply, in order; a
 * device never speaks first.  Both are frames; all numbers are little-endian:
 *
 *     0     u8   0xA7
 *     1     u8   type
 *     2     u8   tag: the host's choice, a reply has its request's
 *     3     u24  length of the payload
 *     6          payload
 *     6+n   u32  CRC-32 (IEEE 802.3, as zlib's) of type, tag, length and payload
 *
 *     request        payload
 *     0x01 IDENTIFY  none
 *     0x02 COLUMN    u16 column, u16 0, u32 position, i16 rope[head_dim]
 *                    (cosine and sine of each pair), i16 embedding[dim]
 *     0x03 RUN       u8 mode (0 decode, 1 prefill; +2: the tape comes from the
 *                    host), u8 result (0 none, 1 top, 2 logits), u16 slot,
 *                    u16 count of columns, u16 0
 *     0x04 RESET     none: the tape is read from its start again
 *     0x05 LOAD      u32 line, then 1 to 2047 lines of 32 bytes: what the tape's
 *                    memory is to hold from that line on
 *     0x06 VERIFY    none: the tape is played through, and its checksums checked
 *     0x07 STREAM    u32 line, then 1 to 2047 lines of 32 bytes: the next ones of
 *                    the tape that a RUN asked for.  There is no reply
 *
 *     reply          payload
 *     0x81 IDENTIFY  u16 version (2), u16 columns, u16 lanes, u16 top_k,
 *                    u32 vocab, u32 max_seq, u32 tape_lines, u32 tape_crc,
 *                    u32 dim, u16 head_dim, u16 tape_bus_bits,
 *                    u32 memory_lines, u32 fingerprint, u8 memory_fault,
 *                    u8 tape_state, u8 streams, u8 0, u8 board[12]
 *     0x82 COLUMN    none
 *     0x83 RUN       u8 0, u8 result, u16 count, then
 *                      top:    for each column top_k x {u32 token, i32 logit},
 *                              best first, ties by the lower token
 *                      logits: for each token, for each column: i32 logit
 *                    then u32 cycles, tape_words, array_beats, matrix_cycles,
 *                    matrix_beats, stall_cycles of this pass, then u8 status
 *     0x84 RESET     none
 *     0x85 LOAD      none: the lines are in the memory
 *     0x86 VERIFY    as IDENTIFY's
 *     0xEE refusal   u8 reason; the request had no effect, but that a LOAD may
 *                    have written some lines
 *
 * The identity: `fingerprint` says which models the device can play
 * (gen/mill/fingerprint.h), `tape_lines` how long their tapes are.  A memory of 0
 * lines cannot be loaded.  `memory_fault`: 1 its start-up test is not over, 2 it
 * failed.  `tape_state`: 0 nobody has looked at the tape since the start or the
 * last LOAD, 1 it is good and its CRC is `tape_crc`, 2 an operator's header is
 * wrong, 3 the CRC of the whole is.  A RUN is refused unless it is good, so a
 * host verifies first.  `board` is ASCII, filled up with 0.
 *
 * Where `streams` is 1, a RUN may have the tape come from the host, whatever the
 * memory holds.  After such a RUN the host sends the whole tape in STREAM frames,
 * each beginning where the one before ended, as fast as the device takes them; the
 * reply to RUN follows, its logits before the tape has ended.  A damaged frame, a
 * wrong line, silence within a frame and any other request end the pass: its
 * status is 3, its results are void.  A STREAM outside of such a pass is passed over.
 *
 * A column's embedding has to be sent anew for each pass.  The head of RUN's reply
 * is sent as the pass begins: where none comes, the RUN was lost.  The status comes
 * last because a device streams its logits while it still reads the tape.
 *
 * A device that gets a damaged frame refuses it and goes on at the next 0xA7;
 * half a frame it forgets after a silence of 2^22 of its cycles.  The host
 * sends again where it is refused, where a reply is damaged or where none
 * comes in time.  Every request may be sent twice: a pass that is run again
 * writes the same rows of the KV cache once more.  A LOAD whose line number was
 * damaged has written elsewhere: that VERIFY tells, and then all is loaded anew.
 */
#ifndef MILLRACE_HOST_PROTOCOL_H
#define MILLRACE_HOST_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/device.h"

enum {
    FRAME_MAGIC = 0xA7,
    FRAME_HEAD = 6,      /* bytes before the payload */
    FRAME_OVERHEAD = 10, /* bytes that are not payload */
    PROTOCOL_VERSION = 2,
    LOAD_LINES = 2047, /* most of one LOAD */
};

enum frame_type {
    FRAME_IDENTIFY = 0x01,
    FRAME_COLUMN = 0x02,
    FRAME_RUN = 0x03,
    FRAME_RESET = 0x04,
    FRAME_LOAD = 0x05,
    FRAME_VERIFY = 0x06,
    FRAME_STREAM = 0x07,
    FRAME_REPLY = 0x80, /* added to the type of the request */
    FRAME_REFUSAL = 0xEE,
};

enum refusal {
    REFUSED_CRC = 1,
    REFUSED_TYPE,
    REFUSED_LENGTH,
    REFUSED_ARGUMENT,
    REFUSED_MEMORY, /* it is not there, not ready or broken */
    REFUSED_TAPE,   /* no VERIFY has found it good */
};

enum run_status {
    RUN_DONE,
    RUN_BAD_HEADER, /* an operator's header on the tape has a wrong CRC */
    RUN_BAD_TAPE,   /* the whole tape has */
    RUN_BROKEN,     /* the host's stream of it did not come whole and in order */
};

enum tape_state { TAPE_UNKNOWN, TAPE_GOOD, TAPE_BAD_HEADER, TAPE_BAD_CRC };
enum memory_fault { MEMORY_READY, MEMORY_NOT_READY, MEMORY_FAILED };

struct frame {
    uint8_t type, tag;
    uint32_t length;
    const uint8_t *payload; /* borrowed */
};

/* What a device is, and the model that it was made for. */
struct identity {
    uint16_t version, columns, lanes, top_k;
    uint32_t vocab, max_seq, tape_lines, tape_crc, dim;
    uint16_t head_dim, tape_bus_bits;
    uint32_t memory_lines, fingerprint;
    uint8_t memory_fault, tape_state, streams;
    char board[13]; /* ends in 0 */
};
enum { IDENTITY_BYTES = 56 };

/* The answer to RUN is read by what was asked for. */
struct run_request {
    enum pass_mode mode;
    enum pass_result result;
    uint16_t slot, count;
    bool streams; /* the tape comes from the host */
};
enum { RUN_REQUEST_BYTES = 8 };

struct run_counters {
    uint32_t cycles, tape_words, array_beats, matrix_cycles, matrix_beats, stall_cycles;
};

/* Write a frame's head and CRC around the `length` bytes that are already at
 * frame + FRAME_HEAD; returns the frame's size, length + FRAME_OVERHEAD. */
size_t frame_seal(uint8_t *frame, uint8_t type, uint8_t tag, uint32_t length);

/* The same of a frame whose payload goes on, after those `length` bytes, with the
 * `tail_length` at `tail`: the CRC, of both, is put at frame + FRAME_HEAD + length, and
 * is to be sent after the tail. */
void frame_seal_around(uint8_t *frame, uint8_t type, uint8_t tag, uint32_t length,
                       const uint8_t *tail, uint32_t tail_length);

/* Read the type, tag and length of a frame that begins with `head`; false where it
 * does not begin with FRAME_MAGIC. */
bool frame_head(const uint8_t head[FRAME_HEAD], struct frame *frame);

enum frame_state { FRAME_GOOD, FRAME_SHORT, FRAME_DAMAGED };

/* The frame at the start of `size` bytes.  FRAME_SHORT: more bytes are needed.
 * A length beyond `longest` is damage, so that no one waits for 16 MiB. */
enum frame_state frame_parse(const uint8_t *data, size_t size, uint32_t longest,
                             struct frame *frame);

/* Payloads are written to `payload`, which has room for the bytes returned. */
size_t identity_encode(const struct identity *identity, uint8_t payload[IDENTITY_BYTES]);
bool identity_decode(const struct frame *frame, struct identity *identity);

size_t column_bytes(uint32_t head_dim, uint32_t dim);
size_t column_encode(uint16_t column, uint32_t position, const int16_t *rope, uint32_t head_dim,
                     const int16_t *embedding, uint32_t dim, uint8_t *payload);

/* LOAD's payload, and STREAM's, but for the lines themselves, which follow it. */
enum { LOAD_HEAD = 4 };
size_t load_encode(uint32_t line, uint8_t payload[LOAD_HEAD]);

size_t run_encode(const struct run_request *run, uint8_t payload[RUN_REQUEST_BYTES]);
bool run_decode(const struct frame *frame, struct run_request *run);

/* The payload bytes of the reply to `run`. */
uint64_t result_bytes(const struct run_request *run, uint32_t vocab, uint32_t top_k);

/* Read the reply to `run` into the matching part of `output`; a logit in nats
 * is the integer / 2^logit_fraction.  False where the frame does not answer
 * `run` or names a token beyond the vocabulary; `output` may then hold a part. */
bool result_decode(const struct frame *frame, const struct run_request *run, uint32_t vocab,
                   uint32_t top_k, uint32_t logit_fraction, struct pass_output *output,
                   struct run_counters *counters, enum run_status *status);

#endif
