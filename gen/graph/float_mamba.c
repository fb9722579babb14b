/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of Mamba (Gu and Dao 2023, section 3) or Mamba-2 (Dao and Gu 2024,
 * section 7), as a recurrence: one token after another, whatever the chunk.
 */
#include <math.h>
#include <string.h>

#include "gen/graph/float_model_inside.h"

static float silu(float x)
{
    return x / (1 + expf(-x));
}

static float softplus(float x)
{
    return x > 20 ? x : log1pf(expf(x));
}

/* Where a token's parts of the input projection are. */
struct projection {
    const float *z, *x, *dt; /* dt: of Mamba-2 */
};

static struct projection find_parts(const struct float_model *m, uint32_t token)
{
    const struct mixer_shape *s = &m->mill->shape.mixer;
    const float *row = m->projected + (size_t)token * mixer_in_rows(s);

    if (s->dt_rank)
        return (struct projection){.x = row, .z = row + s->inner};
    return (struct projection){
        .z = row, .x = row + s->inner, .dt = row + s->inner + mixer_channels(s)};
}

/* The causal convolution of one token and SiLU; `past` holds the inputs of the
 * tokens before it, the oldest first. */
static void convolve(const struct mixer_shape *s, const struct float_mamba_layer *l, const float *x,
                     float *past, float *out)
{
    uint32_t channels = mixer_channels(s), kept = s->conv_width - 1;

    for (uint32_t c = 0; c < channels; c++) {
        const float *tap = l->conv + (size_t)c * s->conv_width;
        float sum = l->conv_bias[c] + tap[kept] * x[c];
        for (uint32_t k = 0; k < kept; k++)
            sum += tap[k] * past[(size_t)k * channels + c];
        out[c] = silu(sum);
    }
    if (kept) {
        memmove(past, past + channels, (size_t)(kept - 1) * channels * sizeof *past);
        memcpy(past + (size_t)(kept - 1) * channels, x, channels * sizeof *past);
    }
}

/* h = exp(dt A) h + dt x B; the result is h . C. */
static float scan_channel(float *h, uint32_t state, float input, const float *keep, const float *b,
                          const float *c)
{
    float sum = 0;

    for (uint32_t n = 0; n < state; n++) {
        h[n] = h[n] * keep[n] + input * b[n];
        sum += h[n] * c[n];
    }
    return sum;
}

/* One token: y = h . C + D x. */
static void scan(const struct float_model *m, const struct float_mamba_layer *l, uint32_t token,
                 float *h)
{
    const struct mixer_shape *s = &m->mill->shape.mixer;
    uint32_t channels = mixer_channels(s), width = s->inner / s->heads;
    const float *x = m->convolved + (size_t)token * channels;
    const float *dt = m->step + (size_t)token * s->heads;
    const float *b =
        s->dt_rank ? m->parameter + (size_t)token * mixer_x_rows(s) + s->dt_rank : x + s->inner;
    const float *c = b + s->state;
    float keep[1024]; /* the most that check_mixer allows */

    for (uint32_t i = 0; i < s->inner; i++, h += s->state) {
        uint32_t head = i / width;
        const float *decay = l->decay + (s->dt_rank ? (size_t)i * s->state : head);
        if (s->dt_rank || i % width == 0)
            for (uint32_t n = 0; n < s->state; n++)
                keep[n] = s->dt_rank || n == 0 ? expf(-dt[head] * decay[n]) : keep[0];
        m->scanned[(size_t)token * s->inner + i] =
            scan_channel(h, s->state, dt[head] * x[i], keep, b, c) + l->d[head] * x[i];
    }
}

