/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/compile/float_section.h"

#include <stdlib.h>
#include <string.h>

struct mill_shape model_shape(const struct model *m)
{
    return (struct mill_shape){
        .dim = m->dim,
        .hidden_dim = m->hidden_dim,
        .layers = m->layers,
        .heads = m->heads,
        .kv_heads = m->kv_heads,
        .head_dim = m->head_dim,
        .vocab = m->vocab,
        .max_seq = m->max_seq,
        .features = m->features,
        .architecture = m->architecture,
        .mixer = m->mixer,
    };
}

static size_t llama_layer_floats(const struct mill_shape *s)
{
    size_t queries = (size_t)s->heads * s->head_dim, keys = (size_t)s->kv_heads * s->head_dim;
    return 2 * (size_t)s->dim + s->dim * (2 * queries + 2 * keys) +
           3 * (size_t)s->dim * s->hidden_dim;
}

/* Floats of the parts of a Mamba layer, in the order of struct float_mamba_layer. */
enum { MAMBA_PARTS = 11 };

static void mamba_part_floats(const struct mill_shape *s, size_t count[MAMBA_PARTS])
{
    const struct mixer_shape *m = &s->mixer;
    size_t inner = m->inner;
    bool first = s->architecture == ARCHITECTURE_MAMBA;
    const size_t counts[MAMBA_PARTS] = {
        s->dim,
        (size_t)mixer_in_rows(m) * s->dim,
        (size_t)mixer_channels(m) * m->conv_width,
        mixer_channels(m),
        first ? mixer_x_rows(m) * inner : 0,
        m->dt_rank * inner,
        m->heads,
        mixer_decays(m),
        m->heads,
        first ? 0 : inner,
        s->dim * inner,
    };
    memcpy(count, counts, sizeof counts);
}

/* A classifier has none. */
static size_t embedding_floats(const struct mill_shape *s)
{
    return s->features ? 0 : (size_t)s->vocab * s->dim;
}

static size_t section_floats(const struct mill_shape *s)
{
    size_t outer = embedding_floats(s) + (size_t)s->vocab * s->dim + s->dim;
    size_t part[MAMBA_PARTS], layer = 0;

    if (s->architecture == ARCHITECTURE_LLAMA)
        return 2 + s->head_dim / 2 + outer + s->layers * llama_layer_floats(s);
    mamba_part_floats(s, part);
    for (int i = 0; i < MAMBA_PARTS; i++)
        layer += part[i];
    return 1 + outer + s->layers * layer;
}

static float *put(float *at, const struct weight *w)
{
    for (uint32_t r = 0; r < w->rows; r++, at += w->columns)
        weight_row(w, r, at);
    return at;
}

static float *put_llama_layer(float *at, const struct llama_layer *l)
{
    const struct weight *part[] = {&l->attention_norm, &l->wq,     &l->wk,   &l->wv,    &l->wo,
                                   &l->ffn_norm,       &l->w_gate, &l->w_up, &l->w_down};

    for (size_t p = 0; p < sizeof part / sizeof part[0]; p++)
        at = put(at, part[p]);
    return at;
}

static float *put_mamba_layer(float *at, const struct model *model, uint32_t layer)
{
    const struct mamba_layer *l = &model->mamba_layer[layer];
    const struct weight *part[MAMBA_PARTS] = {
        &l->norm,    &l->in_proj, &l->conv, &l->conv_bias,  &l->x_proj,  &l->dt_proj,
        &l->dt_bias, &l->a,       &l->d,    &l->gated_norm, &l->out_proj};

    for (int p = 0; p < MAMBA_PARTS; p++) {
        if (part[p] != &l->a) {
            at = put(at, part[p]);
            continue;
        }
        for (uint32_t r = 0; r < l->a.rows; r++, at += l->a.columns)
            model_decay_row(model, layer, r, at);
    }
    return at;
}

bool float_section_build(const struct model *model, struct mill *mill, struct error *err)
{
    size_t count = section_floats(&mill->shape);
    float *floats = arena_alloc(&mill->arena, count, sizeof *floats), *at = floats;

    if (!floats)
        return error_set(err, ERROR_FAILED, "%s: out of memory for %zu floats", mill->name, count);
    *at++ = model->norm_eps;
    if (model->architecture == ARCHITECTURE_LLAMA) {
        *at++ = model->rope_attention_scale;
        for (uint32_t i = 0; i < model->head_dim / 2; i++)
            *at++ = model->rope_frequency[i];
    }
    at = put(at, &model->embedding);
    for (uint32_t i = 0; i < model->layers; i++)
        at = model->architecture == ARCHITECTURE_LLAMA ? put_llama_layer(at, &model->layer[i])
                                                       : put_mamba_layer(at, model, i);
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

static const float *view_llama_layer(const float *at, const struct mill_shape *s,
                                     struct float_layer *l)
{
    size_t queries = (size_t)s->heads * s->head_dim, keys = (size_t)s->kv_heads * s->head_dim;

    l->attention_norm = take(&at, s->dim);
    l->wq = take(&at, queries * s->dim);
    l->wk = take(&at, keys * s->dim);
    l->wv = take(&at, keys * s->dim);
    l->wo = take(&at, queries * s->dim);
    l->ffn_norm = take(&at, s->dim);
    l->w_gate = take(&at, (size_t)s->hidden_dim * s->dim);
    l->w_up = take(&at, (size_t)s->hidden_dim * s->dim);
    l->w_down = take(&at, (size_t)s->hidden_dim * s->dim);
    return at;
}

static const float *view_mamba_layer(const float *at, const struct mill_shape *s,
                                     struct float_mamba_layer *l)
{
    const float **part[MAMBA_PARTS] = {&l->norm,   &l->in_proj,    &l->conv,    &l->conv_bias,
                                       &l->x_proj, &l->dt_proj,    &l->dt_bias, &l->decay,
                                       &l->d,      &l->gated_norm, &l->out_proj};
    size_t count[MAMBA_PARTS];

    mamba_part_floats(s, count);
    for (int p = 0; p < MAMBA_PARTS; p++)
        *part[p] = take(&at, count[p]);
    return at;
}

bool float_section_view(const struct mill *mill, struct float_section *section, struct error *err)
{
    const struct mill_shape *s = &mill->shape;
    bool llama = s->architecture == ARCHITECTURE_LLAMA;
    const float *at = mill->floats;

    *section = (struct float_section){0};
    if (mill->float_count != section_floats(s))
        return error_set(err, ERROR_INPUT, "%s: holds no float model (compiled without it?)",
                         mill->name);
    section->layer = calloc(llama ? s->layers : 1, sizeof *section->layer);
    section->mamba_layer = calloc(llama ? 1 : s->layers, sizeof *section->mamba_layer);
    if (!section->layer || !section->mamba_layer) {
        float_section_free(section);
        return error_set(err, ERROR_FAILED, "%s: out of memory", mill->name);
    }
    section->norm_eps = *take(&at, 1);
    if (llama) {
        section->rope_attention_scale = *take(&at, 1);
        section->rope_frequency = take(&at, s->head_dim / 2);
    }
    section->embedding = take(&at, embedding_floats(s));
    for (uint32_t i = 0; i < s->layers; i++)
        at = llama ? view_llama_layer(at, s, &section->layer[i])
                   : view_mamba_layer(at, s, &section->mamba_layer[i]);
    section->final_norm = take(&at, s->dim);
    section->head = take(&at, (size_t)s->vocab * s->dim);
    return true;
}

void float_section_free(struct float_section *section)
{
    free(section->layer);
    free(section->mamba_layer);
    *section = (struct float_section){0};
}
