/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causal attention in float, softmax to the base 2 (Vaswani et al. 2017,
 * equation 1), forward and backward.  Keys and values lie with the positions
 * side by side, so that all loops go over positions in lanes.
 */
#ifndef MILLRACE_GEN_QUANT_FLOAT_ATTENTION_H
#define MILLRACE_GEN_QUANT_FLOAT_ATTENTION_H

#include "gen/quant/folded_model.h"

/* Memory for one sequence: keys and values and their gradients as
 * [kv_heads][head_dim][stride], stride being the length in whole lanes; and two
 * rows of scores. */
struct attention_memory {
    uint32_t stride;
    float *key, *value, *key_gradient, *value_gradient;
    float *probability, *score_gradient; /* [stride] */
};

bool attention_memory_open(struct attention_memory *a, const struct folded_model *m,
                           struct arena *arena);

/* Put k and v of `count` rows of qkv at `position`. */
void attention_store(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                     uint32_t position, uint32_t count);

/* out[heads * head_dim]: every head of the row `qkv` over positions 0..position. */
void attention_row(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                   uint32_t position, float *out);

/* A whole sequence: rows of qkv, rotated; out[length][queries]. */
void attention_forward(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                       float *out);

/* qkv_gradient[length][qkv_rows] from the gradient of attention_forward's out. */
void attention_backward(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                        const float *out_gradient, float *qkv_gradient);

#endif
