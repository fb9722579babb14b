/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/folded_model.h"

#include <cblas.h>
#include <math.h>

#include "gen/quant/block_float.h"
#include "gen/quant/float_lanes.h"

static bool fold_layers(struct folded_model *m, struct error *err)
{
    for (uint32_t i = 0; i < m->model->layers; i++) {
        struct folded_layer *l = &m->layer[i];
        if (!fold_matrix(m->model, i, MATRIX_QKV, &l->qkv, err) ||
            !fold_matrix(m->model, i, MATRIX_OUTPUT, &l->output, err) ||
            !fold_matrix(m->model, i, MATRIX_GATE_UP, &l->gate_up, err) ||
            !fold_matrix(m->model, i, MATRIX_DOWN, &l->down, err))
            return false;
    }
    return fold_matrix(m->model, 0, MATRIX_EMBEDDING, &m->embedding, err) &&
           fold_matrix(m->model, 0, MATRIX_HEAD, &m->head, err);
}

static void fill_rotation(struct folded_model *m)
{
    float *at = m->rotation;

    for (uint32_t t = 0; t < m->length; t++)
        for (uint32_t i = 0; i < m->model->head_dim / 2; i++) {
            double angle = t * (double)m->model->rope_frequency[i];
            *at++ = (float)cos(angle);
            *at++ = (float)sin(angle);
        }
}

bool folded_model_open(struct folded_model *m, const struct model *model, uint32_t length,
                       struct error *err)
{
    *m = (struct folded_model){
        .model = model,
        .queries = model->heads * model->head_dim,
        .keys = model->kv_heads * model->head_dim,
        .length = length,
    };
    m->qkv_rows = m->queries + 2 * m->keys;
    m->rotation = arena_alloc(&m->arena, length, model->head_dim * sizeof *m->rotation);
    m->layer = arena_alloc(&m->arena, model->layers, sizeof *m->layer);
    bool ok = m->rotation && m->layer;
    if (!ok)
        error_set(err, ERROR_FAILED, "%s: out of memory", model->name);
    if (!ok || !fold_layers(m, err)) {
        folded_model_close(m);
        return false;
    }
    fill_rotation(m);
    return true;
}

void folded_model_close(struct folded_model *m)
{
    for (uint32_t i = 0; m->layer && i < m->model->layers; i++) {
        float_matrix_free(&m->layer[i].qkv);
        float_matrix_free(&m->layer[i].output);
        float_matrix_free(&m->layer[i].gate_up);
        float_matrix_free(&m->layer[i].down);
    }
    float_matrix_free(&m->embedding);
    float_matrix_free(&m->head);
    arena_free(&m->arena);
    *m = (struct folded_model){0};
}

void unit_norm(const struct folded_model *m, const float *x, uint32_t count, float *out)
{
    uint32_t dim = m->model->dim;

    for (uint32_t t = 0; t < count; t++, x += dim, out += dim) {
        float sum = cblas_sdot((int)dim, x, 1, x, 1) + m->model->norm_eps * (float)dim;
        float factor = 1 / sqrtf(sum);
        for (uint32_t i = 0; i < dim; i++)
            out[i] = x[i] * factor;
    }
}

static void multiply(const struct float_matrix *w, const float *in, uint32_t count, float keep,
                     float *out)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, (int)w->rows, (int)w->columns,
                1, in, (int)w->columns, w->value, (int)w->columns, keep, out, (int)w->rows);
}

void matrix_apply(const struct float_matrix *w, const float *in, uint32_t count, float *out)
{
    multiply(w, in, count, 0, out);
}

void matrix_apply_add(const struct float_matrix *w, const float *in, uint32_t count, float *out)
{
    multiply(w, in, count, 1, out);
}

void rotate_heads(const struct folded_model *m, float *qkv, uint32_t position, uint32_t count,
                  int direction)
{
    uint32_t head_dim = m->model->head_dim, rotated = m->queries + m->keys;

    for (uint32_t t = 0; t < count; t++) {
        const float *rotation = m->rotation + (size_t)(position + t) * head_dim;
        for (uint32_t first = 0; first < rotated; first += head_dim) {
            float *x = qkv + (size_t)t * m->qkv_rows + first;
            for (uint32_t i = 0; i < head_dim; i += 2) {
                float c = rotation[i], s = (float)direction * rotation[i + 1];
                float x0 = x[i], x1 = x[i + 1];
                x[i] = x0 * c - x1 * s;
                x[i + 1] = x0 * s + x1 * c;
            }
        }
    }
}

void round_heads(const struct folded_model *m, float *qkv, uint32_t count)
{
    block_float_round(qkv, count, m->qkv_rows, m->qkv_rows, m->model->head_dim, 8);
}

void gated_unit(const struct folded_model *m, const float *gate_up, uint32_t count, float *out)
{
    uint32_t hidden = m->model->hidden_dim;

    for (uint32_t t = 0; t < count; t++, gate_up += (size_t)2 * hidden, out += hidden)
        for (uint32_t i = 0; i < hidden; i += FLOAT_LANES) {
            uint32_t rest = hidden - i, n = rest < FLOAT_LANES ? rest : FLOAT_LANES;
            float_lanes gate = {0}, up = {0};
            memcpy(&gate, gate_up + i, n * sizeof(float));
            memcpy(&up, gate_up + hidden + i, n * sizeof(float));
            float_lanes e = gate * -1.44269504f;
            lanes_exp2(&e);
            float_lanes result = gate / (1 + e) * up;
            memcpy(out + i, &result, n * sizeof(float));
        }
}
