/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/gptq.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCALE_MAX = 255, DESCENT_SWEEPS = 4, DAMPING_ATTEMPTS = 4 };

static const float damping = 0.01f; /* of the Hessian's mean diagonal, as in the paper */

struct rounding {
    uint32_t columns;
    int lowest, highest; /* of a weight */
    int exponent;
    float *hessian; /* [columns][columns], damped; owned */
    float *factor;  /* upper Cholesky factor of its inverse; owned */
    float *row;     /* [columns]: the row, with errors compensated; owned */
    float *slope;   /* [columns]: hessian * (weights - rounded); owned */
};

static void close_rounding(struct rounding *r)
{
    free(r->hessian);
    free(r->factor);
    free(r->row);
    free(r->slope);
}

static bool factorise(struct rounding *r)
{
    lapack_int n = (lapack_int)r->columns;

    memcpy(r->factor, r->hessian, (size_t)n * (size_t)n * sizeof *r->factor);
    return LAPACKE_spotrf(LAPACK_ROW_MAJOR, 'U', n, r->factor, n) == 0 &&
           LAPACKE_spotri(LAPACK_ROW_MAJOR, 'U', n, r->factor, n) == 0 &&
           LAPACKE_spotrf(LAPACK_ROW_MAJOR, 'U', n, r->factor, n) == 0;
}

static bool open_rounding(struct rounding *r, const float *hessian, struct error *err)
{
    size_t n = r->columns;

    r->hessian = malloc(n * n * sizeof *r->hessian);
    r->factor = malloc(n * n * sizeof *r->factor);
    r->row = malloc(n * sizeof *r->row);
    r->slope = malloc(n * sizeof *r->slope);
    if (!r->hessian || !r->factor || !r->row || !r->slope) {
        close_rounding(r);
        return error_set(err, ERROR_FAILED, "out of memory for a Hessian of %zu columns", n);
    }
    memcpy(r->hessian, hessian, n * n * sizeof *r->hessian);
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += hessian[i * n + i] / (double)n;
    if (mean <= 0)
        mean = 1;
    float added = damping;
    for (int attempt = 0; attempt < DAMPING_ATTEMPTS; attempt++, added *= 10) {
        for (size_t i = 0; i < n; i++)
            r->hessian[i * n + i] = hessian[i * n + i] + added * (float)mean;
        if (factorise(r))
            return true;
    }
    close_rounding(r);
    return error_set(err, ERROR_FAILED, "the calibration's Hessian cannot be factorised");
}

static float round_to(const struct rounding *r, float value, float step)
{
    return fminf(fmaxf(rintf(value / step), (float)r->lowest), (float)r->highest);
}

/* Squared error of a group at one scale, each input weighed by its Hessian. */
static float group_error(const struct rounding *r, uint32_t first, uint32_t last, float step)
{
    float sum = 0;

    for (uint32_t i = first; i < last; i++) {
        float error = r->row[i] - step * round_to(r, r->row[i], step);
        float weight = r->hessian[(size_t)i * r->columns + i];
        sum += error * error * weight;
    }
    return sum;
}

/* The scale, 1..255, that costs a group least. */
static int find_scale(const struct rounding *r, uint32_t first, uint32_t last)
{
    float largest = 0;
    for (uint32_t i = first; i < last; i++)
        largest = fmaxf(largest, fabsf(r->row[i]));
    int most = (int)ceilf(ldexpf(largest / (float)r->highest, r->exponent)) + 1;
    most = most > SCALE_MAX ? SCALE_MAX : most;

    int best = most > 1 ? most : 1;
    float least = INFINITY;
    for (int scale = most / 2 > 1 ? most / 2 : 1; scale <= most; scale++) {
        float error = group_error(r, first, last, ldexpf((float)scale, -r->exponent));
        if (error < least) {
            least = error;
            best = scale;
        }
    }
    return best;
}

/* What one step of a group's weights is worth. */
static float scale_step(const struct rounding *r, const uint8_t *scale, uint32_t group)
{
    return ldexpf((float)scale[group], -r->exponent);
}

/* One sweep over the columns of a row, errors pushed to the columns ahead. */
static void sweep_forward(const struct rounding *r, uint32_t group, int8_t *q, uint8_t *scale)
{
    float step = 0;

    for (uint32_t i = 0; i < r->columns; i++) {
        const float *factor = r->factor + (size_t)i * r->columns;
        if (i % group == 0) {
            uint32_t last = i + group < r->columns ? i + group : r->columns;
            scale[i / group] = (uint8_t)find_scale(r, i, last);
            step = scale_step(r, scale, i / group);
        }
        float rounded = round_to(r, r->row[i], step);
        float error = (r->row[i] - rounded * step) / factor[i];
        q[i] = (int8_t)rounded;
        for (uint32_t j = i + 1; j < r->columns; j++)
            r->row[j] -= error * factor[j];
    }
}

/* Move each weight to the step that the others leave best; false where none moved. */
static bool descend(const struct rounding *r, uint32_t group, int8_t *q, const uint8_t *scale)
{
    bool moved = false;

    for (uint32_t i = 0; i < r->columns; i++) {
        const float *hessian = r->hessian + (size_t)i * r->columns;
        float step = scale_step(r, scale, i / group);
        float better = round_to(r, (float)q[i] * step + r->slope[i] / hessian[i], step);
        float change = (better - (float)q[i]) * step;
        if (change == 0)
            continue;
        q[i] = (int8_t)better;
        moved = true;
        for (uint32_t j = 0; j < r->columns; j++)
            r->slope[j] -= change * hessian[j];
    }
    return moved;
}

static void start_descent(const struct rounding *r, const float *value, uint32_t group,
                          const int8_t *q, const uint8_t *scale)
{
    memset(r->slope, 0, r->columns * sizeof *r->slope);
    for (uint32_t i = 0; i < r->columns; i++) {
        float error = value[i] - (float)q[i] * scale_step(r, scale, i / group);
        for (uint32_t j = 0; j < r->columns; j++)
            r->slope[j] += error * r->hessian[(size_t)i * r->columns + j];
    }
}

bool quantise_compensated(const struct float_matrix *from, const float *hessian, unsigned bits,
                          uint32_t group, struct quantised_matrix *out, struct error *err)
{
    int limit = quantised_limit(bits);
    struct rounding r = {
        .columns = from->columns, .lowest = bits == 8 ? -limit : -limit - 1, .highest = limit};

    if (!quantised_matrix_alloc(out, from, bits, group, err))
        return false;
    if (!open_rounding(&r, hessian, err)) {
        quantised_matrix_free(out);
        return false;
    }
    r.exponent = out->exponent = quantised_exponent(from, limit);
    for (uint32_t row = 0; row < from->rows; row++) {
        const float *value = from->value + (size_t)row * from->columns;
        int8_t *q = out->q + (size_t)row * out->inputs;
        uint8_t *scale = out->scale + (size_t)row * quantised_groups(out);
        memcpy(r.row, value, from->columns * sizeof *r.row);
        sweep_forward(&r, group, q, scale);
        start_descent(&r, value, group, q, scale);
        for (int sweep = 0; sweep < DESCENT_SWEEPS && descend(&r, group, q, scale); sweep++)
            continue;
    }
    close_rounding(&r);
    return true;
}
