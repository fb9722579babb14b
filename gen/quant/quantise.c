/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/quantise.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "gen/quant/target.h"

enum {
    CALIBRATION_SEQUENCES = 64,
    CALIBRATION_LENGTH = 256,
    SENSITIVITY_SEQUENCES = 64,
    PLAIN_SWEEPS = 4,
    COUPLED_SWEEPS = 3,
    HEAD_BITS = 8,
    FINE_GROUP = 16, /* inputs that share a scale */
    COARSE_GROUP = 32,
};

/* Added to a row's own coupling, as a part of the mean. */
#define COUPLING_DAMPING 0.02f

struct quantiser {
    const struct model *model;
    const struct quantise_options *options;
    struct folded_model folded;
    struct calibration calibration;
    struct sensitivity sensitivity;
    struct streams streams;
    struct quantised_model *out;
    uint32_t steps_done;
    struct error *err;
};

static void step_done(struct quantiser *z)
{
    z->steps_done++;
    if (z->options->progress)
        z->options->progress(z->options->context, z->steps_done, 4 * z->model->layers + 4);
}

/* Which rows of a matrix become one quantised matrix. */
struct slice {
    uint32_t rows;
    struct quantised_matrix *out;
};

struct task {
    const struct float_matrix *matrix;
    bool to_residual;
    struct row_coupling *coupling; /* or NULL */
    unsigned bits;
    uint32_t group;
    struct slice slice[3];
};

/* Positive definite, so that no direction is free. */
static struct row_coupling *damp_coupling(struct row_coupling *c)
{
    double sum = 0;

    for (uint32_t r = 0; c && r < c->rows; r++)
        sum += c->value[(size_t)r * c->block + r % c->block];
    if (!(sum > 0))
        return NULL;
    for (uint32_t r = 0; r < c->rows; r++)
        c->value[(size_t)r * c->block + r % c->block] += COUPLING_DAMPING * (float)(sum / c->rows);
    return c;
}

static bool round_fitted(struct quantiser *z, const struct task *task, struct rounding *r)
{
    const struct row_coupling *coupling = damp_coupling(task->coupling);

    for (uint32_t i = 0, first = 0; i < 3 && task->slice[i].rows; first += task->slice[i++].rows)
        rounding_choose_scales(r, first, task->slice[i].rows);
    if (!rounding_gptq(r, z->err) || !rounding_descend(r, NULL, PLAIN_SWEEPS, z->err))
        return false;
    if (coupling && !rounding_descend(r, coupling, COUPLED_SWEEPS, z->err))
        return false;
    for (uint32_t i = 0, first = 0; i < 3 && task->slice[i].rows; first += task->slice[i++].rows)
        if (!rounding_store(r, first, task->slice[i].rows, task->slice[i].out, z->err))
            return false;
    return true;
}

/* Quantise the matrix that reads the streams' inputs; *rounded is its float form. */
static bool quantise_matrix(struct quantiser *z, const struct task *task,
                            struct float_matrix *rounded)
{
    const struct float_matrix *m = task->matrix;
    struct rounding r;

    *rounded = (struct float_matrix){m->rows, m->columns,
                                     malloc((size_t)m->rows * m->columns * sizeof(float))};
    if (!rounded->value)
        return error_set(z->err, ERROR_FAILED, "%s: out of memory", z->model->name);
    if (!rounding_open(&r, m->rows, m->columns, task->bits, task->group, z->err))
        return false;
    bool ok =
        target_fit(&z->streams, m, task->to_residual, &r, z->err) && round_fitted(z, task, &r);
    if (ok)
        rounding_values(&r, rounded->value);
    rounding_close(&r);
    step_done(z);
    return ok;
}

typedef void advance(struct streams *s, const struct float_matrix *const matrix[STREAMS]);

/* Quantise a matrix, then take the streams to the next one. */
static bool run_task(struct quantiser *z, const struct task *task, advance *next)
{
    struct float_matrix rounded = {0};
    bool ok = quantise_matrix(z, task, &rounded);

    if (ok && next)
        next(&z->streams, (const struct float_matrix *const[STREAMS]){task->matrix, &rounded});
    float_matrix_free(&rounded);
    return ok;
}

static bool quantise_layer(struct quantiser *z, uint32_t layer)
{
    const struct folded_layer *l = &z->folded.layer[layer];
    struct layer_sensitivity *s = &z->sensitivity.layer[layer];
    struct quantised_layer *out = &z->out->layer[layer];
    unsigned bits = z->options->weight_bits;
    uint32_t queries = z->folded.queries, keys = z->folded.keys;
    /* Fine groups are worth their half a bit a weight; but an input that is
     * padded to a whole group would take 4-bit matrices over 4.5 bits a weight. */
    uint32_t fine = FINE_GROUP, coarse = bits < 8 ? COARSE_GROUP : FINE_GROUP;
    const struct task qkv = {
        .matrix = &l->qkv,
        .coupling = &s->qkv,
        .bits = bits,
        .group = fine,
        .slice = {{queries, &out->query}, {keys, &out->key}, {keys, &out->value}},
    };
    const struct task output = {&l->output, true, &s->output,
                                bits,       fine, {{l->output.rows, &out->output}}};
    const struct task gate_up = {&l->gate_up, false, &s->gate_up,
                                 bits,        fine,  {{l->gate_up.rows, &out->gate_up}}};
    const struct task down = {&l->down, true, &s->down, bits, coarse, {{l->down.rows, &out->down}}};

    return run_task(z, &qkv, streams_attend) && run_task(z, &output, streams_add_and_norm) &&
           run_task(z, &gate_up, streams_gate) && run_task(z, &down, streams_add_and_norm);
}

