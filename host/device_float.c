/* SPDX-License-Identifier: Apache-2.0 */
/* The float model as a device. */
#include <stdio.h>
#include <stdlib.h>

#include "gen/graph/float_model.h"
#include "host/candidates.h"
#include "host/device_backend.h"

struct device_float {
    struct device base;
    struct float_model *model; /* owned */
    float *logits;             /* [columns][vocab]; owned */
};

/* Prefill is one run of all columns; in decode each column is a run of one. */
static void run_columns(struct device_float *d, const struct pass *pass, float *logits)
{
    uint32_t token[SOFTWARE_COLUMNS];

    for (uint32_t c = 0; c < pass->count; c++)
        token[c] = pass->column[c].token;
    if (pass->mode == PASS_PREFILL) {
        float_model_run(d->model, pass->slot, pass->column[0].position, token, pass->count, logits);
        return;
    }
    for (uint32_t c = 0; c < pass->count; c++)
        float_model_run(d->model, c, pass->column[c].position, &token[c], 1,
                        logits ? logits + (size_t)c * d->base.mill->shape.vocab : NULL);
}

static bool float_run(struct device *device, const struct pass *pass, struct pass_output *output,
                      struct error *err)
{
    struct device_float *d = (struct device_float *)device;
    uint32_t vocab = device->mill->shape.vocab, top_k = device->info.top_k;
    (void)err;

    if (pass->result == RESULT_LOGITS) {
        run_columns(d, pass, output->logits);
    } else if (pass->result == RESULT_TOP) {
        run_columns(d, pass, d->logits);
        candidates_select_columns(d->logits, pass->count, vocab, top_k, output->top);
    } else {
        run_columns(d, pass, NULL);
    }
    return true;
}

static void float_close(struct device *device)
{
    struct device_float *d = (struct device_float *)device;
    float_model_close(d->model);
    free(d->logits);
    free(d);
}

static const struct device_ops float_ops = {float_run, float_close};

struct device *device_float_open(const struct mill *mill, struct error *err)
{
    struct device_float *d = calloc(1, sizeof *d);
    if (!d) {
        error_set(err, ERROR_FAILED, "float: out of memory");
        return NULL;
    }
    struct device_info *info = &d->base.info;
    d->base.ops = &float_ops;
    d->base.mill = mill;
    snprintf(info->name, sizeof info->name, "float");
    info->columns = SOFTWARE_COLUMNS;
    info->top_k = mill->shape.vocab < SOFTWARE_TOP_K ? mill->shape.vocab : SOFTWARE_TOP_K;

    d->model = float_model_open(mill, info->columns, info->columns, err);
    d->logits = malloc((size_t)info->columns * mill->shape.vocab * sizeof *d->logits);
    if (d->model && !d->logits)
        error_set(err, ERROR_FAILED, "float: out of memory");
    if (!d->model || !d->logits) {
        float_close(&d->base);
        return NULL;
    }
    return &d->base;
}
