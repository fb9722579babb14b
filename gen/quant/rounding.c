/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/rounding.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/parallel.h"

enum { SCALE_MAX = 255, CANDIDATES = 48 };

bool rounding_open(struct rounding *r, uint32_t rows, uint32_t columns, unsigned bits,
                   uint32_t group, struct error *err)
{
    *r = (struct rounding){
        .rows = rows,
        .columns = columns,
        .group = group,
        .groups = (columns + group - 1) / group,
        .bits = bits,
    };
    r->target = arena_alloc(&r->arena, rows, columns * sizeof *r->target);
    r->moment = arena_alloc(&r->arena, columns, columns * sizeof *r->moment);
    r->unit = arena_alloc(&r->arena, rows, sizeof *r->unit);
    r->q = arena_alloc(&r->arena, rows, columns);
    r->scale = arena_alloc(&r->arena, rows, r->groups);
    if (r->target && r->moment && r->unit && r->q && r->scale)
        return true;
    rounding_close(r);
    return error_set(err, ERROR_FAILED, "out of memory to round a matrix of %u x %u", rows,
                     columns);
}

void rounding_close(struct rounding *r)
{
    arena_free(&r->arena);
    *r = (struct rounding){0};
}

static uint32_t group_end(const struct rounding *r, uint32_t group)
{
    uint32_t end = (group + 1) * r->group;
    return end < r->columns ? end : r->columns;
}

static float largest_magnitude(const float *value, uint32_t count)
{
    float largest = 0;

    for (uint32_t i = 0; i < count; i++)
        largest = fabsf(value[i]) > largest ? fabsf(value[i]) : largest;
    return largest;
}

static float clamp(float x, float least, float most)
{
    x = x > least ? x : least;
    return x < most ? x : most;
}

static float weighted_error(const float *target, const float *weight, uint32_t count, float step,
                            float least, float most)
{
    float sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        float error = clamp(rintf(target[i] / step), least, most) * step - target[i];
        sum += error * error * weight[i];
    }
    return sum;
}

/* Clipping the largest weight costs less than coarse steps for all others:
 * tries scales down to 0.4 of the one that clips nothing. */
static uint8_t search_scale(const struct rounding *r, const float *target, const float *weight,
                            uint32_t count, float unit)
{
    float least = (float)rounding_least(r->bits), most = (float)rounding_most(r->bits);
    float full = largest_magnitude(target, count) / most / unit, best_error = FLT_MAX;
    float best = 1, last = 0;

    for (int i = 0; i < CANDIDATES; i++) {
        float factor = 0.4f + 0.6f * (float)i / (CANDIDATES - 1);
        float scale = clamp(rintf(full * factor), 1, SCALE_MAX);
        if (scale == last)
            continue;
        last = scale;
        float error = weighted_error(target, weight, count, scale * unit, least, most);
        if (error < best_error) {
            best_error = error;
            best = scale;
        }
    }
    return (uint8_t)best;
}

struct scale_job {
    struct rounding *r;
    uint32_t first, rows;
    const float *weight; /* [columns] */
};

static void choose_part(void *context, unsigned part)
{
    const struct scale_job *job = context;
    struct rounding *r = job->r;
    uint32_t end = job->first + parallel_first(job->rows, part + 1);

    for (uint32_t row = job->first + parallel_first(job->rows, part); row < end; row++)
        for (uint32_t g = 0; g < r->groups; g++) {
            uint32_t at = g * r->group;
            r->scale[(size_t)row * r->groups + g] =
                search_scale(r, r->target + (size_t)row * r->columns + at, job->weight + at,
                             group_end(r, g) - at, r->unit[row]);
        }
}

void rounding_choose_scales(struct rounding *r, uint32_t first, uint32_t rows)
{
    float largest = largest_magnitude(r->target + (size_t)first * r->columns, rows * r->columns);
    float full = largest / (float)rounding_most(r->bits) / SCALE_MAX;
    float unit = full > 0 ? exp2f(ceilf(log2f(full))) : 1;
    float weight[r->columns];

    for (uint32_t c = 0; c < r->columns; c++)
        weight[c] = r->moment[(size_t)c * r->columns + c];
    for (uint32_t i = first; i < first + rows; i++)
        r->unit[i] = unit;
    parallel_run(choose_part, &(struct scale_job){r, first, rows, weight});
}

void rounding_to_nearest(struct rounding *r)
{
    float least = (float)rounding_least(r->bits), most = (float)rounding_most(r->bits);

    for (uint32_t row = 0; row < r->rows; row++)
        for (uint32_t c = 0; c < r->columns; c++) {
            size_t at = (size_t)row * r->columns + c;
            float step = r->scale[(size_t)row * r->groups + c / r->group] * r->unit[row];
            r->q[at] = (int8_t)clamp(rintf(r->target[at] / step), least, most);
        }
}

void rounding_values(const struct rounding *r, float *value)
{
    for (uint32_t row = 0; row < r->rows; row++)
        for (uint32_t c = 0; c < r->columns; c++, value++)
            *value = (float)r->q[(size_t)row * r->columns + c] *
                     (float)r->scale[(size_t)row * r->groups + c / r->group] * r->unit[row];
}

double rounding_error(const struct rounding *r)
{
    float d[r->columns];
    double sum = 0;

    for (uint32_t row = 0; row < r->rows; row++) {
        for (uint32_t c = 0; c < r->columns; c++)
            d[c] = (float)r->q[(size_t)row * r->columns + c] *
                       (float)r->scale[(size_t)row * r->groups + c / r->group] * r->unit[row] -
                   r->target[(size_t)row * r->columns + c];
        for (uint32_t i = 0; i < r->columns; i++)
            for (uint32_t j = 0; j < r->columns; j++)
                sum += (double)d[i] * r->moment[(size_t)i * r->columns + j] * d[j];
    }
    return sum;
}

bool rounding_store(const struct rounding *r, uint32_t first, uint32_t rows,
                    struct quantised_matrix *out, struct error *err)
{
    const struct float_matrix shape = {.rows = rows, .columns = r->columns};

    if (!quantised_matrix_alloc(out, &shape, r->bits, r->group, err))
        return false;
    out->exponent = -ilogbf(r->unit[first]);
    for (uint32_t i = 0; i < rows; i++) {
        memcpy(out->q + (size_t)i * out->inputs, r->q + (size_t)(first + i) * r->columns,
               r->columns);
        memcpy(out->scale + (size_t)i * quantised_groups(out),
               r->scale + (size_t)(first + i) * r->groups, r->groups);
    }
    return true;
}
