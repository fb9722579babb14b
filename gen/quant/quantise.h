/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantise a whole model.  Layer by layer, each matrix is rounded so that with
 * the inputs that the integer model will give it (from already rounded layers,
 * activations rounded) it comes closest to what the float model computes.
 */
#ifndef MILLRACE_GEN_QUANT_QUANTISE_H
#define MILLRACE_GEN_QUANT_QUANTISE_H

#include "gen/graph/model.h"
#include "gen/quant/quantised_matrix.h"

struct quantise_options {
    unsigned weight_bits;    /* 8, 4, 3 or 2; the head and the embedding have 8 */
    unsigned act_bits;       /* 8 or 4 */
    const char *calibration; /* a text file; NULL: a text that the model writes */

    /* Called after each of `total` steps; or NULL. */
    void (*progress)(void *context, uint32_t done, uint32_t total);
    void *context;
};

struct quantised_layer {
    struct quantised_matrix query, key, value, output;
    struct quantised_matrix gate_up; /* rows: gate, then up */
    struct quantised_matrix down;
};

struct quantised_model {
    struct quantised_matrix embedding, head;
    uint32_t layers;
    struct quantised_layer *layer; /* [layers]; owned */
};

/* The matrices of fold.h, rounded; the same input gives the same output on one
 * machine.  ERROR_INPUT for a bad calibration text, ERROR_FAILED for want of
 * memory.  On failure *out needs no quantised_model_free. */
bool quantise_model(const struct model *model, const struct quantise_options *options,
                    struct quantised_model *out, struct error *err);

void quantised_model_free(struct quantised_model *model);

#endif
