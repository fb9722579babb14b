/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tape_loader.h"

#include <inttypes.h>

#include "host/interrupt.h"

/* A load in work: lines below `answered` are in the memory, those up to `sent`
 * are on their way, each LOAD with the tag after the one before. */
struct load {
    struct exchange *exchange;
    const struct mill *mill;
    uint32_t lines, answered, sent;
    uint32_t in_flight; /* requests */
};

enum { WHOLE_LOADS = 3 }; /* a line number that was damaged spoils another line */

static uint32_t lines_from(const struct load *l, uint32_t line)
{
    uint32_t most = l->exchange->transport->load_lines;
    return l->lines - line < most ? l->lines - line : most;
}

/* The lines go from where they lie in the .mill file. */
static enum outcome send_lines(struct load *l, struct error *err)
{
    uint32_t lines = lines_from(l, l->sent);
    const uint8_t *from = l->mill->tape + (size_t)l->sent * TAPE_LINE;

    load_encode(l->sent, l->exchange->request + FRAME_HEAD);
    enum outcome outcome =
        exchange_send(l->exchange, FRAME_LOAD, LOAD_HEAD, from, (size_t)lines * TAPE_LINE, err);
    l->sent += lines;
    l->in_flight++;
    return outcome;
}

/* Send what the transport can hold, receive the oldest reply. */
static enum outcome load_step(struct load *l, struct error *err)
{
    struct exchange *x = l->exchange;
    enum outcome outcome = ANSWERED;
    struct frame frame;

    while (outcome == ANSWERED && l->sent < l->lines && l->in_flight < x->transport->window)
        outcome = send_lines(l, err);
    uint8_t oldest = (uint8_t)(x->tag - l->in_flight + 1);
    if (outcome == ANSWERED)
        outcome = exchange_receive(x, FRAME_LOAD, oldest, 0, PATIENCE_MS, &frame, err);
    if (outcome == ANSWERED) {
        l->answered += lines_from(l, l->answered);
        l->in_flight--;
    } else {
        l->sent = l->answered;
        l->in_flight = 0;
    }
    return outcome;
}

static bool load_once(struct exchange *x, const struct mill *mill,
                      const struct device_options *options, struct error *err)
{
    struct load load = {.exchange = x, .mill = mill};
    int damaged = 0;

    load.lines = (uint32_t)(mill->tape_size / TAPE_LINE);
    while (load.answered < load.lines) {
        enum outcome outcome = load_step(&load, err);
        damaged = outcome == DAMAGED ? damaged + 1 : 0;
        if (outcome == LOST || damaged == ATTEMPTS)
            return error_prefix(err, "line %" PRIu32 " of the tape", load.answered);
        if (options->progress)
            options->progress(options->user, (uint64_t)load.answered * TAPE_LINE, mill->tape_size);
        if (interrupt_pending())
            return error_set(err, ERROR_FAILED, "interrupted before the tape was whole");
    }
    return true;
}

static bool verify(struct exchange *x, struct identity *identity, struct error *err)
{
    struct frame frame;

    if (exchange_ask_often(x, FRAME_VERIFY, 0, IDENTITY_BYTES, PASS_PATIENCE_MS, &frame, err) !=
        ANSWERED)
        return false;
    if (!identity_decode(&frame, identity))
        return error_set(err, ERROR_FAILED, "the device says what cannot be of itself");
    return true;
}

static uint32_t tape_crc(const struct mill *mill)
{
    return (uint32_t)mill->op[mill->op_count - 1].constant;
}

static bool holds(const struct identity *identity, const struct mill *mill)
{
    return identity->tape_state == TAPE_GOOD && identity->tape_crc == tape_crc(mill);
}

/* Load and verify, until the device holds it. */
static bool load(struct exchange *x, const struct mill *mill, const struct device_options *options,
                 struct identity *identity, struct error *err)
{
    for (int i = 0; i < WHOLE_LOADS; i++) {
        if (!load_once(x, mill, options, err) || !verify(x, identity, err))
            return false;
        if (holds(identity, mill))
            return true;
    }
    return error_set(err, ERROR_FAILED,
                     "the tape was loaded %d times and never arrived whole: the memory or the "
                     "link is bad",
                     WHOLE_LOADS);
}

static bool may_load(const struct mill *mill, const struct device_options *options,
                     const struct identity *identity, struct error *err)
{
    uint64_t lines = mill->tape_size / TAPE_LINE;

    if (options->load == LOAD_NEVER || identity->memory_lines == 0)
        return error_set(err, ERROR_INPUT, "holds another tape than that of %s%s", mill->name,
                         options->load == LOAD_NEVER ? "" : ", and cannot be loaded");
    if (lines > identity->memory_lines)
        return error_set(
            err, ERROR_INPUT, "the tape of %s has %" PRIu64 " bytes, the memory %" PRIu64 "%s",
            mill->name, lines * TAPE_LINE, (uint64_t)identity->memory_lines * TAPE_LINE,
            identity->streams ? "; --stream sends it with every pass" : "");
    return true;
}

bool tape_ensure(struct exchange *x, const struct mill *mill, const struct device_options *options,
                 struct identity *identity, struct error *err)
{
    if (options->load == LOAD_STREAM)
        return identity->streams ||
               error_set(err, ERROR_INPUT, "takes no tape from the host: its link cannot");
    if (identity->memory_fault == MEMORY_FAILED)
        return error_set(err, ERROR_FAILED, "the memory has failed its start-up test");
    if (options->load != LOAD_ALWAYS) {
        if (identity->tape_state == TAPE_UNKNOWN && !verify(x, identity, err))
            return false;
        if (holds(identity, mill))
            return true;
    }
    return may_load(mill, options, identity, err) && load(x, mill, options, identity, err);
}
