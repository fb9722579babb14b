/* SPDX-License-Identifier: Apache-2.0 */
/* A device behind a stream of bytes: host/protocol.h spoken by the host. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "gen/mill/fingerprint.h"
#include "host/device_backend.h"
#include "host/exchange.h"
#include "host/history.h"
#include "host/interrupt.h"
#include "host/tape_loader.h"

enum { REOPEN_PATIENCE_MS = 30000 }; /* for a board that was unplugged */

struct device_stream {
    struct device base;
    struct device_options options;
    struct exchange exchange; /* owns the transport */
    struct arena arena;
    int16_t *embedding;        /* [dim] */
    struct history history;    /* what the device's slots are to hold */
    struct pass_column *again; /* [columns]: of a pass that feeds them once more */
    bool forgot;               /* they do not hold it */
};

static enum outcome send_column(struct device_stream *d, uint32_t c,
                                const struct pass_column *column, struct error *err)
{
    const struct mill *mill = d->base.mill;
    const struct mill_shape *shape = &mill->shape;
    struct frame frame;

    mill_embedding(mill, column->token, d->embedding);
    size_t length = column_encode(
        (uint16_t)c, column->position, mill->rope + (size_t)column->position * shape->head_dim,
        shape->head_dim, d->embedding, shape->dim, d->exchange.request + FRAME_HEAD);
    return exchange_ask_often(&d->exchange, FRAME_COLUMN, length, 0, PATIENCE_MS, &frame, err);
}

static void count(struct device_counters *sum, const struct run_counters *pass)
{
    sum->cycles += pass->cycles;
    sum->tape_words += pass->tape_words;
    sum->array_beats += pass->array_beats;
    sum->matrix_cycles += pass->matrix_cycles;
    sum->matrix_beats += pass->matrix_beats;
}

/* RUN, whose `length` bytes are in the request, and the tape behind it where it is
 * asked for. */
static enum outcome ask_for_pass(struct device_stream *d, size_t length, uint64_t expected,
                                 struct frame *frame, struct error *err)
{
    struct exchange *x = &d->exchange;
    const struct mill *mill = d->base.mill;

    if (d->options.load == LOAD_STREAM)
        tape_stream_begin(&x->stream, mill->tape, (uint32_t)(mill->tape_size / TAPE_LINE),
                          LOAD_LINES);
    enum outcome outcome =
        exchange_ask(x, FRAME_RUN, length, expected, PASS_PATIENCE_MS, frame, err);
    x->stream = (struct tape_stream){0};
    return outcome;
}

/* The columns and the pass, once.  A device consumes its columns' embeddings,
 * so that a pass that is to be run again starts from them. */
static enum outcome attempt(struct device_stream *d, const struct pass *pass,
                            struct pass_output *output, enum run_status *status, struct error *err)
{
    const struct mill *mill = d->base.mill;
    const struct run_request run = {pass->mode, pass->result, (uint16_t)pass->slot,
                                    (uint16_t)pass->count, d->options.load == LOAD_STREAM};
    struct run_counters counters;
    struct frame frame;

    for (uint32_t c = 0; c < pass->count; c++) {
        enum outcome sent = send_column(d, c, &pass->column[c], err);
        if (sent != ANSWERED)
            return sent;
    }
    size_t length = run_encode(&run, d->exchange.request + FRAME_HEAD);
    uint64_t expected = result_bytes(&run, mill->shape.vocab, d->base.info.top_k);
    enum outcome outcome = ask_for_pass(d, length, expected, &frame, err);
    if (outcome != ANSWERED)
        return outcome;
    if (!result_decode(&frame, &run, mill->shape.vocab, d->base.info.top_k, mill->logit_fraction,
                       output, &counters, status)) {
        error_set(err, ERROR_FAILED, "a pass's result makes no sense");
        return DAMAGED;
    }
    if (run.streams && *status != RUN_DONE) {
        *status = RUN_DONE;
        return exchange_damaged(&d->exchange, err, "the tape did not arrive whole");
    }
    count(&d->base.counters, &counters);
    return ANSWERED;
}

