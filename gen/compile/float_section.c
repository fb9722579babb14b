/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/compile/float_section.h"

#include <stdlib.h>
#include <string.h>

static size_t layer_floats(const struct mill_shape *s)
{
    size_t queries = (size_t)s->heads * s->head_dim, keys = (size_t)s->kv_heads * s->head_dim;
    return 2 * (size_t)s->dim + s->dim * (2 * queries + 2 * keys) +
           3 * (size_t)s->dim * s->hidden_dim;
}

static size_t section_floats(const struct mill_shape *s)
{
    return 2 + s->head_dim / 2 + 2 * (size_t)s->vocab * s->dim + s->dim +
           s->layers * layer_floats(s);
}

static float *put(float *at, const struct weight *w)
{
    for (uint32_t r = 0; r < w->rows; r++, at += w->columns)
        weight_row(w, r, at);
    return at;
}

bool float_section_build(const struct model *model, struct mill *mill, struct error *err)
{
    size_t count = section_floats(&mill->shape);
    float *floats = arena_alloc(&mill->arena, count, sizeof *floats), *at = floats;

    if (!floats)
        return error_set(err, ERROR_FAILED, "%s: out of memory for %zu floats", mill->name, count);
    *at++ = model->norm_eps;
    *at++ = model->rope_attention_scale;
    for (uint32_t i = 0; i < model->head_dim / 2; i++)
        *at++ = model->rope_frequency[i];
    at = put(at, &model->embedding);
    for (uint32_t i = 0; i < model->layers; i++) {
        const struct llama_layer *l = &model->layer[i];
        const struct weight *part[] = {&l->attention_norm, &l->wq,     &l->wk,   &l->wv,    &l->wo,
                                       &l->ffn_norm,       &l->w_gate, &l->w_up, &l->w_down};
        for (size_t p = 0; p < sizeof part / sizeof part[0]; p++)
            at = put(at, part[p]);
    }
    at = put(at, &model->final_norm);
    put(at, &model->head);
    mill->floats = floats;
    mill->float_count = count;
    return true;
}

/* Take `count` floats from *at. */
static const float *take(const float **at, size_t count)
{
    const float *here = *at;
    *at += count;
    return here;
}

bool float_section_view(const struct mill *mill, struct float_section *section, struct error *err)
{
    const struct mill_shape *s = &mill->shape;
    size_t queries = (size_t)s->heads * s->head_dim, keys = (size_t)s->kv_heads * s->head_dim;
    const float *at = mill->floats;

    if (mill->float_count != section_floats(s))
        return error_set(err, ERROR_INPUT, "%s: holds no float model (compiled without it?)",
                         mill->name);
    section->layer = calloc(s->layers, sizeof *section->layer);
    if (!section->layer)
        return error_set(err, ERROR_FAILED, "%s: out of memory", mill->name);
    section->norm_eps = *take(&at, 1);
    section->rope_attention_scale = *take(&at, 1);
    section->rope_frequency = take(&at, s->head_dim / 2);
    section->embedding = take(&at, (size_t)s->vocab * s->dim);
    for (uint32_t i = 0; i < s->layers; i++) {
        struct float_layer *l = &section->layer[i];
        l->attention_norm = take(&at, s->dim);
        l->wq = take(&at, queries * s->dim);
        l->wk = take(&at, keys * s->dim);
        l->wv = take(&at, keys * s->dim);
        l->wo = take(&at, queries * s->dim);
        l->ffn_norm = take(&at, s->dim);
        l->w_gate = take(&at, (size_t)s->hidden_dim * s->dim);
        l->w_up = take(&at, (size_t)s->hidden_dim * s->dim);
        l->w_down = take(&at, (size_t)s->hidden_dim * s->dim);
    }
    section->final_norm = take(&at, s->dim);
    section->head = take(&at, (size_t)s->vocab * s->dim);
    return true;
}
