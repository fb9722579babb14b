/* SPDX-License-Identifier: Apache-2.0 */
/* rounding_descend */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "gen/quant/rounding.h"

enum { SCALE_MAX = 255 };

/* Rows that couple with each other: what to do to one depends on the errors of
 * the others. */
struct block {
    struct rounding *r;
    const struct row_coupling *coupling; /* or NULL */
    uint32_t first, rows;
    float *product;  /* [rows][columns]: (w - target) H */
    float *gradient; /* [columns], of the row in hand, over its own coupling */
};

static void fill_products(struct block *b, float *error)
{
    const struct rounding *r = b->r;

    for (uint32_t i = 0; i < b->rows; i++) {
        size_t row = b->first + i;
        for (uint32_t c = 0; c < r->columns; c++)
            error[i * r->columns + c] = (float)r->q[row * r->columns + c] *
                                            (float)r->scale[row * r->groups + c / r->group] *
                                            r->unit[row] -
                                        r->target[row * r->columns + c];
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)b->rows, (int)r->columns,
                (int)r->columns, 1, error, (int)r->columns, r->moment, (int)r->columns, 0,
                b->product, (int)r->columns);
}

/* The sum's derivative by the row's weights, over twice its own coupling. */
static void fill_gradient(struct block *b, uint32_t i)
{
    int columns = (int)b->r->columns;

    if (!b->coupling) {
        memcpy(b->gradient, b->product + (size_t)i * b->r->columns, b->r->columns * sizeof(float));
        return;
    }
    const float *coupling = b->coupling->value + (size_t)(b->first + i) * b->coupling->block;
    cblas_sgemv(CblasRowMajor, CblasTrans, (int)b->rows, columns, 1 / coupling[i], b->product,
                columns, coupling, 1, 0, b->gradient, 1);
}

/* Weight c of row i changes by `change`. */
static void change_weight(struct block *b, uint32_t i, uint32_t c, float change)
{
    uint32_t columns = b->r->columns;
    const float *moment = b->r->moment + (size_t)c * columns;
    float *product = b->product + (size_t)i * columns;

    for (uint32_t k = 0; k < columns; k++) {
        b->gradient[k] += change * moment[k];
        product[k] += change * moment[k];
    }
}

static void improve_scale(struct block *b, uint32_t i, uint32_t group, uint32_t end)
{
    struct rounding *r = b->r;
    size_t row = b->first + i;
    uint8_t *scale = &r->scale[row * r->groups + group];
    const int8_t *q = r->q + row * r->columns;
    float slope = 0, curvature = 0;

    for (uint32_t c = group * r->group; c < end; c++) {
        float sum = 0;
        for (uint32_t k = group * r->group; k < end; k++)
            sum += r->moment[(size_t)c * r->columns + k] * (float)q[k];
        curvature += sum * (float)q[c];
        slope += b->gradient[c] * (float)q[c];
    }
    if (curvature <= 0)
        return;
    float better = rintf((float)*scale - slope / curvature / r->unit[row]);
    better = better > 1 ? better : 1;
    better = better < SCALE_MAX ? better : SCALE_MAX;
    float change = (better - (float)*scale) * r->unit[row];
    *scale = (uint8_t)better;
    for (uint32_t c = group * r->group; c < end && change != 0; c++)
        if (q[c])
            change_weight(b, i, c, change * (float)q[c]);
}

static void improve_group(struct block *b, uint32_t i, uint32_t group)
{
    struct rounding *r = b->r;
    size_t row = b->first + i;
    uint32_t end = (group + 1) * r->group < r->columns ? (group + 1) * r->group : r->columns;
    float least = (float)rounding_least(r->bits), most = (float)rounding_most(r->bits);

    improve_scale(b, i, group, end);
    float step = r->scale[row * r->groups + group] * r->unit[row];
    for (uint32_t c = group * r->group; c < end; c++) {
        int8_t *q = &r->q[row * r->columns + c];
        float curvature = r->moment[(size_t)c * r->columns + c] * step;
        float better = rintf((float)*q - b->gradient[c] / curvature);
        better = better > least ? better : least;
        better = better < most ? better : most;
        if (better == (float)*q)
            continue;
        change_weight(b, i, c, (better - (float)*q) * step);
        *q = (int8_t)better;
    }
}

struct job {
    struct rounding *r;
    const struct row_coupling *coupling;
    uint32_t block_rows;
    unsigned sweeps;
    bool failed[PARALLEL_PARTS];
};

static bool descend_block(const struct job *job, uint32_t first)
{
    struct rounding *r = job->r;
    uint32_t rest = r->rows - first;
    struct block b = {.r = r, .coupling = job->coupling, .first = first};

    b.rows = rest < job->block_rows ? rest : job->block_rows;
    size_t entries = (size_t)b.rows * r->columns;
    b.product = malloc(entries * sizeof *b.product);
    b.gradient = malloc(r->columns * sizeof *b.gradient);
    float *error = malloc(entries * sizeof *error);
    bool ok = b.product && b.gradient && error;
    if (ok)
        fill_products(&b, error);
    for (unsigned sweep = 0; ok && sweep < job->sweeps; sweep++)
        for (uint32_t i = 0; i < b.rows; i++) {
            fill_gradient(&b, i);
            for (uint32_t g = 0; g < r->groups; g++)
                improve_group(&b, i, g);
        }
    free(b.product);
    free(b.gradient);
    free(error);
    return ok;
}

static void descend_part(void *context, unsigned part)
{
    struct job *job = context;
    uint32_t first = part * job->block_rows, stride = PARALLEL_PARTS * job->block_rows;

    for (; first < job->r->rows; first += stride)
        if (!descend_block(job, first))
            job->failed[part] = true;
}

bool rounding_descend(struct rounding *r, const struct row_coupling *coupling, unsigned sweeps,
                      struct error *err)
{
    struct job job = {.r = r, .coupling = coupling, .sweeps = sweeps};

    job.block_rows = coupling ? coupling->block : (r->rows + PARALLEL_PARTS - 1) / PARALLEL_PARTS;
    parallel_run(descend_part, &job);
    for (unsigned i = 0; i < PARALLEL_PARTS; i++)
        if (job.failed[i])
            return error_set(err, ERROR_FAILED, "out of memory to round a matrix of %u x %u",
                             r->rows, r->columns);
    return true;
}
