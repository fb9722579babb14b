/* SPDX-License-Identifier: Apache-2.0 */
#include "host/exchange.h"

enum { MOST_STALE = 64 }; /* replies to requests that were given up, one after the other */

enum outcome exchange_damaged(struct exchange *x, struct error *err, const char *what)
{
    x->transport->ops->drain(x->transport);
    error_set(err, ERROR_FAILED, "%s", what);
    return DAMAGED;
}

/* A device that refuses a frame for its form may be out of step with the stream. */
static enum outcome refused(struct exchange *x, const struct frame *frame, struct error *err)
{
    static const char *const reason[] = {
        [REFUSED_CRC] = "a wrong CRC",
        [REFUSED_TYPE] = "an unknown type",
        [REFUSED_LENGTH] = "a wrong length",
        [REFUSED_ARGUMENT] = "a value that it cannot take",
        [REFUSED_MEMORY] = "its memory is absent, not ready or broken",
        [REFUSED_TAPE] = "its memory holds no verified tape",
    };
    unsigned code = frame->payload[0];
    bool known = code >= REFUSED_CRC && code <= REFUSED_TAPE;

    if (code <= REFUSED_LENGTH)
        x->transport->ops->drain(x->transport);
    error_set(err, ERROR_FAILED, "the device refuses a request: %s",
              known ? reason[code] : "for a reason that this version does not know");
    return DAMAGED;
}

/* The device may take the rest of a tape before it says more. */
static enum outcome receive_bytes(struct exchange *x, uint8_t *to, size_t size, int patience_ms,
                                  struct error *err)
{
    struct transport_traffic traffic = {.in_size = size};
    enum transport_result result = TRANSPORT_DONE;

    traffic.in = to;
    while (result == TRANSPORT_DONE && traffic.in_size > 0) {
        tape_stream_advance(&x->stream);
        traffic.out = x->stream.unsent;
        result = x->transport->ops->move(x->transport, &traffic, patience_ms, err);
        x->stream.unsent = traffic.out;
    }
    switch (result) {
    case TRANSPORT_DONE:
        return ANSWERED;
    case TRANSPORT_SILENT:
        return exchange_damaged(x, err, "the device does not answer");
    case TRANSPORT_DAMAGED:
        x->transport->ops->drain(x->transport);
        return DAMAGED;
    default:
        return LOST;
    }
}

/* What is waited for. */
struct awaited {
    uint8_t type, tag;
    uint64_t length;
    int patience_ms;
};

static bool is_refusal(const struct frame *frame)
{
    return frame->type == FRAME_REFUSAL && frame->length == 1;
}

static bool is_reply(const struct frame *frame, const struct awaited *a)
{
    return frame->type == (FRAME_REPLY | a->type) && frame->length == a->length;
}

/* A pass's reply begins with the pass: where it does not, the RUN was lost. */
static int head_patience(const struct awaited *a)
{
    return a->type == FRAME_RUN && a->patience_ms > PATIENCE_MS ? PATIENCE_MS : a->patience_ms;
}

/* The next frame: what is awaited, a refusal, or a reply to a request that was
 * given up. */
static enum outcome receive_frame(struct exchange *x, const struct awaited *a, struct frame *frame,
                                  struct error *err)
{
    enum outcome outcome = receive_bytes(x, x->reply, FRAME_HEAD, head_patience(a), err);
    if (outcome != ANSWERED)
        return outcome;
    bool magic = frame_head(x->reply, frame);
    size_t size = (size_t)frame->length + FRAME_OVERHEAD;
    bool possible = frame->tag != a->tag || is_refusal(frame) || is_reply(frame, a);
    if (!magic || !possible || size > x->reply_room)
        return exchange_damaged(x, err, "a reply begins with a damaged head");

    outcome = receive_bytes(x, x->reply + FRAME_HEAD, size - FRAME_HEAD, a->patience_ms, err);
    if (outcome != ANSWERED)
        return outcome;
    if (frame_parse(x->reply, size, frame->length, frame) != FRAME_GOOD)
        return exchange_damaged(x, err, "a reply has a wrong CRC");
    return ANSWERED;
}

enum outcome exchange_send(struct exchange *x, uint8_t type, size_t length, const uint8_t *tail,
                           size_t tail_length, struct error *err)
{
    const struct transport_piece piece[] = {
        {x->request, FRAME_HEAD + length, false},
        {tail, tail_length, true},
        {x->request + FRAME_HEAD + length, FRAME_OVERHEAD - FRAME_HEAD, false},
    };

    frame_seal_around(x->request, type, ++x->tag, (uint32_t)length, tail, (uint32_t)tail_length);
    switch (x->transport->ops->send(x->transport, piece, sizeof piece / sizeof *piece, err)) {
    case TRANSPORT_DONE:
        return ANSWERED;
    case TRANSPORT_LOST:
        return LOST;
    default:
        x->transport->ops->drain(x->transport);
        return DAMAGED;
    }
}

/* A refusal may have lost its tag with the request that it refuses. */
enum outcome exchange_receive(struct exchange *x, uint8_t type, uint8_t tag, uint64_t length,
                              int patience_ms, struct frame *frame, struct error *err)
{
    const struct awaited awaited = {type, tag, length, patience_ms};

    for (int stale = 0; stale < MOST_STALE; stale++) {
        enum outcome outcome = receive_frame(x, &awaited, frame, err);
        if (outcome != ANSWERED)
            return outcome;
        if (is_refusal(frame))
            return refused(x, frame, err);
        if (frame->tag == tag)
            return ANSWERED;
    }
    return exchange_damaged(x, err, "the device answers what was not asked");
}

enum outcome exchange_ask(struct exchange *x, uint8_t type, size_t length, uint64_t reply_length,
                          int patience_ms, struct frame *frame, struct error *err)
{
    enum outcome outcome = exchange_send(x, type, length, NULL, 0, err);
    if (outcome != ANSWERED)
        return outcome;
    return exchange_receive(x, type, x->tag, reply_length, patience_ms, frame, err);
}

enum outcome exchange_ask_often(struct exchange *x, uint8_t type, size_t length,
                                uint64_t reply_length, int patience_ms, struct frame *frame,
                                struct error *err)
{
    enum outcome outcome = DAMAGED;
    for (int i = 0; i < ATTEMPTS && outcome == DAMAGED; i++)
        outcome = exchange_ask(x, type, length, reply_length, patience_ms, frame, err);
    return outcome;
}

enum outcome exchange_identify(struct exchange *x, struct identity *identity, struct error *err)
{
    struct frame frame;

    enum outcome outcome =
        exchange_ask_often(x, FRAME_IDENTIFY, 0, IDENTITY_BYTES, PATIENCE_MS, &frame, err);
    if (outcome != ANSWERED)
        return outcome;
    outcome = LOST;
    if (!identity_decode(&frame, identity))
        error_set(err, ERROR_FAILED, "the device says what cannot be of itself");
    else if (identity->version != PROTOCOL_VERSION)
        error_set(err, ERROR_FAILED, "the device speaks version %u of the protocol, not %d",
                  identity->version, PROTOCOL_VERSION);
    else
        outcome = ANSWERED;
    return outcome;
}

bool transport_identify(struct transport *transport, struct identity *identity, struct error *err)
{
    uint8_t request[FRAME_OVERHEAD], reply[IDENTITY_BYTES + FRAME_OVERHEAD];
    struct exchange x = {transport, request, reply, sizeof reply, 0, {0}};

    return exchange_identify(&x, identity, err) == ANSWERED;
}
