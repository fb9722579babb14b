/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float model: the yardstick that quality is measured against.  Llama's
 * or Mamba's forward pass in float32, over a chunk of tokens of one sequence at a
 * time.
 */
#ifndef MILLRACE_GEN_GRAPH_FLOAT_MODEL_H
#define MILLRACE_GEN_GRAPH_FLOAT_MODEL_H

#include "gen/compile/float_section.h"
#include "gen/quant/fold.h"

struct float_model;

/* What in a Mamba block has no bound but the text's. */
enum float_range {
    RANGE_STATE,     /* of the scan */
    RANGE_SCANNED,   /* h . C + D x */
    RANGE_GATED,     /* that times silu(z) */
    RANGE_PARAMETER, /* Mamba: what x_proj gives: dt before its projection, B, C */
    RANGES
};

struct float_observer {
    /* What each matrix is multiplied by: `count` inputs of `columns` values. */
    void (*see)(void *context, enum matrix_kind kind, uint32_t layer, const float *input,
                uint32_t columns, uint32_t count);
    void (*see_range)(void *context, enum float_range range, uint32_t layer, const float *value,
                      size_t count);
    void *context;
};

/* A float model with `slots` sequences, of tokens `chunk` at most at a time.
 * The mill file is borrowed.  NULL where it holds no float model. */
struct float_model *float_model_open(const struct mill *mill, uint32_t slots, uint32_t chunk,
                                     struct error *err);
void float_model_close(struct float_model *model);

/* Have `observer` (borrowed; NULL for none) see the runs from here on. */
void float_model_observe(struct float_model *model, const struct float_observer *observer);

/* Run `count` tokens at consecutive positions from `position` on of sequence
 * `slot`; logits [count][vocab] where not NULL. Arguments are the caller's to
 * check. */
void float_model_run(struct float_model *model, uint32_t slot, uint32_t position,
                     const uint32_t *token, uint32_t count, float *logits);

#endif
