/* SPDX-License-Identifier: Apache-2.0 */
/* The integer reference as a device. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "gen/op/reference.h"
#include "host/candidates.h"
#include "host/device_backend.h"

struct device_ref {
    struct device base;
    struct reference *reference; /* owned */
    struct arena arena;
    float *logits; /* [columns][vocab]: the reference itself ranks none */
};

static bool ref_run(struct device *device, const struct pass *pass, struct pass_output *output,
                    struct error *err)
{
    struct device_ref *d = (struct device_ref *)device;
    if (pass->result != RESULT_TOP)
        return reference_run(d->reference, pass, output, err);

    struct pass all = *pass;
    all.result = RESULT_LOGITS;
    if (!reference_run(d->reference, &all, &(struct pass_output){.logits = d->logits}, err))
        return false;
    candidates_select_columns(d->logits, pass->count, device->mill->shape.vocab, device->info.top_k,
                              output->top);
    return true;
}

static void ref_close(struct device *device)
{
    struct device_ref *d = (struct device_ref *)device;
    if (d->reference)
        reference_close(d->reference);
    arena_free(&d->arena);
    free(d);
}

static const struct device_ops ref_ops = {ref_run, ref_close};

struct device *device_ref_open(const struct mill *mill, struct error *err)
{
    struct device_ref *d = calloc(1, sizeof *d);
    if (!d) {
        error_set(err, ERROR_FAILED, "ref: out of memory");
        return NULL;
    }
    struct device_info *info = &d->base.info;
    d->base.ops = &ref_ops;
    d->base.mill = mill;
    snprintf(info->name, sizeof info->name, "ref");
    info->columns = SOFTWARE_COLUMNS;
    info->top_k = mill->shape.vocab < SOFTWARE_TOP_K ? mill->shape.vocab : SOFTWARE_TOP_K;

    d->logits =
        arena_alloc(&d->arena, (size_t)info->columns * mill->shape.vocab, sizeof *d->logits);
    if (!d->logits)
        error_set(err, ERROR_FAILED, "ref: out of memory");
    else
        d->reference = reference_open(mill, info->columns, err);
    if (!d->reference) {
        ref_close(&d->base);
        return NULL;
    }
    return &d->base;
}
