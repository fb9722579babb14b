/* SPDX-License-Identifier: Apache-2.0 */
/* calibration_write: the model's own text, many sequences side by side. */
#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "gen/quant/calibration.h"
#include "gen/quant/float_attention.h"
#include "gen/quant/float_lanes.h"
#include "host/random.h"

enum { SIDE_BY_SIDE = 16 }; /* sequences that one part writes at a time */

/* What one part holds. */
struct writer {
    const struct folded_model *m;
    float *residual, *normed, *qkv, *attention, *gate_up, *gated, *logits; /* [side by side][...] */
    float *key, *value; /* [side by side][layer][keys][stride] */
    struct attention_memory memory;
    struct random random[SIDE_BY_SIDE];
    struct arena arena;
};

struct job {
    struct writer writer[PARALLEL_PARTS];
    struct calibration *out;
};

static bool open_writer(struct writer *w, const struct folded_model *m)
{
    const struct {
        float **memory;
        uint32_t width;
    } buffer[] = {
        {&w->residual, m->model->dim},
        {&w->normed, m->model->dim},
        {&w->qkv, m->qkv_rows},
        {&w->attention, m->queries},
        {&w->gated, m->model->hidden_dim},
        {&w->gate_up, 2 * m->model->hidden_dim},
        {&w->logits, m->model->vocab},
    };

    w->m = m;
    for (size_t i = 0; i < sizeof buffer / sizeof buffer[0]; i++) {
        size_t row = lanes_round_up(buffer[i].width) * sizeof(float);
        if (!(*buffer[i].memory = arena_alloc(&w->arena, SIDE_BY_SIDE, row)))
            return false;
    }
    if (!attention_memory_open(&w->memory, m, &w->arena))
        return false;
    size_t cache = (size_t)m->model->layers * m->keys * w->memory.stride * sizeof(float);
    w->key = arena_alloc(&w->arena, SIDE_BY_SIDE, cache);
    w->value = arena_alloc(&w->arena, SIDE_BY_SIDE, cache);
    return w->key && w->value;
}

static void run_attention(struct writer *w, uint32_t layer, uint32_t position, uint32_t count)
{
    const struct folded_model *m = w->m;
    const struct folded_layer *l = &m->layer[layer];
    size_t plane = (size_t)m->keys * w->memory.stride;

    unit_norm(m, w->residual, count, w->normed);
    matrix_apply(&l->qkv, w->normed, count, w->qkv);
    for (uint32_t i = 0; i < count; i++) {
        float *qkv = w->qkv + (size_t)i * m->qkv_rows;
        w->memory.key = w->key + ((size_t)i * m->model->layers + layer) * plane;
        w->memory.value = w->value + ((size_t)i * m->model->layers + layer) * plane;
        rotate_heads(m, qkv, position, 1, 1);
        attention_store(m, &w->memory, qkv, position, 1);
        attention_row(m, &w->memory, qkv, position, w->attention + (size_t)i * m->queries);
    }
    matrix_apply_add(&l->output, w->attention, count, w->residual);
}

static void run_feed_forward(struct writer *w, uint32_t layer, uint32_t count)
{
    const struct folded_layer *l = &w->m->layer[layer];

    unit_norm(w->m, w->residual, count, w->normed);
    matrix_apply(&l->gate_up, w->normed, count, w->gate_up);
    gated_unit(w->m, w->gate_up, count, w->gated);
    matrix_apply_add(&l->down, w->gated, count, w->residual);
}

/* A token drawn from the softmax of the logits. */
static uint32_t draw(float *logit, uint32_t vocab, struct random *random)
{
    float largest = logit[0];
    double sum = 0;

    for (uint32_t i = 1; i < vocab; i++)
        largest = logit[i] > largest ? logit[i] : largest;
    for (uint32_t i = 0; i < vocab; i += FLOAT_LANES) {
        uint32_t rest = vocab - i, n = rest < FLOAT_LANES ? rest : FLOAT_LANES;
        float_lanes x = {0};
        memcpy(&x, logit + i, n * sizeof(float));
        x = (x - largest) * 1.44269504f;
        lanes_exp2(&x);
        memcpy(logit + i, &x, n * sizeof(float));
    }
    for (uint32_t i = 0; i < vocab; i++)
        sum += logit[i];
    double left = random_unit(random) * sum;
    uint32_t token = 0;
    while (token + 1 < vocab && (left -= logit[token]) >= 0)
        token++;
    return token;
}

static void embed(struct writer *w, const uint32_t *token, uint32_t length, uint32_t count)
{
    uint32_t dim = w->m->model->dim;

    for (uint32_t i = 0; i < count; i++)
        memcpy(w->residual + (size_t)i * dim,
               w->m->embedding.value + (size_t)token[(size_t)i * length] * dim,
               dim * sizeof(float));
}

/* Sequences first..first+count-1; each has random numbers of its own. */
static void write_sequences(struct writer *w, struct calibration *out, uint32_t first,
                            uint32_t count)
{
    const struct model *model = w->m->model;
    uint32_t *token = out->token + (size_t)first * out->length;

    for (uint32_t i = 0; i < count; i++) {
        random_seed(&w->random[i], first + i);
        uint32_t any = (uint32_t)(random_unit(&w->random[i]) * model->vocab);
        token[(size_t)i * out->length] = model->bos_token < model->vocab ? model->bos_token : any;
    }
    for (uint32_t t = 0; t + 1 < out->length; t++) {
        embed(w, token + t, out->length, count);
        for (uint32_t layer = 0; layer < model->layers; layer++) {
            run_attention(w, layer, t, count);
            run_feed_forward(w, layer, count);
        }
        unit_norm(w->m, w->residual, count, w->normed);
        matrix_apply(&w->m->head, w->normed, count, w->logits);
        for (uint32_t i = 0; i < count; i++)
            token[(size_t)i * out->length + t + 1] =
                draw(w->logits + (size_t)i * model->vocab, model->vocab, &w->random[i]);
    }
}

static void write_part(void *context, unsigned part)
{
    struct job *job = context;
    uint32_t end = parallel_first(job->out->sequences, part + 1);

    for (uint32_t i = parallel_first(job->out->sequences, part); i < end; i += SIDE_BY_SIDE)
        write_sequences(&job->writer[part], job->out, i,
                        end - i < SIDE_BY_SIDE ? end - i : SIDE_BY_SIDE);
}

bool calibration_write(const struct folded_model *model, uint32_t sequences,
                       struct calibration *out, struct error *err)
{
    struct job job = {.out = out};

    *out = (struct calibration){sequences, model->length,
                                malloc((size_t)sequences * model->length * sizeof(uint32_t))};
    bool ok = out->token != NULL;
    for (unsigned i = 0; ok && i < PARALLEL_PARTS; i++)
        ok = open_writer(&job.writer[i], model);
    if (ok)
        parallel_run(write_part, &job);
    else
        error_set(err, ERROR_FAILED, "%s: out of memory for calibration", model->model->name);
    for (unsigned i = 0; i < PARALLEL_PARTS; i++)
        arena_free(&job.writer[i].arena);
    if (!ok)
        calibration_free(out);
    return ok;
}
