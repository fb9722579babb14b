/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/backward.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum { LOGIT_ROWS = 16 }; /* positions whose logits are held at a time */

bool backward_open(struct backward *b, const struct folded_model *m)
{
    uint32_t dim = m->model->dim, hidden = m->model->hidden_dim;
    uint32_t widest = m->qkv_rows > 2 * hidden ? m->qkv_rows : 2 * hidden;

    *b = (struct backward){0};
    b->layer = arena_alloc(&b->arena, m->model->layers, sizeof *b->layer);
    if (!b->layer)
        return false;
    for (uint32_t i = 0; i < m->model->layers; i++) {
        struct layer_record *l = &b->layer[i];
        l->before_attention = arena_alloc(&b->arena, m->length, dim * sizeof(float));
        l->qkv = arena_alloc(&b->arena, m->length, m->qkv_rows * sizeof(float));
        l->before_feed_forward = arena_alloc(&b->arena, m->length, dim * sizeof(float));
        l->gate_up = arena_alloc(&b->arena, m->length, 2 * hidden * sizeof(float));
        if (!l->before_attention || !l->qkv || !l->before_feed_forward || !l->gate_up)
            return false;
    }
    b->residual = arena_alloc(&b->arena, m->length, dim * sizeof(float));
    b->normed = arena_alloc(&b->arena, m->length, dim * sizeof(float));
    b->normed_gradient = arena_alloc(&b->arena, m->length, dim * sizeof(float));
    b->attention = arena_alloc(&b->arena, m->length, m->queries * sizeof(float));
    b->gated = arena_alloc(&b->arena, m->length, hidden * sizeof(float));
    b->wide = arena_alloc(&b->arena, m->length, widest * sizeof(float));
    b->logits = arena_alloc(&b->arena, LOGIT_ROWS, m->model->vocab * sizeof(float));
    return b->residual && b->normed && b->normed_gradient && b->attention && b->gated && b->wide &&
           b->logits && attention_memory_open(&b->memory, m, &b->arena);
}

void backward_close(struct backward *b)
{
    arena_free(&b->arena);
    *b = (struct backward){0};
}

static void run_forward(struct backward *b, const struct folded_model *m, const uint32_t *token)
{
    uint32_t dim = m->model->dim;
    size_t stream = (size_t)m->length * dim * sizeof(float);

    for (uint32_t t = 0; t < m->length; t++)
        memcpy(b->residual + (size_t)t * dim, m->embedding.value + (size_t)token[t] * dim,
               dim * sizeof(float));
    for (uint32_t i = 0; i < m->model->layers; i++) {
        struct layer_record *l = &b->layer[i];
        memcpy(l->before_attention, b->residual, stream);
        unit_norm(m, b->residual, m->length, b->normed);
        matrix_apply(&m->layer[i].qkv, b->normed, m->length, l->qkv);
        rotate_heads(m, l->qkv, 0, m->length, 1);
        attention_forward(m, &b->memory, l->qkv, b->attention);
        matrix_apply_add(&m->layer[i].output, b->attention, m->length, b->residual);

        memcpy(l->before_feed_forward, b->residual, stream);
        unit_norm(m, b->residual, m->length, b->normed);
        matrix_apply(&m->layer[i].gate_up, b->normed, m->length, l->gate_up);
        gated_unit(m, l->gate_up, m->length, b->gated);
        matrix_apply_add(&m->layer[i].down, b->gated, m->length, b->residual);
    }
}

/* in[count][columns] = out[count][rows] * w */
static void apply_transposed(const struct float_matrix *w, const float *out, uint32_t count,
                             float *in)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)count, (int)w->columns,
                (int)w->rows, 1, out, (int)w->rows, w->value, (int)w->columns, 0, in,
                (int)w->columns);
}

/* logit = softmax(logit) - [token] */
static void cross_entropy_gradient(float *logit, uint32_t vocab, uint32_t token)
{
    float largest = logit[0];
    double sum = 0;

    for (uint32_t i = 1; i < vocab; i++)
        largest = logit[i] > largest ? logit[i] : largest;
    for (uint32_t i = 0; i < vocab; i++)
        sum += logit[i] = expf(logit[i] - largest);
    for (uint32_t i = 0; i < vocab; i++)
        logit[i] /= (float)sum;
    logit[token] -= 1;
}

/* Gradient by the unit vectors that the head reads; 0 for the last position,
 * whose next token is not known. */
