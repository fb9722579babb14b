/* SPDX-License-Identifier: Apache-2.0 */
#include "host/device_checked.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "host/candidates.h"
#include "host/device_backend.h"

struct device_checked {
    struct device base;
    struct device *device, *reference; /* owned */
    struct arena arena;
    float *logits, *expected; /* [columns][vocab] */
};

static bool compare(const struct device_checked *d, const struct pass *pass, struct error *err)
{
    uint32_t vocab = d->base.mill->shape.vocab;
    for (size_t i = 0; i < (size_t)pass->count * vocab; i++) {
        if (d->logits[i] != d->expected[i])
            return error_set(err, ERROR_FAILED,
                             "check: position %" PRIu32 ", token %zu: the logit is %.9g on %s and "
                             "%.9g on the reference",
                             pass->column[i / vocab].position, i % vocab, d->logits[i],
                             d->device->info.name, d->expected[i]);
    }
    return true;
}

/* The hardware's counters come from the device; passes and macs are counted here,
 * by device.c. */
static void take_counters(struct device_counters *own, const struct device_counters *device)
{
    own->cycles = device->cycles;
    own->tape_words = device->tape_words;
    own->array_beats = device->array_beats;
    own->matrix_cycles = device->matrix_cycles;
    own->matrix_beats = device->matrix_beats;
}

/* Every logit is asked for, whatever the caller wants. */
static bool checked_run(struct device *device, const struct pass *pass, struct pass_output *output,
                        struct error *err)
{
    struct device_checked *d = (struct device_checked *)device;
    uint32_t vocab = device->mill->shape.vocab;
    struct pass_output got = {.logits = d->logits}, expected = {.logits = d->expected};
    struct pass all = *pass;
    all.result = RESULT_LOGITS;

    if (!d->device->ops->run(d->device, &all, &got, err) ||
        !d->reference->ops->run(d->reference, &all, &expected, err) || !compare(d, pass, err))
        return false;
    take_counters(&device->counters, &d->device->counters);
    if (pass->result == RESULT_TOP)
        candidates_select_columns(d->logits, pass->count, vocab, device->info.top_k, output->top);
    if (pass->result == RESULT_LOGITS)
        memcpy(output->logits, d->logits, (size_t)pass->count * vocab * sizeof *d->logits);
    return true;
}

static void checked_close(struct device *device)
{
    struct device_checked *d = (struct device_checked *)device;
    device_close(d->device);
    device_close(d->reference);
    arena_free(&d->arena);
    free(d);
}

static const struct device_ops checked_ops = {checked_run, checked_close};

static bool start(struct device_checked *d, struct error *err)
{
    d->reference = device_ref_open(d->base.mill, err);
    if (!d->reference)
        return false;
    d->base.info = d->device->info;
    if (d->base.info.columns > d->reference->info.columns)
        d->base.info.columns = d->reference->info.columns;

    size_t count = (size_t)d->base.info.columns * d->base.mill->shape.vocab;
    d->logits = arena_alloc(&d->arena, count, sizeof *d->logits);
    d->expected = arena_alloc(&d->arena, count, sizeof *d->expected);
    if (!d->logits || !d->expected)
        return error_set(err, ERROR_FAILED, "check: out of memory");
    return true;
}

struct device *device_checked_open(struct device *device, const struct mill *mill,
                                   struct error *err)
{
    struct device_checked *d = calloc(1, sizeof *d);
    if (!d) {
        device_close(device);
        error_set(err, ERROR_FAILED, "check: out of memory");
        return NULL;
    }
    d->base.ops = &checked_ops;
    d->base.mill = mill;
    d->device = device;
    if (!start(d, err)) {
        checked_close(&d->base);
        return NULL;
    }
    return &d->base;
}
