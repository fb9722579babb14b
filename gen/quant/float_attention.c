/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/float_attention.h"

#include <math.h>

#include "gen/quant/float_lanes.h"

bool attention_memory_open(struct attention_memory *a, const struct folded_model *m,
                           struct arena *arena)
{
    a->stride = lanes_round_up(m->length);
    float **plane[] = {&a->key, &a->value, &a->key_gradient, &a->value_gradient};
    for (size_t i = 0; i < sizeof plane / sizeof plane[0]; i++)
        if (!(*plane[i] = arena_alloc(arena, m->keys, a->stride * sizeof(float))))
            return false;
    a->probability = arena_alloc(arena, a->stride, sizeof(float));
    a->score_gradient = arena_alloc(arena, a->stride, sizeof(float));
    return a->probability && a->score_gradient;
}

void attention_store(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                     uint32_t position, uint32_t count)
{
    for (uint32_t i = 0; i < m->keys; i++) {
        float *key = a->key + (size_t)i * a->stride + position;
        float *value = a->value + (size_t)i * a->stride + position;
        for (uint32_t t = 0; t < count; t++) {
            const float *row = qkv + (size_t)t * m->qkv_rows + m->queries + i;
            key[t] = row[0];
            value[t] = row[m->keys];
        }
    }
}

/* out[t] = sum over i of factor[i] * plane[i][t], for whole lanes from 0 on. */
static void dot_positions(const float *factor, uint32_t head_dim, const float *plane,
                          uint32_t stride, uint32_t positions, float *out)
{
    for (uint32_t t = 0; t < positions; t += FLOAT_LANES) {
        float_lanes sum = {0}, x;
        for (uint32_t i = 0; i < head_dim; i++) {
            lanes_load(&x, plane + (size_t)i * stride + t);
            sum += factor[i] * x;
        }
        lanes_store(out + t, &sum);
    }
}

/* out[i] = sum over t of weight[t] * plane[i][t]; weights past the end are 0. */
static void mix_positions(const float *weight, uint32_t head_dim, const float *plane,
                          uint32_t stride, uint32_t positions, float *out)
{
    for (uint32_t i = 0; i < head_dim; i++) {
        float_lanes sum = {0}, w, x;
        for (uint32_t t = 0; t < positions; t += FLOAT_LANES) {
            lanes_load(&w, weight + t);
            lanes_load(&x, plane + (size_t)i * stride + t);
            sum += w * x;
        }
        out[i] = lanes_sum(&sum);
    }
}

/* plane[i][t] += factor[i] * weight[t] */
static void add_outer(const float *factor, uint32_t head_dim, const float *weight, float *plane,
                      uint32_t stride, uint32_t positions)
{
    for (uint32_t i = 0; i < head_dim; i++)
        for (uint32_t t = 0; t < positions; t += FLOAT_LANES) {
            float *at = plane + (size_t)i * stride + t;
            float_lanes w, x;
            lanes_load(&w, weight + t);
            lanes_load(&x, at);
            x += factor[i] * w;
            lanes_store(at, &x);
        }
}

/* 2^(score - largest) of the first `count` scores in place, 0 after them; returns
 * their sum. */
static float exponentiate(float *score, uint32_t count)
{
    uint32_t whole = lanes_round_up(count);
    float_lanes largest, sum = {0}, x;

    for (uint32_t t = count; t < whole; t++)
        score[t] = -INFINITY;
    lanes_load(&largest, score);
    for (uint32_t t = FLOAT_LANES; t < whole; t += FLOAT_LANES) {
        lanes_load(&x, score + t);
        lanes_max(&largest, &x);
    }
    float top = lanes_largest(&largest);
    for (uint32_t t = 0; t < whole; t += FLOAT_LANES) {
        lanes_load(&x, score + t);
        x -= top;
        lanes_exp2(&x);
        sum += x;
        lanes_store(score + t, &x);
    }
    for (uint32_t t = count; t < whole; t++)
        score[t] = 0;
    return lanes_sum(&sum);
}

