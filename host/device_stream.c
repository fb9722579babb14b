/* SPDX-License-Identifier: Apache-2.0 */
/* A device behind a stream of bytes: host/protocol.h spoken by the host. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "host/device_backend.h"
#include "host/protocol.h"

enum { ATTEMPTS = 4 };

struct device_stream {
    struct device base;
    struct transport *transport; /* owned */
    struct arena arena;
    int16_t *embedding; /* [dim] */
    uint8_t *request;   /* the longest request */
    uint8_t *reply;     /* the longest reply, FRAME_OVERHEAD included */
};

/* Damage is what sending again may mend; a transport that fails is the end. */
enum outcome { ANSWERED, DAMAGED, LOST };

static enum outcome damaged(struct error *err, const char *what)
{
    error_set(err, ERROR_FAILED, "%s", what);
    return DAMAGED;
}

static enum outcome refused(const struct frame *frame, struct error *err)
{
    static const char *const reason[] = {
        [REFUSED_CRC] = "a wrong CRC",
        [REFUSED_TYPE] = "an unknown type",
        [REFUSED_LENGTH] = "a wrong length",
        [REFUSED_ARGUMENT] = "a value that it cannot take",
    };
    unsigned code = frame->payload[0];
    bool known = code >= REFUSED_CRC && code <= REFUSED_ARGUMENT;

    error_set(err, ERROR_FAILED, "the device refuses a request: %s",
              known ? reason[code] : "for a reason that this version does not know");
    return DAMAGED;
}

/* Receive one frame: a reply of `type` with `length` bytes, or a refusal. */
static enum outcome receive(struct device_stream *d, uint8_t type, uint64_t length,
                            struct frame *frame, struct error *err)
{
    const struct transport_ops *ops = d->transport->ops;
    if (!ops->receive(d->transport, d->reply, FRAME_HEAD, err))
        return LOST;

    bool magic = frame_head(d->reply, &frame->type, &frame->length);
    bool refusal = frame->type == FRAME_REFUSAL && frame->length == 1;
    if (!magic || !(refusal || (frame->type == type && frame->length == length))) {
        ops->drain(d->transport);
        return damaged(err, "a reply begins with a damaged head");
    }
    size_t rest = (size_t)frame->length + FRAME_OVERHEAD - FRAME_HEAD;
    if (!ops->receive(d->transport, d->reply + FRAME_HEAD, rest, err))
        return LOST;
    if (frame_parse(d->reply, FRAME_HEAD + rest, frame->length, frame) != FRAME_GOOD)
        return damaged(err, "a reply has a wrong CRC");
    return refusal ? refused(frame, err) : ANSWERED;
}

/* Send the request whose payload is in place and receive its answer. */
static enum outcome ask(struct device_stream *d, uint8_t type, size_t length, uint64_t reply_length,
                        struct frame *frame, struct error *err)
{
    size_t size = frame_seal(d->request, type, (uint32_t)length);
    if (!d->transport->ops->send(d->transport, d->request, size, err))
        return LOST;
    return receive(d, FRAME_REPLY | type, reply_length, frame, err);
}

/* The same until it is answered or hopeless. */
static bool ask_often(struct device_stream *d, uint8_t type, size_t length, uint64_t reply_length,
                      struct frame *frame, struct error *err)
{
    enum outcome outcome = DAMAGED;
    for (int i = 0; i < ATTEMPTS && outcome == DAMAGED; i++)
        outcome = ask(d, type, length, reply_length, frame, err);
    return outcome == ANSWERED;
}

static bool send_column(struct device_stream *d, uint32_t c, const struct pass_column *column,
                        struct error *err)
{
    const struct mill *mill = d->base.mill;
    const struct mill_shape *shape = &mill->shape;
    struct frame frame;

    mill_embedding(mill, column->token, d->embedding);
    size_t length = column_encode(
        (uint16_t)c, column->position, mill->rope + (size_t)column->position * shape->head_dim,
        shape->head_dim, d->embedding, shape->dim, d->request + FRAME_HEAD);
    return ask_often(d, FRAME_COLUMN, length, 0, &frame, err);
}

static void count(struct device_counters *sum, const struct run_counters *pass)
{
    sum->cycles += pass->cycles;
    sum->tape_words += pass->tape_words;
    sum->array_beats += pass->array_beats;
    sum->matrix_cycles += pass->matrix_cycles;
    sum->matrix_beats += pass->matrix_beats;
}

/* The columns and the pass, once.  A device consumes its columns' embeddings,
 * so that a pass that is to be run again starts from them. */
static enum outcome attempt(struct device_stream *d, const struct pass *pass,
                            const struct run_request *run, struct pass_output *output,
                            enum run_status *status, struct error *err)
{
    const struct mill *mill = d->base.mill;
    struct run_counters counters;
    struct frame frame;

    for (uint32_t c = 0; c < pass->count; c++) {
        if (!send_column(d, c, &pass->column[c], err))
            return LOST;
    }
    size_t length = run_encode(run, d->request + FRAME_HEAD);
    uint64_t expected = result_bytes(run, mill->shape.vocab, d->base.info.top_k);
    enum outcome outcome = ask(d, FRAME_RUN, length, expected, &frame, err);
    if (outcome != ANSWERED)
        return outcome;
    if (!result_decode(&frame, run, mill->shape.vocab, d->base.info.top_k, mill->logit_fraction,
                       output, &counters, status))
        return damaged(err, "a pass's result makes no sense");
    count(&d->base.counters, &counters);
    return ANSWERED;
}

