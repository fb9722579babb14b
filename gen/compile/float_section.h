/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float model inside a .mill file, the yardstick that `--device float`
 * runs.  Of a Llama model: norm_eps, rope_attention_scale, rope_frequency[head_dim/2], then
 * row-major embedding, per layer attention_norm, wq, wk, wv, wo, ffn_norm,
 * w_gate, w_up, w_down; final_norm; head (the embedding again where tied).
 * Of a Mamba model: norm_eps, embedding, per layer what struct
 * float_mamba_layer lists, final_norm, head.
 */
#ifndef MILLRACE_GEN_COMPILE_FLOAT_SECTION_H
#define MILLRACE_GEN_COMPILE_FLOAT_SECTION_H

#include "gen/graph/model.h"
#include "gen/mill/mill.h"

/* The shape of the model, with nothing that compiling chooses. */
struct mill_shape model_shape(const struct model *model);

/* Fill in mill->floats and mill->float_count from the model. */
bool float_section_build(const struct model *model, struct mill *mill, struct error *err);

struct float_layer {
    const float *attention_norm, *wq, *wk, *wv, *wo, *ffn_norm, *w_gate, *w_up, *w_down;
};

/* The parts that the model does not have are empty. */
struct float_mamba_layer {
    const float *norm, *in_proj, *conv, *conv_bias, *x_proj, *dt_proj, *dt_bias;
    const float *decay; /* -A */
    const float *d, *gated_norm, *out_proj;
};

struct float_section {
    float norm_eps, rope_attention_scale;
    const float *rope_frequency, *embedding, *final_norm, *head;
    struct float_layer *layer;             /* [layers] of a Llama model; owned */
    struct float_mamba_layer *mamba_layer; /* [layers] of a Mamba model; owned */
};

/* Find the parts; ERROR_INPUT where the section is absent or of another size. */
bool float_section_view(const struct mill *mill, struct float_section *section, struct error *err);
void float_section_free(struct float_section *section);

#endif