static void scale(float *value, uint32_t count, float factor)
{
    for (uint32_t i = 0; i < count; i++)
        value[i] *= factor;
}

static uint32_t kv_offset(const struct folded_model *m, const struct attention_memory *a,
                          uint32_t head)
{
    uint32_t kv_head = head / (m->model->heads / m->model->kv_heads);
    return kv_head * m->model->head_dim * a->stride;
}

void attention_row(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                   uint32_t position, float *out)
{
    uint32_t head_dim = m->model->head_dim, count = position + 1;

    for (uint32_t h = 0; h < m->model->heads; h++) {
        uint32_t at = kv_offset(m, a, h);
        dot_positions(qkv + h * head_dim, head_dim, a->key + at, a->stride, count, a->probability);
        float sum = exponentiate(a->probability, count);
        mix_positions(a->probability, head_dim, a->value + at, a->stride, count,
                      out + h * head_dim);
        scale(out + h * head_dim, head_dim, 1 / sum);
    }
}

void attention_forward(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                       float *out)
{
    attention_store(m, a, qkv, 0, m->length);
    for (uint32_t t = 0; t < m->length; t++)
        attention_row(m, a, qkv + (size_t)t * m->qkv_rows, t, out + (size_t)t * m->queries);
}

/* score_gradient = probability * (gradient - <probability, gradient>) * ln 2 */
static void softmax_backward(const float *probability, uint32_t positions, float *gradient)
{
    float_lanes sum = {0}, p, g;

    for (uint32_t t = 0; t < positions; t += FLOAT_LANES) {
        lanes_load(&p, probability + t);
        lanes_load(&g, gradient + t);
        sum += p * g;
    }
    float mean = lanes_sum(&sum);
    for (uint32_t t = 0; t < positions; t += FLOAT_LANES) {
        lanes_load(&p, probability + t);
        lanes_load(&g, gradient + t);
        g = p * (g - mean) * 0.69314718f;
        lanes_store(gradient + t, &g);
    }
}

static void backward_row(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                         const float *out_gradient, uint32_t position, float *query_gradient)
{
    uint32_t head_dim = m->model->head_dim, count = position + 1;

    for (uint32_t h = 0; h < m->model->heads; h++) {
        uint32_t at = kv_offset(m, a, h);
        const float *query = qkv + h * head_dim, *gradient = out_gradient + h * head_dim;
        dot_positions(query, head_dim, a->key + at, a->stride, count, a->probability);
        scale(a->probability, count, 1 / exponentiate(a->probability, count));
        dot_positions(gradient, head_dim, a->value + at, a->stride, count, a->score_gradient);
        softmax_backward(a->probability, count, a->score_gradient);
        mix_positions(a->score_gradient, head_dim, a->key + at, a->stride, count,
                      query_gradient + h * head_dim);
        add_outer(query, head_dim, a->score_gradient, a->key_gradient + at, a->stride, count);
        add_outer(gradient, head_dim, a->probability, a->value_gradient + at, a->stride, count);
    }
}

void attention_backward(const struct folded_model *m, struct attention_memory *a, const float *qkv,
                        const float *out_gradient, float *qkv_gradient)
{
    size_t plane = (size_t)m->keys * a->stride * sizeof(float);

    memset(a->key_gradient, 0, plane);
    memset(a->value_gradient, 0, plane);
    attention_store(m, a, qkv, 0, m->length);
    for (uint32_t t = 0; t < m->length; t++)
        backward_row(m, a, qkv + (size_t)t * m->qkv_rows, out_gradient + (size_t)t * m->queries, t,
                     qkv_gradient + (size_t)t * m->qkv_rows);
    for (uint32_t i = 0; i < m->keys; i++)
        for (uint32_t t = 0; t < m->length; t++) {
            float *row = qkv_gradient + (size_t)t * m->qkv_rows + m->queries + i;
            row[0] = a->key_gradient[(size_t)i * a->stride + t];
            row[m->keys] = a->value_gradient[(size_t)i * a->stride + t];
        }
}
