/* SPDX-License-Identifier: Apache-2.0 */
/* rounding_gptq */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "gen/quant/rounding.h"

struct job {
    struct rounding *r;
    const uint32_t *order; /* [columns]: columns, the one to be rounded first first */
    const float *factor;   /* [columns][columns]: U with H^-1 = U^T U, in that order */
};

/* One row; w has the targets in the order of rounding and takes the errors. */
static void round_row(const struct job *job, uint32_t row, float *w)
{
    struct rounding *r = job->r;
    float least = (float)rounding_least(r->bits), most = (float)rounding_most(r->bits);
    const uint8_t *scale = r->scale + (size_t)row * r->groups;
    uint32_t columns = r->columns;

    for (uint32_t j = 0; j < columns; j++)
        w[j] = r->target[(size_t)row * columns + job->order[j]];
    for (uint32_t j = 0; j < columns; j++) {
        const float *u = job->factor + (size_t)j * columns;
        float step = scale[job->order[j] / r->group] * r->unit[row];
        float q = rintf(w[j] / step);
        q = q > least ? q : least;
        q = q < most ? q : most;
        r->q[(size_t)row * columns + job->order[j]] = (int8_t)q;
        float error = (w[j] - q * step) / u[j];
        for (uint32_t k = j + 1; k < columns; k++)
            w[k] -= error * u[k];
    }
}

static void round_part(void *context, unsigned part)
{
    const struct job *job = context;
    float w[job->r->columns];
    uint32_t end = parallel_first(job->r->rows, part + 1);

    for (uint32_t row = parallel_first(job->r->rows, part); row < end; row++)
        round_row(job, row, w);
}

/* Columns by falling moment, equal ones as they come (insertion sort would do;
 * a heap of columns is not worth its code at these sizes). */
static void order_columns(const struct rounding *r, uint32_t *order)
{
    for (uint32_t c = 0; c < r->columns; c++) {
        float moment = r->moment[(size_t)c * r->columns + c];
        uint32_t at = c;
        for (; at > 0; at--) {
            uint32_t before = order[at - 1];
            if (r->moment[(size_t)before * r->columns + before] >= moment)
                break;
            order[at] = before;
        }
        order[at] = c;
    }
}

/* U, upper triangular in rows, with (H in order)^-1 = U^T U. */
static bool factorise(const struct rounding *r, const uint32_t *order, double *h)
{
    lapack_int n = (lapack_int)r->columns;

    for (uint32_t i = 0; i < r->columns; i++)
        for (uint32_t j = 0; j < r->columns; j++)
            h[(size_t)i * r->columns + j] = r->moment[(size_t)order[i] * r->columns + order[j]];
    /* Row-major upper is column-major lower: H^-1 = L L^T, and L^T is U. */
    return LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', n, h, n) == 0 &&
           LAPACKE_dpotri(LAPACK_COL_MAJOR, 'L', n, h, n) == 0 &&
           LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', n, h, n) == 0;
}

bool rounding_gptq(struct rounding *r, struct error *err)
{
    size_t entries = (size_t)r->columns * r->columns;
    uint32_t *order = malloc(r->columns * sizeof *order);
    double *h = malloc(entries * sizeof *h);
    float *factor = malloc(entries * sizeof *factor);
    bool ok = order && h && factor;

    if (!ok) {
        error_set(err, ERROR_FAILED, "out of memory to round a matrix of %u x %u", r->rows,
                  r->columns);
    } else {
        order_columns(r, order);
        ok = factorise(r, order, h);
        if (!ok)
            error_set(err, ERROR_FAILED, "the inputs' moments are not positive definite");
    }
    if (ok) {
        for (size_t i = 0; i < entries; i++)
            factor[i] = (float)h[i];
        parallel_run(round_part, &(struct job){r, order, factor});
    }
    free(order);
    free(h);
    free(factor);
    return ok;
}
