/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/gptq.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/op/numerics.h"

enum { SCALE_MAX = 255, DESCENT_SWEEPS = 4, DAMPING_ATTEMPTS = 4, COARSE_BITS = 4 };

static const float damping = 0.01f; /* of the Hessian's mean diagonal, as in the paper */

/* The variance that rounding to 4 bits adds to an input, of its block's mean square: of
 * 0.005 to 0.05 what costs mamba2-4m least. */
static const float rounding_share = 0.02f;

struct rounding {
    uint32_t columns;
    int lowest, highest; /* of a weight */
    int exponent;
    float *noise;   /* [columns]: summed squares of the inputs' own rounding, or 0; owned */
    float *hessian; /* [columns][columns], damped, with that; owned */
    float *factor;  /* upper Cholesky factor of its inverse; owned */
    float *row;     /* [columns]: the row, with errors compensated; owned */
    float *slope;   /* [columns]: hessian * (weights - rounded); owned */
};

static void close_rounding(struct rounding *r)
{
    free(r->noise);
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

/* Of inputs of COARSE_BITS, in blocks of BLOCK. */
static void find_noise(struct rounding *r, const float *hessian)
{
    size_t n = r->columns;

    for (size_t first = 0; first < n; first += BLOCK) {
        size_t last = first + BLOCK < n ? first + BLOCK : n;
        float mean = 0;
        for (size_t i = first; i < last; i++)
            mean += hessian[i * n + i] / (float)(last - first);
        for (size_t i = first; i < last; i++)
            r->noise[i] = mean * rounding_share;
    }
}

static bool open_rounding(struct rounding *r, const float *hessian, unsigned input_bits,
                          struct error *err)
{
    size_t n = r->columns;

    r->noise = calloc(n, sizeof *r->noise);
    r->hessian = malloc(n * n * sizeof *r->hessian);
    r->factor = malloc(n * n * sizeof *r->factor);
    r->row = malloc(n * sizeof *r->row);
    r->slope = malloc(n * sizeof *r->slope);
    if (!r->noise || !r->hessian || !r->factor || !r->row || !r->slope) {
        close_rounding(r);
        return error_set(err, ERROR_FAILED, "out of memory for a Hessian of %zu columns", n);
    }
    if (input_bits == COARSE_BITS)
        find_noise(r, hessian);
    memcpy(r->hessian, hessian, n * n * sizeof *r->hessian);
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += hessian[i * n + i] / (double)n;
    if (mean <= 0)
        mean = 1;
    float added = damping;
    for (int attempt = 0; attempt < DAMPING_ATTEMPTS; attempt++, added *= 10) {
        for (size_t i = 0; i < n; i++)
            r->hessian[i * n + i] = hessian[i * n + i] + r->noise[i] + added * (float)mean;
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

/* The weights that make the least of their inputs' rounding: W H (H + noise)^-1. */
static bool fit_to_noise(const struct rounding *r, const struct float_matrix *from,
                         struct float_matrix *to, struct error *err)
{
    lapack_int n = (lapack_int)r->columns, rows = (lapack_int)from->rows;
    size_t count = (size_t)from->rows * r->columns;
    size_t square = (size_t)r->columns * r->columns * sizeof(float);
    float *factor = malloc(square);

    *to = *from;
    to->value = malloc(count * sizeof *to->value);
    bool ok = factor && to->value;
    if (ok) {
        memcpy(factor, r->hessian, square);
        for (size_t i = 0; i < count; i++)
            to->value[i] = from->value[i] * r->noise[i % r->columns];
        /* By columns a row of W is a right-hand side, and the Hessian is symmetric. */
        ok = LAPACKE_sposv(LAPACK_COL_MAJOR, 'U', n, rows, factor, n, to->value, n) == 0;
    }
    free(factor);
    if (!ok) {
        free(to->value);
        return error_set(err, ERROR_FAILED, "weights cannot be fitted to inputs of few bits");
    }
    for (size_t i = 0; i < count; i++)
        to->value[i] = from->value[i] - to->value[i];
    return true;
}

static void round_rows(struct rounding *r, const struct float_matrix *from,
                       struct quantised_matrix *out)
{
    r->exponent = out->exponent = quantised_exponent(from, r->highest);
    for (uint32_t row = 0; row < from->rows; row++) {
        const float *value = from->value + (size_t)row * from->columns;
        int8_t *q = out->q + (size_t)row * out->inputs;
        uint8_t *scale = out->scale + (size_t)row * quantised_groups(out);
        memcpy(r->row, value, from->columns * sizeof *r->row);
        sweep_forward(r, out->group, q, scale);
        start_descent(r, value, out->group, q, scale);
        for (int sweep = 0; sweep < DESCENT_SWEEPS && descend(r, out->group, q, scale); sweep++)
            continue;
    }
}

bool quantise_compensated(const struct float_matrix *from, const float *hessian,
                          unsigned input_bits, unsigned bits, uint32_t group,
                          struct quantised_matrix *out, struct error *err)
{
    int limit = quantised_limit(bits);
    struct rounding r = {
        .columns = from->columns, .lowest = bits == 8 ? -limit : -limit - 1, .highest = limit};
    struct float_matrix fitted = *from;

    if (!quantised_matrix_alloc(out, from, bits, group, err))
        return false;
    if (!open_rounding(&r, hessian, input_bits, err)) {
        quantised_matrix_free(out);
        return false;
    }
    bool noisy = input_bits == COARSE_BITS;
    bool ok = !noisy || fit_to_noise(&r, from, &fitted, err);
    if (ok)
        round_rows(&r, &fitted, out);
    else
        quantised_matrix_free(out);
    if (ok && noisy)
        float_matrix_free(&fitted);
    close_rounding(&r);
    return ok;
}
