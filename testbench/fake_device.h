/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in the test's own process, behind the transport's interface: it
 * computes with the reference and can be told to damage what it says.
 */
#ifndef MILLRACE_TESTBENCH_FAKE_DEVICE_H
#define MILLRACE_TESTBENCH_FAKE_DEVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/little_endian.h"
#include "gen/mill/fingerprint.h"
#include "gen/op/reference.h"
#include "host/exchange.h"

enum { COLUMNS = 3, TOP_K = 4, CYCLES = 1000, REPLY_ROOM = 1 << 16 };

/* What befalls reply number `at`, from 0, counted over the device's life. */
enum fault {
    FAULT_NONE,
    FAULT_PAYLOAD,
    FAULT_HEAD,
    FAULT_REFUSAL,
    FAULT_SILENCE, /* the reply never comes */
    FAULT_LATE,    /* it comes once the host has given it up */
    FAULT_STATUS,
    FAULT_DEAD,
    FAULT_UNPLUG, /* the device is gone before it has answered, and comes back empty */
};

struct fake {
    struct transport transport;
    const struct mill *mill;
    struct reference *reference;
    struct pass_column column[COLUMNS];
    uint8_t *memory; /* [tape_size] */
    bool loadable;
    enum tape_state tape_state;
    uint8_t request[REPLY_ROOM];
    uint8_t reply[REPLY_ROOM];      /* of those that have not been taken */
    size_t reply_size, taken, late; /* bytes of it that come only after a drain */
    int replies, runs, loads;
    enum fault fault;
    int at, times; /* the fault befalls `times` replies from `at` on */
};

/* The token whose embedding came, and the position whose rope row did. */
static void take_column(struct fake *fake, const struct frame *frame)
{
    const struct mill_shape *shape = &fake->mill->shape;
    size_t head_dim = shape->head_dim;
    uint16_t c = load_u16(frame->payload);
    uint32_t position = load_u32(frame->payload + 4);
    const uint8_t *rope = frame->payload + 8;
    const uint8_t *embedding = rope + head_dim * sizeof(int16_t);
    int16_t expected[1024];

    assert_int_equal(frame->length, column_bytes(shape->head_dim, shape->dim));
    assert_in_range(c, 0, COLUMNS - 1);
    assert_in_range(position, 0, shape->max_seq - 1);
    assert_memory_equal(rope, fake->mill->rope + position * head_dim, head_dim * sizeof(int16_t));
    for (uint32_t token = 0; token < shape->vocab; token++) {
        mill_embedding(fake->mill, token, expected);
        if (memcmp(expected, embedding, shape->dim * sizeof *expected) == 0) {
            fake->column[c] = (struct pass_column){token, position};
            return;
        }
    }
    fail_msg("column %u: no token has this embedding", c);
}

static int32_t integer(const struct fake *fake, float logit)
{
    return (int32_t)(logit * (float)(1 << fake->mill->logit_fraction));
}

static uint8_t *put(uint8_t *at, uint32_t value)
{
    store_u32(at, value);
    return at + 4;
}

static uint8_t *put_results(struct fake *fake, const struct run_request *run,
                            const struct pass_output *output, uint8_t *at)
{
    uint32_t vocab = fake->mill->shape.vocab;
    for (uint32_t i = 0; run->result == RESULT_TOP && i < run->count * TOP_K; i++) {
        at = put(at, output->top[i].token);
        at = put(at, (uint32_t)integer(fake, output->top[i].logit));
    }
    for (uint32_t token = 0; run->result == RESULT_LOGITS && token < vocab; token++) {
        for (uint32_t c = 0; c < run->count; c++)
            at = put(at, (uint32_t)integer(fake, output->logits[c * vocab + token]));
    }
    return at;
}

static size_t answer_run(struct fake *fake, const struct frame *frame, uint8_t *payload)
{
    struct run_request run;
    struct candidate top[COLUMNS * TOP_K];
    float logits[COLUMNS * 512];
    struct pass_output output = {logits, top};
    struct error err;

    assert_true(run_decode(frame, &run));
    struct pass pass = {run.mode, run.result, run.slot, run.count, fake->column};
    assert_int_equal(fake->tape_state, TAPE_GOOD);
    assert_true(fake->mill->shape.vocab <= 512);
    assert_true(reference_run(fake->reference, &pass, TOP_K, &output, &err));
    fake->runs++;

    uint8_t *at = put(payload, (uint32_t)run.result << 8 | (uint32_t)run.count << 16);
    at = put_results(fake, &run, &output, at);
    for (uint32_t i = 0; i < 6; i++)
        at = put(at, CYCLES + i);
    bool now = fake->fault == FAULT_STATUS && fake->replies >= fake->at;
    *at++ = now ? RUN_BAD_TAPE : RUN_DONE;
    return (size_t)(at - payload);
}

static size_t answer_identity(const struct fake *fake, uint8_t *payload)
{
    const struct mill *mill = fake->mill;
    uint32_t lines = (uint32_t)(mill->tape_size / TAPE_LINE);
    struct identity identity = {
        .version = PROTOCOL_VERSION,
        .columns = COLUMNS,
        .lanes = 16,
        .top_k = TOP_K,
        .vocab = mill->shape.vocab,
        .max_seq = mill->shape.max_seq,
        .tape_lines = lines,
        .tape_crc = load_u32(fake->memory + mill->tape_size - TAPE_LINE + 20),
        .dim = mill->shape.dim,
        .head_dim = (uint16_t)mill->shape.head_dim,
        .tape_bus_bits = 64,
        .memory_lines = fake->loadable ? lines : 0,
        .fingerprint = mill_fingerprint(mill),
        .tape_state = (uint8_t)fake->tape_state,
        .board = "fake",
    };
    return identity_encode(&identity, payload);
}