static void head_backward(struct backward *b, const struct folded_model *m, const uint32_t *token)
{
    uint32_t dim = m->model->dim, vocab = m->model->vocab;

    unit_norm(m, b->residual, m->length, b->normed);
    for (uint32_t first = 0; first < m->length; first += LOGIT_ROWS) {
        uint32_t rest = m->length - first, count = rest < LOGIT_ROWS ? rest : LOGIT_ROWS;
        matrix_apply(&m->head, b->normed + (size_t)first * dim, count, b->logits);
        for (uint32_t t = 0; t < count; t++) {
            float *logit = b->logits + (size_t)t * vocab;
            if (first + t + 1 < m->length)
                cross_entropy_gradient(logit, vocab, token[first + t + 1]);
            else
                memset(logit, 0, vocab * sizeof *logit);
        }
        apply_transposed(&m->head, b->logits, count, b->normed_gradient + (size_t)first * dim);
    }
}

/* gradient[length][dim] += by x, from that by its unit vector. */
static void unit_norm_backward(const struct folded_model *m, const float *x,
                               const float *unit_gradient, float *gradient)
{
    uint32_t dim = m->model->dim;

    for (uint32_t t = 0; t < m->length; t++, x += dim, unit_gradient += dim, gradient += dim) {
        float squares = cblas_sdot((int)dim, x, 1, x, 1) + m->model->norm_eps * (float)dim;
        float along = cblas_sdot((int)dim, x, 1, unit_gradient, 1) / squares;
        float factor = 1 / sqrtf(squares);
        for (uint32_t i = 0; i < dim; i++)
            gradient[i] += (unit_gradient[i] - x[i] * along) * factor;
    }
}

/* In place of gate and up their gradient, from that of silu(gate) * up. */
static void gated_unit_backward(const struct folded_model *m, const float *gradient, float *gate_up)
{
    uint32_t hidden = m->model->hidden_dim;

    for (uint32_t t = 0; t < m->length; t++, gate_up += (size_t)2 * hidden, gradient += hidden)
        for (uint32_t i = 0; i < hidden; i++) {
            float gate = gate_up[i], up = gate_up[hidden + i];
            float sigmoid = 1 / (1 + expf(-gate));
            gate_up[i] = gradient[i] * up * sigmoid * (1 + gate * (1 - sigmoid));
            gate_up[hidden + i] = gradient[i] * gate * sigmoid;
        }
}

/* b->residual holds the gradient by the residual stream after the layer. */
static void layer_backward(struct backward *b, const struct folded_model *m, uint32_t layer)
{
    const struct folded_layer *w = &m->layer[layer];
    struct layer_record *l = &b->layer[layer];
    size_t stream = (size_t)m->length * m->model->dim * sizeof(float);

    memcpy(b->normed, b->residual, stream); /* the gradient of down's result */
    apply_transposed(&w->down, b->residual, m->length, b->gated);
    gated_unit_backward(m, b->gated, l->gate_up);
    apply_transposed(&w->gate_up, l->gate_up, m->length, b->normed_gradient);
    unit_norm_backward(m, l->before_feed_forward, b->normed_gradient, b->residual);
    memcpy(l->before_feed_forward, b->normed, stream);

    memcpy(b->normed, b->residual, stream); /* the gradient of output's result */
    apply_transposed(&w->output, b->residual, m->length, b->attention);
    attention_backward(m, &b->memory, l->qkv, b->attention, b->wide);
    memcpy(l->qkv, b->wide, (size_t)m->length * m->qkv_rows * sizeof(float));
    rotate_heads(m, l->qkv, 0, m->length, -1);
    apply_transposed(&w->qkv, l->qkv, m->length, b->normed_gradient);
    unit_norm_backward(m, l->before_attention, b->normed_gradient, b->residual);
    memcpy(l->before_attention, b->normed, stream);
}

void backward_run(struct backward *b, const struct folded_model *m, const uint32_t *token)
{
    size_t stream = (size_t)m->length * m->model->dim * sizeof(float);

    run_forward(b, m, token);
    head_backward(b, m, token);
    memcpy(b->normed, b->residual, stream);
    memset(b->residual, 0, stream);
    unit_norm_backward(m, b->normed, b->normed_gradient, b->residual);
    for (uint32_t i = m->model->layers; i-- > 0;)
        layer_backward(b, m, i);
}
