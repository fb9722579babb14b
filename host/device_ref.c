/* SPDX-License-Identifier: Apache-2.0 */
/* The integer reference as a device. */
#include <stdio.h>
#include <stdlib.h>

#include "gen/op/reference.h"
#include "host/device_backend.h"

struct device_ref {
    struct device base;
    struct reference *reference; /* owned */
};

static bool ref_run(struct device *device, const struct pass *pass, struct pass_output *output,
                    struct error *err)
{
    struct device_ref *d = (struct device_ref *)device;
    return reference_run(d->reference, pass, device->info.top_k, output, err);
}

static void ref_close(struct device *device)
{
    struct device_ref *d = (struct device_ref *)device;
    reference_close(d->reference);
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

    d->reference = reference_open(mill, info->columns, err);
    if (!d->reference) {
        ref_close(&d->base);
        return NULL;
    }
    return &d->base;
}