/* A table is looked up: its rows are rounded by themselves. */
static bool quantise_embedding(struct quantiser *z, struct float_matrix *rounded)
{
    const struct float_matrix *m = &z->folded.embedding;
    struct rounding r;

    if (!rounding_open(&r, m->rows, m->columns, HEAD_BITS, FINE_GROUP, z->err))
        return false;
    memcpy(r.target, m->value, (size_t)m->rows * m->columns * sizeof(float));
    for (uint32_t c = 0; c < m->columns; c++)
        r.moment[(size_t)c * m->columns + c] = 1;
    rounding_choose_scales(&r, 0, m->rows);
    rounding_to_nearest(&r);
    bool ok = rounding_store(&r, 0, m->rows, &z->out->embedding, z->err);
    rounded->rows = m->rows;
    rounded->columns = m->columns;
    rounded->value = malloc((size_t)m->rows * m->columns * sizeof(float));
    if (ok && !rounded->value)
        ok = error_set(z->err, ERROR_FAILED, "%s: out of memory", z->model->name);
    if (ok)
        rounding_values(&r, rounded->value);
    rounding_close(&r);
    return ok;
}

static bool open_streams(struct quantiser *z)
{
    struct float_matrix embedding = {0};
    bool ok =
        quantise_embedding(z, &embedding) && streams_open(&z->streams, &z->folded, &z->calibration,
                                                          &embedding, z->options->act_bits, z->err);
    float_matrix_free(&embedding);
    step_done(z);
    return ok;
}

static bool calibrate(struct quantiser *z)
{
    const struct model *m = z->model;
    uint32_t length = m->max_seq < CALIBRATION_LENGTH ? m->max_seq : CALIBRATION_LENGTH;
    const char *path = z->options->calibration;

    if (!folded_model_open(&z->folded, m, length, z->err))
        return false;
    bool ok =
        path ? calibration_read(m, path, CALIBRATION_SEQUENCES, length, &z->calibration, z->err)
             : calibration_write(&z->folded, CALIBRATION_SEQUENCES, &z->calibration, z->err);
    step_done(z);
    if (!ok)
        return false;
    uint32_t sequences = z->calibration.sequences;
    if (sequences > SENSITIVITY_SEQUENCES)
        sequences = SENSITIVITY_SEQUENCES;
    ok = sensitivity_measure(&z->folded, &z->calibration, sequences, &z->sensitivity, z->err);
    step_done(z);
    return ok;
}

static bool quantise_head(struct quantiser *z)
{
    const struct float_matrix *m = &z->folded.head;
    const struct task head = {
        .matrix = m, .bits = HEAD_BITS, .group = FINE_GROUP, .slice = {{m->rows, &z->out->head}}};

    return run_task(z, &head, NULL);
}

static bool quantise(struct quantiser *z)
{
    if (!calibrate(z) || !open_streams(z))
        return false;
    for (uint32_t i = 0; i < z->model->layers; i++)
        if (!quantise_layer(z, i))
            return false;
    return quantise_head(z);
}

bool quantise_model(const struct model *model, const struct quantise_options *options,
                    struct quantised_model *out, struct error *err)
{
    struct quantiser z = {.model = model, .options = options, .out = out, .err = err};
    int threads = openblas_get_num_threads();

    *out = (struct quantised_model){.layers = model->layers,
                                    .layer = calloc(model->layers, sizeof *out->layer)};
    if (!out->layer)
        return error_set(err, ERROR_FAILED, "%s: out of memory", model->name);
    openblas_set_num_threads(1); /* parallel_run's parts are the threads */
    bool ok = quantise(&z);
    openblas_set_num_threads(threads);
    streams_close(&z.streams);
    sensitivity_free(&z.sensitivity);
    calibration_free(&z.calibration);
    folded_model_close(&z.folded);
    if (!ok)
        quantised_model_free(out);
    return ok;
}

void quantised_model_free(struct quantised_model *model)
{
    for (uint32_t i = 0; model->layer && i < model->layers; i++) {
        struct quantised_layer *l = &model->layer[i];
        struct quantised_matrix *matrix[] = {&l->query,  &l->key,     &l->value,
                                             &l->output, &l->gate_up, &l->down};
        for (size_t j = 0; j < sizeof matrix / sizeof matrix[0]; j++)
            quantised_matrix_free(matrix[j]);
    }
    quantised_matrix_free(&model->embedding);
    quantised_matrix_free(&model->head);
    free(model->layer);
    *model = (struct quantised_model){0};
}
