/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/target.h"

#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>

/* Added to the moments, as a part of the mean square of the inputs: keeps the
 * fit near the float weights where the text says little. */
#define DAMPING 0.01f

/* out[a_width][b_width] = a^T b over all tokens, rows of it in parts. */
struct product {
    const float *a, *b;
    uint32_t a_width, b_width, tokens;
    float *out;
};

static void product_part(void *context, unsigned part)
{
    const struct product *p = context;
    uint32_t first = parallel_first(p->a_width, part), end = parallel_first(p->a_width, part + 1);

    if (end > first)
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)(end - first), (int)p->b_width,
                    (int)p->tokens, 1, p->a + first, (int)p->a_width, p->b, (int)p->b_width, 0,
                    p->out + (size_t)first * p->b_width, (int)p->b_width);
}

/* Sums over tokens of what the fit needs. */
struct sums {
    float *cross;   /* [columns][columns]: float input times rounded input */
    float *missing; /* [rows][columns]: what the residual stream misses times rounded input */
};

static void sum_missing(const struct streams *s, uint32_t columns, float *out)
{
    const struct stream *f = &s->stream[STREAM_FLOAT], *q = &s->stream[STREAM_ROUNDED];
    uint32_t dim = s->m->model->dim;
    float *difference = f->other_input; /* free until the next step */

    for (size_t i = 0; i < (size_t)s->tokens * dim; i++)
        difference[i] = f->residual[i] - q->residual[i];
    parallel_run(product_part,
                 &(struct product){difference, q->input, dim, columns, s->tokens, out});
}

/* target = (matrix cross + missing + damping matrix) (moment + damping)^-1, the
 * right-hand side in double in `b`. */
static bool solve(const struct float_matrix *matrix, const struct sums *sums, float damping,
                  struct rounding *r, double *h, double *b)
{
    lapack_int n = (lapack_int)r->columns, rows = (lapack_int)r->rows;
    size_t entries = (size_t)r->rows * r->columns;

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n, n, 1, matrix->value, n,
                sums->cross, n, 1, sums->missing, n);
    for (size_t i = 0; i < entries; i++)
        b[i] = (double)sums->missing[i] + (double)damping * matrix->value[i];
    for (size_t i = 0; i < (size_t)n * r->columns; i++)
        h[i] = r->moment[i];
    /* Row-major rows are columns to LAPACK, and H is symmetric. */
    if (LAPACKE_dposv(LAPACK_COL_MAJOR, 'U', n, rows, h, n, b, n) != 0)
        return false;
    for (size_t i = 0; i < entries; i++)
        r->target[i] = (float)b[i];
    return true;
}

static float damp(struct rounding *r)
{
    size_t step = (size_t)r->columns + 1;
    double sum = 0;

    for (uint32_t c = 0; c < r->columns; c++)
        sum += r->moment[c * step];
    float damping = sum > 0 ? DAMPING * (float)(sum / r->columns) : 1;
    for (uint32_t c = 0; c < r->columns; c++)
        r->moment[c * step] += damping;
    return damping;
}

bool target_fit(const struct streams *s, const struct float_matrix *matrix, bool to_residual,
                struct rounding *r, struct error *err)
{
    size_t squares = (size_t)r->columns * r->columns, entries = (size_t)r->rows * r->columns;
    const float *f = s->stream[STREAM_FLOAT].input, *q = s->stream[STREAM_ROUNDED].input;
    struct sums sums = {malloc(squares * sizeof(float)), calloc(entries, sizeof(float))};
    double *h = malloc(squares * sizeof *h), *b = malloc(entries * sizeof *b);
    bool ok = sums.cross && sums.missing && h && b;

    if (ok) {
        struct product moment = {q, q, r->columns, r->columns, s->tokens, r->moment};
        struct product cross = {f, q, r->columns, r->columns, s->tokens, sums.cross};
        parallel_run(product_part, &moment);
        parallel_run(product_part, &cross);
        if (to_residual)
            sum_missing(s, r->columns, sums.missing);
        ok = solve(matrix, &sums, damp(r), r, h, b);
    }
    free(sums.cross);
    free(sums.missing);
    free(h);
    free(b);
    if (!ok)
        return error_set(err, ERROR_FAILED, "no memory or no solution to fit a matrix of %u x %u",
                         r->rows, r->columns);
    return true;
}
