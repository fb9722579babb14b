/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/quantised_matrix.h"

#include <math.h>
#include <stdlib.h>

enum { SCALE_MAX = 255, INPUTS_A_BLOCK = 16 };

bool quantised_matrix_alloc(struct quantised_matrix *m, const struct float_matrix *from,
                            unsigned bits, uint32_t group, struct error *err)
{
    *m = (struct quantised_matrix){
        .rows = bits < 8 ? from->rows + from->rows % 2 : from->rows,
        .inputs = (from->columns + INPUTS_A_BLOCK - 1) / INPUTS_A_BLOCK * INPUTS_A_BLOCK,
        .group = group,
        .bits = bits,
    };
    m->q = calloc((size_t)m->rows * m->inputs, sizeof *m->q);
    m->scale = calloc((size_t)m->rows * quantised_groups(m), sizeof *m->scale);
    if (!m->q || !m->scale) {
        quantised_matrix_free(m);
        return error_set(err, ERROR_FAILED, "out of memory for a matrix of %u x %u", m->rows,
                         m->inputs);
    }
    return true;
}

void quantised_matrix_free(struct quantised_matrix *m)
{
    free(m->q);
    free(m->scale);
    *m = (struct quantised_matrix){0};
}

int quantised_exponent(const struct float_matrix *from, int limit)
{
    float largest = largest_magnitude(from->value, (size_t)from->rows * from->columns);

    return largest > 0 ? (int)floorf(log2f((float)SCALE_MAX * (float)limit / largest)) : 0;
}

static void quantise_group(const float *value, uint32_t count, int limit, int exponent, int8_t *q,
                           uint8_t *scale)
{
    float wanted = ldexpf(largest_magnitude(value, count) / (float)limit, exponent);
    float chosen = fminf(ceilf(wanted), SCALE_MAX);
    float step = ldexpf(chosen, -exponent);

    *scale = (uint8_t)chosen;
    for (uint32_t i = 0; i < count && chosen > 0; i++)
        q[i] = (int8_t)fminf(fmaxf(roundf(value[i] / step), (float)-limit), (float)limit);
}

bool quantise_to_nearest(const struct float_matrix *from, unsigned bits, uint32_t group,
                         struct quantised_matrix *out, struct error *err)
{
    int limit = quantised_limit(bits);

    if (!quantised_matrix_alloc(out, from, bits, group, err))
        return false;
    out->exponent = quantised_exponent(from, limit);
    for (uint32_t r = 0; r < from->rows; r++)
        for (uint32_t g = 0; g < quantised_groups(out); g++) {
            uint32_t first = g * group;
            if (first >= from->columns)
                continue;
            uint32_t rest = from->columns - first;
            quantise_group(from->value + (size_t)r * from->columns + first,
                           rest < group ? rest : group, limit, out->exponent,
                           out->q + (size_t)r * out->inputs + first,
                           out->scale + (size_t)r * quantised_groups(out) + g);
        }
    return true;
}