/* Does the device play tapes of this model's kind? */
static bool check_identity(const char *name, const struct identity *identity,
                           const struct mill *mill, struct error *err)
{
    const struct mill_shape *shape = &mill->shape;
    if (identity->vocab != shape->vocab || identity->max_seq != shape->max_seq ||
        identity->dim != shape->dim || identity->head_dim != shape->head_dim)
        return error_set(err, ERROR_INPUT,
                         "%s: made for another model (dim %" PRIu32 ", vocabulary %" PRIu32
                         ", context %" PRIu32 "; %s has %" PRIu32 ", %" PRIu32 ", %" PRIu32 ")",
                         name, identity->dim, identity->vocab, identity->max_seq, mill->name,
                         shape->dim, shape->vocab, shape->max_seq);
    if (identity->fingerprint != mill_fingerprint(mill))
        return error_set(err, ERROR_INPUT, "%s: made for another model than %s; emit it again",
                         name, mill->name);
    if (identity->columns == 0 || identity->top_k == 0 || identity->top_k > shape->vocab)
        return error_set(err, ERROR_FAILED, "%s: says that it has %u columns and %u candidates",
                         name, identity->columns, identity->top_k);
    return true;
}

/* What a host that came before left half done is no concern of ours. */
static bool identify(struct device_stream *d, struct identity *identity, struct error *err)
{
    const char *name = d->base.info.name;

    if (exchange_identify(&d->exchange, identity, err) != ANSWERED)
        return error_prefix(err, "%s", name);
    return check_identity(name, identity, d->base.mill, err);
}

/* A device that is opened again is to be as it was. */
static bool same_design(const struct device_stream *d, const struct identity *identity,
                        struct error *err)
{
    const struct device_info *info = &d->base.info;
    return (identity->columns == info->columns && identity->top_k == info->top_k) ||
           error_set(err, ERROR_FAILED, "another design has taken its place");
}

/* Feed the slots from their beginnings, which no counter is to show. */
static enum outcome replay(struct device_stream *d, enum run_status *status, struct error *err)
{
    const struct device_counters counters = d->base.counters;
    enum outcome outcome = ANSWERED;

    for (uint32_t slot = 0; slot < d->history.slots; slot++) {
        uint32_t from = 0;
        struct pass pass;
        while (
            outcome == ANSWERED && *status == RUN_DONE &&
            (pass = history_pass(&d->history, slot, from, d->base.info.columns, d->again)).count >
                0) {
            outcome = attempt(d, &pass, NULL, status, err);
            from += pass.count;
        }
    }
    d->base.counters = counters;
    d->forgot = outcome != ANSWERED;
    return outcome;
}

/* A board that was unplugged may be back, without memory. */
static bool recover(struct device_stream *d, struct error *err)
{
    struct transport *transport = d->exchange.transport;
    const struct device_options *o = &d->options;
    const enum device_load again = o->load == LOAD_STREAM ? LOAD_STREAM : LOAD_IF_NEEDED;
    const struct device_options load = {again, o->progress, o->notice, o->user};
    struct identity identity;
    char text[2 * sizeof err->message];

    d->forgot = true;
    if (!transport->ops->reopen || interrupt_pending())
        return false;
    snprintf(text, sizeof text, "%s: %s; waiting %d s for it to be there again", d->base.info.name,
             err->message, REOPEN_PATIENCE_MS / 1000);
    if (o->notice)
        o->notice(o->user, text);
    return transport->ops->reopen(transport, REOPEN_PATIENCE_MS, err) &&
           identify(d, &identity, err) && same_design(d, &identity, err) &&
           tape_ensure(&d->exchange, d->base.mill, &load, &identity, err);
}

/* A KV cache does not mind that a pass is run again; the state of a Mamba model,
 * which every pass takes a step further, does. */
static bool repeats_harmlessly(const struct mill *mill)
{
    return mill->shape.architecture == ARCHITECTURE_LLAMA;
}

static bool stream_run(struct device *device, const struct pass *pass, struct pass_output *output,
                       struct error *err)
{
    struct device_stream *d = (struct device_stream *)device;
    enum run_status status = RUN_DONE;
    enum outcome outcome = DAMAGED;