static void take_load(struct fake *fake, const struct frame *frame)
{
    size_t at = (size_t)load_u32(frame->payload) * TAPE_LINE;
    size_t size = frame->length - LOAD_HEAD;

    assert_true(fake->loadable);
    assert_true(size > 0 && size % TAPE_LINE == 0 && at + size <= fake->mill->tape_size);
    memcpy(fake->memory + at, frame->payload + LOAD_HEAD, size);
    fake->tape_state = TAPE_UNKNOWN;
    fake->loads++;
}

static void verify(struct fake *fake)
{
    size_t end = fake->mill->tape_size - TAPE_LINE;
    uint32_t crc = (uint32_t)crc32_z(0, fake->memory, end);
    fake->tape_state = crc == load_u32(fake->memory + end + 20) ? TAPE_GOOD : TAPE_BAD_CRC;
}

/* Do to the last reply, which begins at `reply`, what is to befall it. */
static void damage(struct fake *fake, uint8_t *reply, size_t size)
{
    bool now = fake->replies >= fake->at && fake->replies < fake->at + fake->times;

    fake->late = 0;
    if (!now)
        return;
    if (fake->fault == FAULT_PAYLOAD)
        reply[(FRAME_HEAD + size) / 2] ^= 0x10; /* or the CRC */
    if (fake->fault == FAULT_HEAD)
        reply[3] ^= 0x40; /* the length */
    if (fake->fault == FAULT_REFUSAL) {
        reply[FRAME_HEAD] = REFUSED_CRC;
        fake->reply_size -= size - frame_seal(reply, FRAME_REFUSAL, reply[2], 1);
    }
    if (fake->fault == FAULT_SILENCE)
        fake->reply_size -= size;
    if (fake->fault == FAULT_LATE)
        fake->late = size;
}

/* A whole request, and its reply. */
static void fake_answer(struct fake *fake, const uint8_t *data, size_t size)
{
    struct frame frame;
    size_t length = 0;

    if (fake->taken == fake->reply_size)
        fake->taken = fake->reply_size = 0;
    uint8_t *reply = fake->reply + fake->reply_size, *payload = reply + FRAME_HEAD;
    assert_int_equal(frame_parse(data, size, REPLY_ROOM, &frame), FRAME_GOOD);
    if (frame.type == FRAME_VERIFY)
        verify(fake);
    if (frame.type == FRAME_IDENTIFY || frame.type == FRAME_VERIFY)
        length = answer_identity(fake, payload);
    if (frame.type == FRAME_LOAD)
        take_load(fake, &frame);
    if (frame.type == FRAME_COLUMN)
        take_column(fake, &frame);
    if (frame.type == FRAME_RUN)
        length = answer_run(fake, &frame, payload);
    size_t reply_size = frame_seal(reply, FRAME_REPLY | frame.type, frame.tag, (uint32_t)length);
    fake->reply_size += reply_size;
    damage(fake, reply, reply_size);
    fake->replies++;
}

static enum transport_result fake_send(struct transport *transport,
                                       const struct transport_piece *piece, size_t count,
                                       struct error *err)
{
    struct fake *fake = (struct fake *)transport;
    size_t size = 0;

    bool gone = fake->fault == FAULT_DEAD || (fake->fault == FAULT_UNPLUG && fake->times > 0);
    if (gone && fake->replies >= fake->at) {
        error_set(err, ERROR_FAILED, "the fake is dead");
        fake->times--;
        return TRANSPORT_LOST;
    }
    for (size_t i = 0; i < count; i++) {
        assert_true(size + piece[i].size <= REPLY_ROOM);
        if (piece[i].size > 0)
            memcpy(fake->request + size, piece[i].data, piece[i].size);
        size += piece[i].size;
    }
    fake_answer(fake, fake->request, size);
    return TRANSPORT_DONE;
}

static enum transport_result fake_receive(struct transport *transport, uint8_t *data, size_t size,
                                          int patience_ms, struct error *err)
{
    struct fake *fake = (struct fake *)transport;
    (void)patience_ms;
    if (fake->reply_size - fake->late - fake->taken < size) {
        error_set(err, ERROR_FAILED, "nothing comes");
        return TRANSPORT_SILENT;
    }
    memcpy(data, fake->reply + fake->taken, size);
    fake->taken += size;
    return TRANSPORT_DONE;
}

/* What is late is in time for the next request. */
static void fake_drain(struct transport *transport)
{
    struct fake *fake = (struct fake *)transport;
    fake->taken = fake->reply_size - fake->late;
    fake->late = 0;
}

static bool fake_reopen(struct transport *transport, int patience_ms, struct error *err)
{
    struct fake *fake = (struct fake *)transport;

    assert_true(patience_ms > 0);
    if (fake->fault != FAULT_UNPLUG)
        return error_set(err, ERROR_FAILED, "the fake stays dead");
    memset(fake->memory, 0, fake->mill->tape_size);
    fake->tape_state = TAPE_UNKNOWN;
    fake->taken = fake->reply_size = 0;
    reference_close(fake->reference);
    fake->reference = reference_open(fake->mill, COLUMNS, err);
    return fake->reference != NULL;
}

static void fake_close(struct transport *transport)
{
    (void)transport; /* the test looks at it afterwards */
}

static const struct transport_ops fake_ops = {fake_send, fake_receive, fake_drain, fake_reopen,
                                              fake_close};

#endif