static bool stream_run(struct device *device, const struct pass *pass, struct pass_output *output,
                       struct error *err)
{
    struct device_stream *d = (struct device_stream *)device;
    struct run_request run = {pass->mode, pass->result, (uint16_t)pass->slot,
                              (uint16_t)pass->count};
    enum run_status status = RUN_DONE;
    enum outcome outcome = DAMAGED;

    for (int i = 0; i < ATTEMPTS && outcome == DAMAGED; i++)
        outcome = attempt(d, pass, &run, output, &status, err);
    if (outcome != ANSWERED)
        return error_prefix(err, "%s", device->info.name);
    if (status != RUN_DONE)
        return error_set(err, ERROR_FAILED, "%s: the device read a damaged tape: %s is wrong",
                         device->info.name,
                         status == RUN_BAD_HEADER ? "an operator header's CRC" : "the tape's CRC");
    return true;
}

static void stream_close(struct device *device)
{
    struct device_stream *d = (struct device_stream *)device;
    d->transport->ops->close(d->transport);
    arena_free(&d->arena);
    free(d);
}

static const struct device_ops stream_ops = {stream_run, stream_close};

/* Does the device play this model's tape? */
static bool check_identity(const char *name, const struct identity *identity,
                           const struct mill *mill, struct error *err)
{
    const struct mill_shape *shape = &mill->shape;
    if (identity->version != PROTOCOL_VERSION)
        return error_set(err, ERROR_FAILED, "%s: speaks version %u of the protocol, not %d", name,
                         identity->version, PROTOCOL_VERSION);
    if (identity->vocab != shape->vocab || identity->max_seq != shape->max_seq ||
        identity->dim != shape->dim || identity->head_dim != shape->head_dim)
        return error_set(err, ERROR_INPUT,
                         "%s: made for another model (dim %" PRIu32 ", vocabulary %" PRIu32
                         ", context %" PRIu32 "; %s has %" PRIu32 ", %" PRIu32 ", %" PRIu32 ")",
                         name, identity->dim, identity->vocab, identity->max_seq, mill->name,
                         shape->dim, shape->vocab, shape->max_seq);
    if (identity->tape_lines != mill->tape_size / TAPE_LINE ||
        identity->tape_crc != (uint32_t)mill->op[mill->op_count - 1].constant)
        return error_set(err, ERROR_INPUT,
                         "%s: holds another tape than %s; emit it again with millgen", name,
                         mill->name);
    if (identity->columns == 0 || identity->top_k == 0 || identity->top_k > shape->vocab)
        return error_set(err, ERROR_FAILED, "%s: says that it has %u columns and %u candidates",
                         name, identity->columns, identity->top_k);
    return true;
}

static uint64_t longest_reply(const struct identity *identity, const struct mill *mill)
{
    struct run_request run = {.count = identity->columns};
    run.result = RESULT_LOGITS;
    uint64_t logits = result_bytes(&run, mill->shape.vocab, identity->top_k);
    run.result = RESULT_TOP;
    uint64_t top = result_bytes(&run, mill->shape.vocab, identity->top_k);
    return (logits > top ? logits : top) + FRAME_OVERHEAD;
}

static bool start(struct device_stream *d, const char *name, struct error *err)
{
    const struct mill *mill = d->base.mill;
    struct device_info *info = &d->base.info;
    size_t longest_request = column_bytes(mill->shape.head_dim, mill->shape.dim);
    struct identity identity;
    struct frame frame;

    snprintf(info->name, sizeof info->name, "%s", name);
    d->embedding = arena_alloc(&d->arena, mill->shape.dim, sizeof *d->embedding);
    d->request = arena_alloc(&d->arena, longest_request + FRAME_OVERHEAD, 1);
    d->reply = arena_alloc(&d->arena, IDENTITY_BYTES + FRAME_OVERHEAD, 1);
    if (!d->embedding || !d->request || !d->reply)
        return error_set(err, ERROR_FAILED, "%s: out of memory", name);

    if (!ask_often(d, FRAME_IDENTIFY, 0, IDENTITY_BYTES, &frame, err))
        return error_prefix(err, "%s", name);
    if (!identity_decode(&frame, &identity) || !check_identity(name, &identity, mill, err))
        return false;
    info->columns = identity.columns;
    info->lanes = identity.lanes;
    info->top_k = identity.top_k;
    info->tape_word_bytes = identity.tape_bus_bits / 8;

    d->reply = arena_alloc(&d->arena, longest_reply(&identity, mill), 1);
    if (!d->reply)
        return error_set(err, ERROR_FAILED, "%s: out of memory", name);
    return true;
}

struct device *device_stream_open(const char *name, struct transport *transport,
                                  const struct mill *mill, struct error *err)
{
    struct device_stream *d = calloc(1, sizeof *d);
    if (!d) {
        transport->ops->close(transport);
        error_set(err, ERROR_FAILED, "%s: out of memory", name);
        return NULL;
    }
    d->base.ops = &stream_ops;
    d->base.mill = mill;
    d->transport = transport;
    if (!start(d, name, err)) {
        stream_close(&d->base);
        return NULL;
    }
    return &d->base;
}
