/* SPDX-License-Identifier: Apache-2.0 */
/* A layer of Llama's forward pass (Touvron et al. 2023, section 2.2). */
#include <math.h>
#include <string.h>

#include "gen/graph/float_model_inside.h"

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

static void run_attention(struct float_model *m, uint32_t layer, uint32_t slot, uint32_t position,
                          uint32_t count)
{
    const struct mill_shape *s = &m->mill->shape;
    const struct float_layer *l = &m->section.layer[layer];
    float *key = cache_row(m, m->key[slot], layer, position);
    float *value = cache_row(m, m->value[slot], layer, position);

    float_rms_norm(m->residual, l->attention_norm, s->dim, m->section.norm_eps, count, m->normed);
    float_observe(m, MATRIX_QKV, layer, m->normed, s->dim, count);
    float_multiply(l->wq, m->queries, s->dim, m->normed, count, m->query);
    float_multiply(l->wk, m->keys, s->dim, m->normed, count, key);
    float_multiply(l->wv, m->keys, s->dim, m->normed, count, value);
    rotate_heads(m, m->query, m->queries, position, count);
    rotate_heads(m, key, m->keys, position, count);

    for (uint32_t t = 0; t < count; t++)
        for (uint32_t h = 0; h < s->heads; h++) {
            size_t at = (size_t)t * m->queries + (size_t)h * s->head_dim;
            uint32_t kv = h / (s->heads / s->kv_heads) * s->head_dim;
            attend(m, m->query + at, cache_row(m, m->key[slot], layer, 0) + kv,
                   cache_row(m, m->value[slot], layer, 0) + kv, position + t, m->attention + at);
        }
    float_observe(m, MATRIX_OUTPUT, layer, m->attention, m->queries, count);
    float_multiply(l->wo, s->dim, m->queries, m->attention, count, m->normed);
    float_add(m->residual, m->normed, (size_t)count * s->dim);
}

static void run_feed_forward(struct float_model *m, uint32_t layer, uint32_t count)
{
    const struct mill_shape *s = &m->mill->shape;
    const struct float_layer *l = &m->section.layer[layer];

    float_rms_norm(m->residual, l->ffn_norm, s->dim, m->section.norm_eps, count, m->normed);
    float_observe(m, MATRIX_GATE_UP, layer, m->normed, s->dim, count);
    float_multiply(l->w_gate, s->hidden_dim, s->dim, m->normed, count, m->gate);
    float_multiply(l->w_up, s->hidden_dim, s->dim, m->normed, count, m->up);
    for (size_t i = 0; i < (size_t)count * s->hidden_dim; i++)
        m->gate[i] = m->gate[i] / (1 + expf(-m->gate[i])) * m->up[i];
    float_observe(m, MATRIX_DOWN, layer, m->gate, s->hidden_dim, count);
    float_multiply(l->w_down, s->dim, s->hidden_dim, m->gate, count, m->normed);
    float_add(m->residual, m->normed, (size_t)count * s->dim);
}

void float_transformer_layer(struct float_model *m, uint32_t layer, uint32_t slot,
                             uint32_t position, uint32_t count)
{
    run_attention(m, layer, slot, position, count);
    run_feed_forward(m, layer, count);
}

bool float_transformer_allocate(struct float_model *m, uint32_t slots, uint32_t chunk)
{
    const struct mill_shape *s = &m->mill->shape;

    m->queries = s->heads * s->head_dim;
    m->keys = s->kv_heads * s->head_dim;
    const struct float_buffer buffer[] = {{&m->query, m->queries},
                                          {&m->attention, m->queries},
                                          {&m->gate, s->hidden_dim},
                                          {&m->up, s->hidden_dim}};
    m->score = arena_alloc(&m->arena, s->max_seq, sizeof(float));
    m->key = arena_alloc(&m->arena, slots, sizeof *m->key);
    m->value = arena_alloc(&m->arena, slots, sizeof *m->value);
    if (!m->score || !m->key || !m->value ||
        !float_buffers(m, buffer, sizeof buffer / sizeof *buffer, chunk))
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
