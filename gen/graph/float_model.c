/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/graph/float_model.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/graph/float_model_inside.h"
#include "gen/op/numerics.h"

void float_multiply(const float *weight, uint32_t rows, uint32_t columns, const float *in,
                    uint32_t count, float *out)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, (int)rows, (int)columns, 1, in,
                (int)columns, weight, (int)columns, 0, out, (int)rows);
}

void float_observe(const struct float_model *m, enum matrix_kind kind, uint32_t layer,
                   const float *input, uint32_t columns, uint32_t count)
{
    if (m->observer)
        m->observer->see(m->observer->context, kind, layer, input, columns, count);
}

void float_observe_range(const struct float_model *m, enum float_range range, uint32_t layer,
                         const float *value, size_t count)
{
    if (m->observer)
        m->observer->see_range(m->observer->context, range, layer, value, count);
}

void float_model_observe(struct float_model *m, const struct float_observer *observer)
{
    m->observer = observer;
}

void float_rms_norm(const float *in, const float *weight, uint32_t dim, float eps, uint32_t count,
                    float *out)
{
    for (uint32_t t = 0; t < count; t++, in += dim, out += dim) {
        float sum = 0;
        for (uint32_t i = 0; i < dim; i++)
            sum += in[i] * in[i];
        float factor = 1 / sqrtf(sum / (float)dim + eps);
        for (uint32_t i = 0; i < dim; i++)
            out[i] = in[i] * factor * weight[i];
    }
}

void float_add(float *sum, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

/* A token's row of the embedding; a frame as the integers have it. */
static void embed(const struct float_model *m, uint32_t token, float *out)
{
    const struct mill *mill = m->mill;
    uint32_t dim = mill->shape.dim;

    if (!mill->shape.features) {
        memcpy(out, m->section.embedding + (size_t)token * dim, dim * sizeof *out);
        return;
    }
    for (uint32_t i = 0; i < dim; i++)
        out[i] = ldexpf(mill->frame[(size_t)token * dim + i],
                        (int)mill->embed_shift - RESIDUAL_FRACTION);
}

void float_model_run(struct float_model *m, uint32_t slot, uint32_t position, const uint32_t *token,
                     uint32_t count, float *logits)
{
    const struct mill_shape *s = &m->mill->shape;

    for (uint32_t t = 0; t < count; t++)
        embed(m, token[t], m->residual + (size_t)t * s->dim);
    for (uint32_t layer = 0; layer < s->layers; layer++) {
        if (s->architecture == ARCHITECTURE_LLAMA)
            float_transformer_layer(m, layer, slot, position, count);
        else
            float_mamba_layer(m, layer, slot, position, count);
    }
    if (!logits)
        return;
    float_rms_norm(m->residual, m->section.final_norm, s->dim, m->section.norm_eps, count,
                   m->normed);
    float_multiply(m->section.head, s->vocab, s->dim, m->normed, count, logits);
}

bool float_buffers(struct float_model *m, const struct float_buffer *buffer, size_t count,
                   uint32_t chunk)
{
    for (size_t i = 0; i < count; i++) {
        *buffer[i].memory = arena_alloc(&m->arena, (size_t)chunk * buffer[i].width, sizeof(float));
        if (!*buffer[i].memory)
            return false;
    }
    return true;
}

static bool allocate(struct float_model *m, uint32_t slots, uint32_t chunk)
{
    const struct mill_shape *s = &m->mill->shape;
    const struct float_buffer buffer[] = {{&m->residual, s->dim}, {&m->normed, s->dim}};

    return float_buffers(m, buffer, sizeof buffer / sizeof *buffer, chunk) &&
           (s->architecture == ARCHITECTURE_LLAMA ? float_transformer_allocate(m, slots, chunk)
                                                  : float_mamba_allocate(m, slots, chunk));
}

struct float_model *float_model_open(const struct mill *mill, uint32_t slots, uint32_t chunk,
                                     struct error *err)
{
    struct float_model *m = calloc(1, sizeof *m);

    if (!m) {
        error_set(err, ERROR_FAILED, "float model: out of memory");
        return NULL;
    }
    m->mill = mill;
    bool ok = float_section_view(mill, &m->section, err);
    if (ok && !allocate(m, slots, chunk))
        ok = error_set(err, ERROR_FAILED, "float model: out of memory");
    if (!ok) {
        float_model_close(m);
        return NULL;
    }
    return m;
}

void float_model_close(struct float_model *m)
{
    if (m) {
        float_section_free(&m->section);
        arena_free(&m->arena);
        free(m);
    }
}
