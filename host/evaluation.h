/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How well a model predicts texts.  Each document starts at BOS and is cut to
 * the window, BOS included; every token after the first is a prediction.  Or a
 * text is cut into windows, one after another, each predicted from its own first
 * token on.
 */
#ifndef MILLRACE_HOST_EVALUATION_H
#define MILLRACE_HOST_EVALUATION_H

#include "base/arena.h"
#include "gen/mill/mill.h"
#include "host/device.h"
#include "host/documents.h"

struct evaluation {
    const struct mill *mill; /* borrowed */
    struct device *device;   /* borrowed */
    uint32_t window;         /* 2..max_seq */
    struct arena arena;
    float *logits;              /* [columns][vocab] */
    struct pass_column *column; /* [columns] */

    /* Sums so far, of whole documents. */
    double nats;
    uint64_t tokens; /* predictions */
    uint64_t bytes;  /* of the text that was predicted */
    uint64_t documents;
};

bool evaluation_open(struct evaluation *e, const struct mill *mill, struct device *device,
                     uint32_t window, struct error *err);
void evaluation_close(struct evaluation *e);

/* Add one document.  Where an interrupt is pending it is left out, and that is
 * no error.  ERROR_INPUT where the model has no token to start one with. */
bool evaluation_add(struct evaluation *e, const struct document *document, struct error *err);

/* Add the first `most` whole windows of a text, each counted as a document. */
bool evaluation_add_windows(struct evaluation *e, const struct document *text, uint32_t most,
                            struct error *err);

#endif
