/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in the test's own process, behind the transport's interface: it
 * answers by testbench/protocol_server.h and can be told to damage what it says.
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

#include "host/exchange.h"
#include "testbench/protocol_server.h"

enum { REPLY_ROOM = 1 << 16, MOVED_AT_ONCE = 10000 };

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
    /* Of STREAM frame `at`, counted likewise, on its way to the device. */
    FAULT_STREAM_DAMAGED,
    FAULT_STREAM_LOST,
    FAULT_STREAM_TWICE,
    FAULT_STREAM_UNPLUG,
};

struct fake {
    struct transport transport;
    struct protocol_server server;
    uint8_t request[REPLY_ROOM];
    size_t request_size;            /* of what has come of it */
    uint8_t reply[REPLY_ROOM];      /* of those that have not been taken */
    size_t reply_size, taken, late; /* bytes of it that come only after a drain */
    int replies, frames;
    enum fault fault;
    int at, times; /* the fault befalls `times` replies from `at` on */
};

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

/* The STREAM frame that has come, and what is to befall it. */
static size_t fake_stream(struct fake *fake, const struct frame *frame, uint8_t *reply)
{
    bool now = fake->frames >= fake->at && fake->frames < fake->at + fake->times;

    fake->frames++;
    if (now && fake->fault == FAULT_STREAM_DAMAGED)
        return protocol_server_damaged(&fake->server, frame->tag, reply);
    if (now && fake->fault == FAULT_STREAM_LOST)
        return 0;
    size_t size = protocol_server_answer(&fake->server, frame, reply);
    if (now && fake->fault == FAULT_STREAM_TWICE)
        size += protocol_server_answer(&fake->server, frame, reply + size);
    return size;
}

/* A whole request, and its reply. */
static void fake_answer(struct fake *fake)
{
    struct frame frame;

    if (fake->taken == fake->reply_size)
        fake->taken = fake->reply_size = 0;
    uint8_t *reply = fake->reply + fake->reply_size;
    assert_int_equal(frame_parse(fake->request, fake->request_size, REPLY_ROOM, &frame),
                     FRAME_GOOD);
    fake->request_size = 0;
    bool now = fake->fault == FAULT_STATUS && fake->replies >= fake->at;
    fake->server.run_status = now ? RUN_BAD_TAPE : RUN_DONE;
    size_t reply_size = frame.type == FRAME_STREAM
                            ? fake_stream(fake, &frame, reply)
                            : protocol_server_answer(&fake->server, &frame, reply);
    if (reply_size == 0)
        return;
    if (reply[1] == FRAME_REFUSAL)
        fail_msg("request %02x is refused: %u", frame.type, reply[FRAME_HEAD]);
    fake->reply_size += reply_size;
    damage(fake, reply, reply_size);
    fake->replies++;
}

/* Some bytes of a request. */
static void fake_take(struct fake *fake, const uint8_t *data, size_t size)
{
    struct frame frame;

    if (size == 0)
        return;
    assert_true(fake->request_size + size <= REPLY_ROOM);
    memcpy(fake->request + fake->request_size, data, size);
    fake->request_size += size;
    if (frame_parse(fake->request, fake->request_size, REPLY_ROOM, &frame) != FRAME_SHORT)
        fake_answer(fake);
}

static enum transport_result fake_send(struct transport *transport,
                                       const struct transport_piece *piece, size_t count,
                                       struct error *err)
{
    struct fake *fake = (struct fake *)transport;
    bool gone = fake->fault == FAULT_DEAD || (fake->fault == FAULT_UNPLUG && fake->times > 0);
    if (gone && fake->replies >= fake->at) {
        error_set(err, ERROR_FAILED, "the fake is dead");
        fake->times--;
        return TRANSPORT_LOST;
    }
    for (size_t i = 0; i < count; i++)
        fake_take(fake, piece[i].data, piece[i].size);
    return TRANSPORT_DONE;
}

static enum transport_result fake_move(struct transport *transport,
                                       struct transport_traffic *traffic, int patience_ms,
                                       struct error *err)
{
    struct fake *fake = (struct fake *)transport;
    struct transport_piece *out = &traffic->out;
    size_t sent = out->size < MOVED_AT_ONCE ? out->size : MOVED_AT_ONCE;

    (void)patience_ms;
    if (fake->fault == FAULT_STREAM_UNPLUG && fake->frames >= fake->at && fake->times-- > 0) {
        error_set(err, ERROR_FAILED, "the fake is gone");
        return TRANSPORT_LOST;
    }
    fake_take(fake, out->data, sent);
    out->data += sent;
    out->size -= sent;
    size_t there = fake->reply_size - fake->late - fake->taken;
    size_t received = there < traffic->in_size ? there : traffic->in_size;
    memcpy(traffic->in, fake->reply + fake->taken, received);
    fake->taken += received;
    traffic->in += received;
    traffic->in_size -= received;
    if (sent + received > 0)
        return TRANSPORT_DONE;
    error_set(err, ERROR_FAILED, "nothing comes");
    return TRANSPORT_SILENT;
}

/* What is late is in time for the next request. */
static void fake_drain(struct transport *transport)
{
    struct fake *fake = (struct fake *)transport;
    fake->taken = fake->reply_size - fake->late;
    fake->late = 0;
    fake->request_size = 0;
    protocol_server_begin(&fake->server);
}

static bool fake_reopen(struct transport *transport, int patience_ms, struct error *err)
{
    struct fake *fake = (struct fake *)transport;

    assert_true(patience_ms > 0);
    if (fake->fault != FAULT_UNPLUG && fake->fault != FAULT_STREAM_UNPLUG)
        return error_set(err, ERROR_FAILED, "the fake stays dead");
    fake->taken = fake->reply_size = fake->request_size = 0;
    return protocol_server_restart(&fake->server, err);
}

static void fake_close(struct transport *transport)
{
    (void)transport; /* the test looks at it afterwards */
}

static const struct transport_ops fake_ops = {fake_send, fake_move, fake_drain, fake_reopen,
                                              fake_close};

#endif