/* m->step: Mamba projects it from what x_proj makes of x. */
static void find_steps(struct float_model *m, uint32_t layer, uint32_t count)
{
    const struct mixer_shape *s = &m->mill->shape.mixer;
    const struct float_mamba_layer *l = &m->section.mamba_layer[layer];

    if (s->dt_rank) {
        uint32_t rows = mixer_x_rows(s);
        float *low = m->scanned; /* not in use yet: [count][dt_rank] */
        float_observe(m, MATRIX_MIXER_X, layer, m->convolved, s->inner, count);
        float_multiply(l->x_proj, rows, s->inner, m->convolved, count, m->parameter);
        float_observe_range(m, RANGE_PARAMETER, layer, m->parameter, (size_t)count * rows);
        for (uint32_t t = 0; t < count; t++)
            memcpy(low + (size_t)t * s->dt_rank, m->parameter + (size_t)t * rows,
                   s->dt_rank * sizeof *low);
        float_observe(m, MATRIX_MIXER_DT, layer, low, s->dt_rank, count);
        float_multiply(l->dt_proj, s->inner, s->dt_rank, low, count, m->step);
    } else {
        for (uint32_t t = 0; t < count; t++)
            memcpy(m->step + (size_t)t * s->heads, find_parts(m, t).dt, s->heads * sizeof *m->step);
    }
    for (uint32_t t = 0; t < count; t++)
        for (uint32_t h = 0; h < s->heads; h++) {
            float *step = m->step + (size_t)t * s->heads + h;
            *step = softplus(*step + l->dt_bias[h]);
        }
}

void float_mamba_layer(struct float_model *m, uint32_t layer, uint32_t slot, uint32_t position,
                       uint32_t count)
{
    const struct mill_shape *shape = &m->mill->shape;
    const struct mixer_shape *s = &shape->mixer;
    const struct float_mamba_layer *l = &m->section.mamba_layer[layer];
    uint32_t channels = mixer_channels(s);
    size_t past_floats = (size_t)(s->conv_width - 1) * channels,
           states = (size_t)s->inner * s->state;
    float *past = m->conv_state[slot] + layer * past_floats;
    float *state = m->scan_state[slot] + layer * states;

    if (position == 0) {
        memset(past, 0, past_floats * sizeof *past);
        memset(state, 0, states * sizeof *state);
    }
    float_rms_norm(m->residual, l->norm, shape->dim, m->section.norm_eps, count, m->normed);
    float_observe(m, MATRIX_MIXER_IN, layer, m->normed, shape->dim, count);
    float_multiply(l->in_proj, mixer_in_rows(s), shape->dim, m->normed, count, m->projected);
    for (uint32_t t = 0; t < count; t++)
        convolve(s, l, find_parts(m, t).x, past, m->convolved + (size_t)t * channels);
    find_steps(m, layer, count);
    for (uint32_t t = 0; t < count; t++) {
        float *y = m->scanned + (size_t)t * s->inner;
        const float *z = find_parts(m, t).z;
        scan(m, l, t, state);
        float_observe_range(m, RANGE_STATE, layer, state, states);
        float_observe_range(m, RANGE_SCANNED, layer, y, s->inner);
        for (uint32_t i = 0; i < s->inner; i++)
            y[i] *= silu(z[i]);
        float_observe_range(m, RANGE_GATED, layer, y, s->inner);
    }
    if (!s->dt_rank)
        float_rms_norm(m->scanned, l->gated_norm, s->inner, m->section.norm_eps, count, m->scanned);
    float_observe(m, MATRIX_MIXER_OUT, layer, m->scanned, s->inner, count);
    float_multiply(l->out_proj, shape->dim, s->inner, m->scanned, count, m->normed);
    float_add(m->residual, m->normed, (size_t)count * shape->dim);
}

bool float_mamba_allocate(struct float_model *m, uint32_t slots, uint32_t chunk)
{
    const struct mill_shape *shape = &m->mill->shape;
    const struct mixer_shape *s = &shape->mixer;
    size_t past = (size_t)shape->layers * (s->conv_width - 1) * mixer_channels(s);
    const struct float_buffer buffer[] = {{&m->projected, mixer_in_rows(s)},
                                          {&m->convolved, mixer_channels(s)},
                                          {&m->parameter, mixer_x_rows(s)},
                                          {&m->step, s->heads},
                                          {&m->scanned, s->inner}};

    m->conv_state = arena_alloc(&m->arena, slots, sizeof *m->conv_state);
    m->scan_state = arena_alloc(&m->arena, slots, sizeof *m->scan_state);
    if (!m->conv_state || !m->scan_state ||
        !float_buffers(m, buffer, sizeof buffer / sizeof *buffer, chunk))
        return false;
    for (uint32_t i = 0; i < slots; i++) {
        m->conv_state[i] = arena_alloc(&m->arena, past, sizeof(float));
        m->scan_state[i] =
            arena_alloc(&m->arena, (size_t)shape->layers * s->inner * s->state, sizeof(float));
        if (!m->conv_state[i] || !m->scan_state[i])
            return false;
    }
    return true;
}
