/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/graph/float_model.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct float_model {
    const struct mill *mill;
    struct float_section section;
    uint32_t queries, keys; /* heads * head_dim, kv_heads * head_dim */
    float *residual, *normed, *query, *attention, *gate, *up; /* [chunk][...] */
    float *score;                                             /* [max_seq] */
    float **key, **value;                                     /* [slot]: [layer][max_seq][keys] */
    const struct float_observer *observer;                    /* or NULL */
    struct arena arena;
};

/* out[count][rows] = in[count][columns] * weight[rows][columns]^T */
static void multiply(const float *weight, uint32_t rows, uint32_t columns, const float *in,
                     uint32_t count, float *out)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, (int)rows, (int)columns, 1, in,
                (int)columns, weight, (int)columns, 0, out, (int)rows);
}

static void observe(const struct float_model *m, enum matrix_kind kind, uint32_t layer,
                    const float *input, uint32_t columns, uint32_t count)
{
    if (m->observer)
        m->observer->see(m->observer->context, kind, layer, input, columns, count);
}

void float_model_observe(struct float_model *m, const struct float_observer *observer)
{
    m->observer = observer;
}

static void rms_norm(const float *in, const float *weight, uint32_t dim, float eps, uint32_t count,
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

static void rotate(const struct float_model *m, float *head, uint32_t position)
{
    for (uint32_t i = 0; i < m->mill->shape.head_dim / 2; i++, head += 2) {
        float angle = (float)position * m->section.rope_frequency[i];
        float c = cosf(angle), s = sinf(angle), x = head[0], y = head[1];
        head[0] = x * c - y * s;
        head[1] = x * s + y * c;
    }
}

static void rotate_heads(const struct float_model *m, float *heads, uint32_t width,
                         uint32_t position, uint32_t count)
{
    for (uint32_t t = 0; t < count; t++)
        for (uint32_t h = 0; h < width; h += m->mill->shape.head_dim)
            rotate(m, heads + (size_t)t * width + h, position + t);
}

static float *cache_row(const struct float_model *m, float *cache, uint32_t layer,
                        uint32_t position)
{
    return cache + ((size_t)layer * m->mill->shape.max_seq + position) * m->keys;
}

/* Softmax in place. */
static void softmax(float *x, uint32_t count)
{
    float largest = x[0], sum = 0;

    for (uint32_t i = 1; i < count; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (uint32_t i = 0; i < count; i++)
        sum += x[i] = expf(x[i] - largest);
    for (uint32_t i = 0; i < count; i++)
        x[i] /= sum;
}

/* One head of one position over positions 0..position. */
static void attend(const struct float_model *m, const float *query, const float *key,
                   const float *value, uint32_t position, float *out)
{
    uint32_t head_dim = m->mill->shape.head_dim;
    float factor = m->section.rope_attention_scale / sqrtf((float)head_dim);

    for (uint32_t t = 0; t <= position; t++) {
        float dot = 0;
        for (uint32_t i = 0; i < head_dim; i++)
            dot += query[i] * key[(size_t)t * m->keys + i];
        m->score[t] = dot * factor;
    }
    softmax(m->score, position + 1);
    memset(out, 0, head_dim * sizeof *out);
    for (uint32_t t = 0; t <= position; t++)
        for (uint32_t i = 0; i < head_dim; i++)
            out[i] += m->score[t] * value[(size_t)t * m->keys + i];
}

static void add_to(float *sum, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

static void run_attention(struct float_model *m, uint32_t layer, uint32_t slot, uint32_t position,
                          uint32_t count)
{
    const struct mill_shape *s = &m->mill->shape;
    const struct float_layer *l = &m->section.layer[layer];
    float *key = cache_row(m, m->key[slot], layer, position);
    float *value = cache_row(m, m->value[slot], layer, position);

    rms_norm(m->residual, l->attention_norm, s->dim, m->section.norm_eps, count, m->normed);
    observe(m, MATRIX_QKV, layer, m->normed, s->dim, count);
    multiply(l->wq, m->queries, s->dim, m->normed, count, m->query);
    multiply(l->wk, m->keys, s->dim, m->normed, count, key);
    multiply(l->wv, m->keys, s->dim, m->normed, count, value);
    rotate_heads(m, m->query, m->queries, position, count);
    rotate_heads(m, key, m->keys, position, count);

    for (uint32_t t = 0; t < count; t++)
        for (uint32_t h = 0; h < s->heads; h++) {
            size_t at = (size_t)t * m->queries + (size_t)h * s->head_dim;
            uint32_t kv = h / (s->heads / s->kv_heads) * s->head_dim;
            attend(m, m->query + at, cache_row(m, m->key[slot], layer, 0) + kv,
                   cache_row(m, m->value[slot], layer, 0) + kv, position + t, m->attention + at);
        }
    observe(m, MATRIX_OUTPUT, layer, m->attention, m->queries, count);
    multiply(l->wo, s->dim, m->queries, m->attention, count, m->normed);
    add_to(m->residual, m->normed, (size_t)count * s->dim);
}

static void run_feed_forward(struct float_model *m, uint32_t layer, uint32_t count)
{
    const struct mill_shape *s = &m->mill->shape;
    const struct float_layer *l = &m->section.layer[layer];

    rms_norm(m->residual, l->ffn_norm, s->dim, m->section.norm_eps, count, m->normed);
    observe(m, MATRIX_GATE_UP, layer, m->normed, s->dim, count);
    multiply(l->w_gate, s->hidden_dim, s->dim, m->normed, count, m->gate);
    multiply(l->w_up, s->hidden_dim, s->dim, m->normed, count, m->up);
    for (size_t i = 0; i < (size_t)count * s->hidden_dim; i++)
        m->gate[i] = m->gate[i] / (1 + expf(-m->gate[i])) * m->up[i];
    observe(m, MATRIX_DOWN, layer, m->gate, s->hidden_dim, count);
    multiply(l->w_down, s->dim, s->hidden_dim, m->gate, count, m->normed);
    add_to(m->residual, m->normed, (size_t)count * s->dim);
}

void float_model_run(struct float_model *m, uint32_t slot, uint32_t position, const uint32_t *token,
                     uint32_t count, float *logits)
{
    const struct mill_shape *s = &m->mill->shape;

    for (uint32_t t = 0; t < count; t++)
        memcpy(m->residual + (size_t)t * s->dim, m->section.embedding + (size_t)token[t] * s->dim,
               s->dim * sizeof(float));
    for (uint32_t layer = 0; layer < s->layers; layer++) {
        run_attention(m, layer, slot, position, count);
        run_feed_forward(m, layer, count);
    }
    if (!logits)
        return;
    rms_norm(m->residual, m->section.final_norm, s->dim, m->section.norm_eps, count, m->normed);
    multiply(m->section.head, s->vocab, s->dim, m->normed, count, logits);
}

static bool allocate(struct float_model *m, uint32_t slots, uint32_t chunk)
{
    const struct mill_shape *s = &m->mill->shape;
    const struct {
        float **memory;
        uint32_t width;
    } buffer[] = {{&m->residual, s->dim},      {&m->normed, s->dim},      {&m->query, m->queries},
                  {&m->attention, m->queries}, {&m->gate, s->hidden_dim}, {&m->up, s->hidden_dim}};

    for (size_t i = 0; i < sizeof buffer / sizeof buffer[0]; i++)
        if (!(*buffer[i].memory =
                  arena_alloc(&m->arena, (size_t)chunk * buffer[i].width, sizeof(float))))
            return false;
    m->score = arena_alloc(&m->arena, s->max_seq, sizeof(float));
    m->key = arena_alloc(&m->arena, slots, sizeof *m->key);
    m->value = arena_alloc(&m->arena, slots, sizeof *m->value);
    if (!m->score || !m->key || !m->value)
        return false;
    size_t floats = (size_t)s->layers * s->max_seq * m->keys;
    for (uint32_t i = 0; i < slots; i++) {
        m->key[i] = arena_alloc(&m->arena, floats, sizeof(float));
        m->value[i] = arena_alloc(&m->arena, floats, sizeof(float));
        if (!m->key[i] || !m->value[i])
            return false;
    }
    return true;
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
    m->queries = mill->shape.heads * mill->shape.head_dim;
    m->keys = mill->shape.kv_heads * mill->shape.head_dim;
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
        free(m->section.layer);
        arena_free(&m->arena);
        free(m);
    }
}
