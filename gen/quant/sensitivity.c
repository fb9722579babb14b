/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/sensitivity.h"

#include <cblas.h>

#include "base/parallel.h"
#include "gen/quant/backward.h"

enum { BLOCK_MAX = 512 }; /* rows that are looked at together: bounds memory and time */

static bool open_coupling(struct row_coupling *c, uint32_t rows, struct arena *arena)
{
    uint32_t blocks = (rows + BLOCK_MAX - 1) / BLOCK_MAX;

    c->rows = rows;
    c->block = (rows + blocks - 1) / blocks;
    c->value = arena_alloc(arena, rows, c->block * sizeof(float));
    return c->value != NULL;
}

static bool open_layers(struct sensitivity *s, const struct folded_model *m)
{
    s->layer = arena_alloc(&s->arena, m->model->layers, sizeof *s->layer);
    for (uint32_t i = 0; s->layer && i < m->model->layers; i++)
        if (!open_coupling(&s->layer[i].qkv, m->qkv_rows, &s->arena) ||
            !open_coupling(&s->layer[i].output, m->model->dim, &s->arena) ||
            !open_coupling(&s->layer[i].gate_up, 2 * m->model->hidden_dim, &s->arena) ||
            !open_coupling(&s->layer[i].down, m->model->dim, &s->arena))
            return false;
    return s->layer != NULL;
}

/* Add the outer products of `count` gradients. */
static void accumulate(struct row_coupling *c, const float *gradient, uint32_t count)
{
    for (uint32_t first = 0; first < c->rows; first += c->block) {
        uint32_t rest = c->rows - first;
        int rows = (int)(rest < c->block ? rest : c->block);
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, rows, rows, (int)count, 1,
                    gradient + first, (int)c->rows, gradient + first, (int)c->rows, 1,
                    c->value + (size_t)first * c->block, (int)c->block);
    }
}

/* PARALLEL_PARTS sequences at a time: a backward pass each, then the sums, in
 * the sequences' order whatever thread was faster. */
struct job {
    const struct folded_model *m;
    const struct calibration *calibration;
    struct sensitivity *out;
    struct backward backward[PARALLEL_PARTS];
    uint32_t first, count;
};

static void run_part(void *context, unsigned part)
{
    struct job *job = context;
    uint32_t length = job->calibration->length;

    if (part < job->count)
        backward_run(&job->backward[part], job->m,
                     job->calibration->token + (size_t)(job->first + part) * length);
}

static void accumulate_part(void *context, unsigned part)
{
    struct job *job = context;
    uint32_t length = job->calibration->length;

    for (uint32_t i = part; i < job->m->model->layers; i += PARALLEL_PARTS)
        for (uint32_t s = 0; s < job->count; s++) {
            const struct layer_record *g = &job->backward[s].layer[i];
            struct layer_sensitivity *l = &job->out->layer[i];
            accumulate(&l->qkv, g->qkv, length);
            accumulate(&l->output, g->before_attention, length);
            accumulate(&l->gate_up, g->gate_up, length);
            accumulate(&l->down, g->before_feed_forward, length);
        }
}

bool sensitivity_measure(const struct folded_model *model, const struct calibration *calibration,
                         uint32_t sequences, struct sensitivity *out, struct error *err)
{
    struct job job = {.m = model, .calibration = calibration, .out = out};
    bool ok = true;

    *out = (struct sensitivity){0};
    for (unsigned i = 0; ok && i < PARALLEL_PARTS; i++)
        ok = backward_open(&job.backward[i], model);
    ok = ok && open_layers(out, model);
    for (; ok && job.first < sequences; job.first += job.count) {
        uint32_t rest = sequences - job.first;
        job.count = rest < PARALLEL_PARTS ? rest : PARALLEL_PARTS;
        parallel_run(run_part, &job);
        parallel_run(accumulate_part, &job);
    }
    for (unsigned i = 0; i < PARALLEL_PARTS; i++)
        backward_close(&job.backward[i]);
    if (!ok) {
        sensitivity_free(out);
        return error_set(err, ERROR_FAILED, "%s: out of memory for sensitivities",
                         model->model->name);
    }
    return true;
}

void sensitivity_free(struct sensitivity *sensitivity)
{
    arena_free(&sensitivity->arena);
    *sensitivity = (struct sensitivity){0};
}
