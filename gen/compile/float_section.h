/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float model inside a .mill file, the yardstick that `--device float`
 * runs: norm_eps, rope_attention_scale, rope_frequency[head_dim/2], then
 * row-major embedding, per layer attention_norm, wq, wk, wv, wo, ffn_norm,
 * w_gate, w_up, w_down; final_norm; head (the embedding again where tied).
 */
#ifndef MILLRACE_GEN_COMPILE_FLOAT_SECTION_H
#define MILLRACE_GEN_COMPILE_FLOAT_SECTION_H

#include "gen/graph/model.h"
#include "gen/mill/mill.h"

/* Fill in mill->floats and mill->float_count from the model. */
bool float_section_build(const struct model *model, struct mill *mill, struct error *err);

struct float_layer {
    const float *attention_norm, *wq, *wk, *wv, *wo, *ffn_norm, *w_gate, *w_up, *w_down;
};

struct float_section {
    float norm_eps, rope_attention_scale;
    const float *rope_frequency, *embedding, *final_norm, *head;
    struct float_layer *layer; /* [layers]; owned, free() it */
};

/* Find the parts; ERROR_INPUT where the section is absent or of another size. */
bool float_section_view(const struct mill *mill, struct float_section *section, struct error *err);

#endif
