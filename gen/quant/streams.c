/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/streams.h"

#include <string.h>

#include "gen/op/numerics.h"
#include "gen/quant/block_float.h"

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static bool allocate(struct streams *s)
{
    const struct model *model = s->m->model;
    uint32_t widest = larger(larger(model->dim, s->m->queries), model->hidden_dim);
    uint32_t wide = larger(s->m->qkv_rows, 2 * model->hidden_dim);

    for (int i = 0; i < STREAMS; i++) {
        struct stream *stream = &s->stream[i];
        stream->residual = arena_alloc(&s->arena, s->tokens, model->dim * sizeof(float));
        stream->input = arena_alloc(&s->arena, s->tokens, widest * sizeof(float));
        stream->other_input = arena_alloc(&s->arena, s->tokens, widest * sizeof(float));
        if (!stream->residual || !stream->input || !stream->other_input)
            return false;
    }
    for (unsigned i = 0; i < PARALLEL_PARTS; i++) {
        s->wide[i] = arena_alloc(&s->arena, s->m->length, wide * sizeof(float));
        if (!s->wide[i] || !attention_memory_open(&s->memory[i], s->m, &s->arena))
            return false;
    }
    return true;
}

/* What the hardware keeps of the inputs of the next matrix. */
static void round_inputs(const struct streams *s, int stream, float *input, uint32_t columns)
{
    if (stream == STREAM_ROUNDED)
        block_float_round(input, s->m->length, columns, columns, BLOCK, s->act_bits);
}

static void norm(const struct streams *s, int stream, uint32_t sequence)
{
    uint32_t dim = s->m->model->dim;
    size_t at = (size_t)sequence * s->m->length * dim;

    unit_norm(s->m, s->stream[stream].residual + at, s->m->length, s->stream[stream].input + at);
    round_inputs(s, stream, s->stream[stream].input + at, dim);
}

bool streams_open(struct streams *s, const struct folded_model *m,
                  const struct calibration *calibration, const struct float_matrix *embedding,
                  unsigned act_bits, struct error *err)
{
    const struct float_matrix *table[STREAMS] = {&m->embedding, embedding};
    uint32_t dim = m->model->dim;

    *s = (struct streams){.m = m,
                          .sequences = calibration->sequences,
                          .tokens = calibration->sequences * calibration->length,
                          .act_bits = act_bits};
    if (!allocate(s)) {
        streams_close(s);
        return error_set(err, ERROR_FAILED, "%s: out of memory for %u tokens of calibration",
                         m->model->name, calibration->sequences * calibration->length);
    }
    for (int i = 0; i < STREAMS; i++) {
        for (uint32_t t = 0; t < s->tokens; t++)
            memcpy(s->stream[i].residual + (size_t)t * dim,
                   table[i]->value + (size_t)calibration->token[t] * dim, dim * sizeof(float));
        for (uint32_t sequence = 0; sequence < s->sequences; sequence++)
            norm(s, i, sequence);
    }
    return true;
}

void streams_close(struct streams *s)
{
    arena_free(&s->arena);
    *s = (struct streams){0};
}

/* One sequence of one stream through one matrix and what follows it. */
typedef void step(struct streams *s, int stream, const struct float_matrix *matrix,
                  uint32_t sequence, unsigned part);

struct job {
    struct streams *s;
    const struct float_matrix *const *matrix;
    step *step;
};

static void run_part(void *context, unsigned part)
{
    const struct job *job = context;
    uint32_t end = parallel_first(job->s->sequences, part + 1);

    for (uint32_t i = parallel_first(job->s->sequences, part); i < end; i++)
        for (int stream = 0; stream < STREAMS; stream++)
            job->step(job->s, stream, job->matrix[stream], i, part);
}

static void swap_inputs(struct streams *s)
{
    for (int i = 0; i < STREAMS; i++) {
        float *input = s->stream[i].input;
        s->stream[i].input = s->stream[i].other_input;
        s->stream[i].other_input = input;
    }
}

static void attend(struct streams *s, int stream, const struct float_matrix *matrix,
                   uint32_t sequence, unsigned part)
{
    const struct folded_model *m = s->m;
    size_t first = (size_t)sequence * m->length;
    float *out = s->stream[stream].other_input + first * m->queries;

    matrix_apply(matrix, s->stream[stream].input + first * m->model->dim, m->length, s->wide[part]);
    rotate_heads(m, s->wide[part], 0, m->length, 1);
    if (stream == STREAM_ROUNDED)
        round_heads(m, s->wide[part], m->length);
    attention_forward(m, &s->memory[part], s->wide[part], out);
    round_inputs(s, stream, out, m->queries);
}

void streams_attend(struct streams *s, const struct float_matrix *const matrix[STREAMS])
{
    parallel_run(run_part, &(struct job){s, matrix, attend});
    swap_inputs(s);
}

static void gate(struct streams *s, int stream, const struct float_matrix *matrix,
                 uint32_t sequence, unsigned part)
{
    const struct folded_model *m = s->m;
    size_t first = (size_t)sequence * m->length;
    float *out = s->stream[stream].other_input + first * m->model->hidden_dim;

    matrix_apply(matrix, s->stream[stream].input + first * m->model->dim, m->length, s->wide[part]);
    gated_unit(m, s->wide[part], m->length, out);
    round_inputs(s, stream, out, m->model->hidden_dim);
}

void streams_gate(struct streams *s, const struct float_matrix *const matrix[STREAMS])
{
    parallel_run(run_part, &(struct job){s, matrix, gate});
    swap_inputs(s);
}

static void add(struct streams *s, int stream, const struct float_matrix *matrix, uint32_t sequence,
                unsigned part)
{
    size_t first = (size_t)sequence * s->m->length;
    (void)part;

    matrix_apply_add(matrix, s->stream[stream].input + first * matrix->columns, s->m->length,
                     s->stream[stream].residual + first * matrix->rows);
}

static void norm_only(struct streams *s, int stream, const struct float_matrix *matrix,
                      uint32_t sequence, unsigned part)
{
    (void)matrix, (void)part;
    norm(s, stream, sequence);
}

void streams_add_and_norm(struct streams *s, const struct float_matrix *const matrix[STREAMS])
{
    parallel_run(run_part, &(struct job){s, matrix, add});
    parallel_run(run_part, &(struct job){s, matrix, norm_only});
}
