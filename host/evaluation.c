/* SPDX-License-Identifier: Apache-2.0 */
#include "host/evaluation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/cross_entropy.h"
#include "host/interrupt.h"
#include "host/prefill.h"
#include "host/tokenizer/tokenizer.h"

bool evaluation_open(struct evaluation *e, const struct mill *mill, struct device *device,
                     uint32_t window, struct error *err)
{
    uint32_t columns = device_info(device)->columns;

    *e = (struct evaluation){.mill = mill, .device = device, .window = window};
    e->logits = arena_alloc(&e->arena, (size_t)columns * mill->shape.vocab, sizeof *e->logits);
    e->column = arena_alloc(&e->arena, columns, sizeof *e->column);
    if (!e->logits || !e->column) {
        evaluation_close(e);
        return error_set(err, ERROR_FAILED, "out of memory");
    }
    return true;
}

void evaluation_close(struct evaluation *e)
{
    arena_free(&e->arena);
}

/* BOS and the document's tokens, cut to the window; malloc'd, NULL on error. */
static uint32_t *encode(const struct evaluation *e, const struct document *document, size_t *count,
                        struct error *err)
{
    uint32_t *ids = NULL;
    if (!tokenizer_encode(e->mill->tokenizer, document->text, document->size, &ids, count, err)) {
        error_prefix(err, "document %" PRIu64, e->documents + 1);
        return NULL;
    }
    if (*count > e->window - 1)
        *count = e->window - 1;
    uint32_t *all = malloc((*count + 1) * sizeof *all);
    if (all) {
        all[0] = e->mill->bos_token;
        memcpy(all + 1, ids, *count * sizeof *ids);
        (*count)++;
    } else {
        error_set(err, ERROR_FAILED, "out of memory");
    }
    free(ids);
    return all;
}

static uint64_t text_bytes(const struct evaluation *e, const uint32_t *ids, size_t count)
{
    char text[TOKEN_TEXT_MAX];
    uint64_t bytes = 0;

    for (size_t i = 1; i < count; i++)
        bytes += tokenizer_decode(e->mill->tokenizer, ids[i - 1], ids[i], text);
    return bytes;
}

/* The last token is only predicted; the others are fed. */
static bool predict(struct evaluation *e, const uint32_t *ids, size_t count, double *nats,
                    struct error *err)
{
    uint32_t vocab = e->mill->shape.vocab;
    struct pass_output output = {.logits = e->logits};
    struct prefill prefill = {.ids = ids,
                              .count = count - 1,
                              .columns = device_info(e->device)->columns,
                              .column = e->column};
    struct pass pass;

    while (!interrupt_pending() && prefill_next(&prefill, &pass)) {
        pass.result = RESULT_LOGITS;
        if (!device_run(e->device, &pass, &output, err))
            return error_prefix(err, "document %" PRIu64, e->documents + 1);
        for (uint32_t c = 0; c < pass.count; c++)
            *nats += cross_entropy(e->logits + (size_t)c * vocab, vocab,
                                   ids[pass.column[c].position + 1]);
    }
    return true;
}

/* `count` tokens, all but the first predicted. */
static bool add_tokens(struct evaluation *e, const uint32_t *ids, size_t count, struct error *err)
{
    double nats = 0;

    if (!predict(e, ids, count, &nats, err))
        return false;
    if (!interrupt_pending()) {
        e->nats += nats;
        e->tokens += count - 1;
        e->bytes += text_bytes(e, ids, count);
        e->documents++;
    }
    return true;
}

bool evaluation_add(struct evaluation *e, const struct document *document, struct error *err)
{
    size_t count = 0;

    if (e->mill->bos_token == TOKEN_NONE)
        return error_set(err, ERROR_INPUT, "%s has no token to start a document with",
                         e->mill->name);
    uint32_t *ids = encode(e, document, &count, err);
    if (!ids)
        return false;
    bool done = add_tokens(e, ids, count, err);
    free(ids);
    return done;
}

bool evaluation_add_windows(struct evaluation *e, const struct document *text, uint32_t most,
                            struct error *err)
{
    uint32_t *ids = NULL;
    size_t count = 0;
    bool done = true;

    if (!tokenizer_encode(e->mill->tokenizer, text->text, text->size, &ids, &count, err))
        return false;
    for (size_t i = 0; done && i < most && (i + 1) * e->window <= count; i++) {
        done = add_tokens(e, ids + i * e->window, e->window, err);
        if (interrupt_pending())
            break;
    }
    free(ids);
    return done;
}