    for (int i = 0; i < ATTEMPTS && outcome != ANSWERED; i++) {
        outcome = d->forgot ? replay(d, &status, err) : ANSWERED;
        if (outcome == ANSWERED && status == RUN_DONE)
            outcome = attempt(d, pass, output, &status, err);
        if (outcome == DAMAGED && !repeats_harmlessly(device->mill))
            d->forgot = true;
        if (outcome == LOST && !recover(d, err))
            break;
    }
    if (outcome != ANSWERED)
        return error_prefix(err, "%s", device->info.name);
    if (status != RUN_DONE)
        return error_set(err, ERROR_FAILED, "%s: the device read a damaged tape: %s is wrong",
                         device->info.name,
                         status == RUN_BAD_HEADER ? "an operator header's CRC" : "the tape's CRC");
    return history_add(&d->history, pass, err);
}

static void stream_close(struct device *device)
{
    struct device_stream *d = (struct device_stream *)device;
    d->exchange.transport->ops->close(d->exchange.transport);
    history_close(&d->history);
    arena_free(&d->arena);
    free(d);
}

static const struct device_ops stream_ops = {stream_run, stream_close};

static uint64_t longest_reply(const struct identity *identity, const struct mill *mill)
{
    struct run_request run = {.count = identity->columns};
    run.result = RESULT_LOGITS;
    uint64_t logits = result_bytes(&run, mill->shape.vocab, identity->top_k);
    run.result = RESULT_TOP;
    uint64_t top = result_bytes(&run, mill->shape.vocab, identity->top_k);
    return (logits > top ? logits : top) + FRAME_OVERHEAD;
}

static bool allocate(struct device_stream *d, struct error *err)
{
    const struct mill_shape *shape = &d->base.mill->shape;
    struct exchange *x = &d->exchange;

    /* No other request is longer than a column's. */
    d->embedding = arena_alloc(&d->arena, shape->dim, sizeof *d->embedding);
    x->request =
        arena_alloc(&d->arena, column_bytes(shape->head_dim, shape->dim) + FRAME_OVERHEAD, 1);
    x->reply_room = IDENTITY_BYTES + FRAME_OVERHEAD;
    x->reply = arena_alloc(&d->arena, x->reply_room, 1);
    return (d->embedding && x->request && x->reply) ||
           error_set(err, ERROR_FAILED, "%s: out of memory", d->base.info.name);
}

static bool start(struct device_stream *d, const struct device_options *options, struct error *err)
{
    struct device_info *info = &d->base.info;
    struct identity identity;

    if (!allocate(d, err) || !identify(d, &identity, err))
        return false;
    if (!tape_ensure(&d->exchange, d->base.mill, options, &identity, err))
        return error_prefix(err, "%s", info->name);
    info->columns = identity.columns;
    info->lanes = identity.lanes;
    info->top_k = identity.top_k;
    info->tape_word_bytes = identity.tape_bus_bits / 8;

    d->exchange.reply_room = longest_reply(&identity, d->base.mill);
    d->exchange.reply = arena_alloc(&d->arena, d->exchange.reply_room, 1);
    d->again = arena_alloc(&d->arena, info->columns, sizeof *d->again);
    if (!d->exchange.reply || !d->again)
        return error_set(err, ERROR_FAILED, "%s: out of memory", info->name);
    return history_open(&d->history, info->columns, err);
}

struct device *device_stream_open(const char *name, struct transport *transport,
                                  const struct mill *mill, const struct device_options *options,
                                  struct error *err)
{
    struct device_stream *d = calloc(1, sizeof *d);
    if (!d) {
        transport->ops->close(transport);
        error_set(err, ERROR_FAILED, "%s: out of memory", name);
        return NULL;
    }
    d->base.ops = &stream_ops;
    d->base.mill = mill;
    d->options = *options;
    d->exchange.transport = transport;
    snprintf(d->base.info.name, sizeof d->base.info.name, "%s", name);
    if (!start(d, options, err)) {
        stream_close(&d->base);
        return NULL;
    }
    return &d->base;
}
