/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float model: the yardstick that quality is measured against.  Llama's
 * forward pass (Touvron et al. 2023, section 2.2) in float32, over a chunk of
 * tokens of one sequence at a time.
 */
#ifndef MILLRACE_HOST_FLOAT_MODEL_H
#define MILLRACE_HOST_FLOAT_MODEL_H

#include "gen/compile/float_section.h"

struct float_model;

/* A float model with `slots` sequences, of tokens `chunk` at most at a time.
 * The mill file is borrowed.  NULL where it holds no float model. */
struct float_model *float_model_open(const struct mill *mill, uint32_t slots, uint32_t chunk,
                                     struct error *err);
void float_model_close(struct float_model *model);

/* Run `count` tokens at consecutive positions from `position` on of sequence
 * `slot`; logits [count][vocab] where not NULL. Arguments are the caller's to
 * check. */
void float_model_run(struct float_model *model, uint32_t slot, uint32_t position,
                     const uint32_t *token, uint32_t count, float *logits);

#endif
