/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole model as folded float matrices, and its forward pass over one
 * sequence, with activations in float or rounded as the hardware keeps them.
 * Llama's layers (Touvron et al. 2023, section 2.2) with unit-length norms and
 * softmax to the base 2, as fold.h has them.
 */
#ifndef MILLRACE_GEN_QUANT_FOLDED_MODEL_H
#define MILLRACE_GEN_QUANT_FOLDED_MODEL_H

#include "base/arena.h"
#include "gen/quant/fold.h"

struct folded_layer {
    struct float_matrix qkv, output, gate_up, down;
};

struct folded_model {
    const struct model *model;  /* borrowed, for its sizes */
    uint32_t queries, keys;     /* heads * head_dim, kv_heads * head_dim */
    uint32_t qkv_rows;          /* queries + 2 * keys */
    uint32_t length;            /* positions of a sequence */
    float *rotation;            /* [length][head_dim]: cos, sin of each pair */
    struct folded_layer *layer; /* [layers] */
    struct float_matrix embedding, head;
    struct arena arena; /* owns rotation and layer; the matrices own themselves */
};

/* ERROR_FAILED for want of memory. */
bool folded_model_open(struct folded_model *m, const struct model *model, uint32_t length,
                       struct error *err);
void folded_model_close(struct folded_model *m);

/* Rows of `dim` values to unit length, epsilon as in the model's RMS norm. */
void unit_norm(const struct folded_model *m, const float *x, uint32_t count, float *out);

/* out[count][rows] = in[count][columns] * w^T, or added to out. */
void matrix_apply(const struct float_matrix *w, const float *in, uint32_t count, float *out);
void matrix_apply_add(const struct float_matrix *w, const float *in, uint32_t count, float *out);

/* RoPE (Su et al. 2021, equation 34) on the q and k of `count` rows of qkv from
 * `position` on; direction -1 is the inverse. */
void rotate_heads(const struct folded_model *m, float *qkv, uint32_t position, uint32_t count,
                  int direction);

/* Round q, k and v, one exponent a head. */
void round_heads(const struct folded_model *m, float *qkv, uint32_t count);

/* out[count][hidden] = silu(gate) * up of rows of gate, up. */
void gated_unit(const struct folded_model *m, const float *gate_up, uint32_t count, float *out);

#endif
