/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/rotation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gen/quant/hadamard12.h"

struct rotation rotation_choose(uint32_t count)
{
    struct rotation r = {.count = count};

    while (count % 2 == 0 && count > 1) {
        count /= 2;
        r.stages++;
    }
    if (count == 3 && r.stages >= 2) {
        r.stages -= 2;
        r.twelve = true;
    }
    return r;
}

static void twelve(float *x, uint32_t stride)
{
    for (uint32_t i = 0; i < stride; i++) {
        float sum[12] = {0};
        for (unsigned row = 0; row < 12; row++)
            for (unsigned c = 0; c < 12; c++)
                sum[row] += (float)hadamard12_sign(row, c) * x[c * stride + i];
        for (unsigned row = 0; row < 12; row++)
            x[row * stride + i] = sum[row] / sqrtf(12);
    }
}

void rotation_apply(const struct rotation *r, float *x)
{
    const float half = sqrtf(0.5f);

    for (uint32_t span = 1; span < 1u << r->stages; span *= 2)
        for (uint32_t group = 0; group < r->count; group += 2 * span)
            for (uint32_t i = group; i < group + span; i++) {
                float a = x[i], b = x[i + span];
                x[i] = (a + b) * half;
                x[i + span] = (a - b) * half;
            }
    if (r->twelve)
        twelve(x, 1u << r->stages);
}

void rotation_of_inputs(const struct rotation *r, struct float_matrix *m)
{
    for (uint32_t row = 0; row < m->rows; row++)
        rotation_apply(r, m->value + (size_t)row * m->columns);
}

bool rotation_of_outputs(const struct rotation *r, struct float_matrix *m, struct error *err)
{
    float *column = malloc(m->rows * sizeof *column);

    if (!column)
        return error_set(err, ERROR_FAILED, "out of memory for a column of %u", m->rows);
    for (uint32_t c = 0; c < m->columns; c++) {
        for (uint32_t row = 0; row < m->rows; row++)
            column[row] = m->value[(size_t)row * m->columns + c];
        rotation_apply(r, column);
        for (uint32_t row = 0; row < m->rows; row++)
            m->value[(size_t)row * m->columns + c] = column[row];
    }
    free(column);
    return true;
}

bool rotation_of_hessian(const struct rotation *r, float *hessian, struct error *err)
{
    struct float_matrix h = {r->count, r->count, NULL};

    h.value = hessian;
    rotation_of_inputs(r, &h);
    return rotation_of_outputs(r, &h, err);
}

float rotation_online_factor(const struct rotation *r)
{
    return (r->stages % 2 ? sqrtf(0.5f) : 1) * (r->twelve ? 4 / sqrtf(12) : 1);
}
