/* SPDX-License-Identifier: Apache-2.0 */
#include "host/classifier.h"

#include <stdlib.h>

#include "host/interrupt.h"
#include "host/prefill.h"

/* One frame's logits are those of the stream's length: the last one, of the constant,
 * says it. */
static bool add_frame(double *sum, const float *logits, uint32_t classes, struct error *err)
{
    if (!(logits[classes] > 0))
        return error_set(err, ERROR_FAILED, "the constant's logit is %g, which cannot be",
                         (double)logits[classes]);
    for (uint32_t c = 0; c < classes; c++)
        sum[c] += (double)logits[c] / (double)logits[classes];
    return true;
}

/* What a run needs. */
struct buffers {
    uint32_t *ids;
    struct pass_column *column;
    float *logits;
};

static bool run_frames(const struct mill *mill, struct device *device, const struct buffers *b,
                       double *sum, struct error *err)
{
    uint32_t vocab = mill->shape.vocab;
    struct prefill prefill = {b->ids, mill->frames, 0, device_info(device)->columns, b->column};
    struct pass_output output = {.logits = b->logits};
    struct pass pass;

    while (prefill_next(&prefill, &pass)) {
        pass.result = RESULT_LOGITS;
        if (interrupt_pending())
            return error_set(err, ERROR_FAILED, "interrupted");
        if (!device_run(device, &pass, &output, err))
            return false;
        for (uint32_t c = 0; c < pass.count; c++)
            if (!add_frame(sum, b->logits + (size_t)c * vocab, vocab - 1, err))
                return false;
    }
    return true;
}

bool classify_frames(const struct mill *mill, struct device *device, double *logits,
                     struct error *err)
{
    uint32_t columns = device_info(device)->columns;
    struct buffers b = {malloc((mill->frames + 1) * sizeof *b.ids),
                        malloc(columns * sizeof *b.column),
                        malloc((size_t)columns * mill->shape.vocab * sizeof *b.logits)};
    bool done = b.ids && b.column && b.logits;

    if (!done)
        error_set(err, ERROR_FAILED, "out of memory");
    for (uint32_t i = 0; done && i < mill->frames; i++)
        b.ids[i] = i;
    for (uint32_t c = 0; c < mill->shape.vocab - 1; c++)
        logits[c] = 0;
    done = done && run_frames(mill, device, &b, logits, err);
    for (uint32_t c = 0; c < mill->shape.vocab - 1; c++)
        logits[c] /= mill->frames;
    free(b.ids);
    free(b.column);
    free(b.logits);
    return done;
}
