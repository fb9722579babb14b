/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/quant/fold.h"

#include <math.h>
#include <stdlib.h>

/* One weight among those stacked, with the factor of its rows. */
struct part {
    const struct weight *weight;
    float row_factor;
};

struct recipe {
    struct part part[3];
    const struct weight *norm; /* of the input; or NULL */
};

static struct recipe find_mamba_recipe(const struct mamba_layer *l, enum matrix_kind kind)
{
    switch (kind) {
    case MATRIX_MIXER_IN:
        return (struct recipe){{{&l->in_proj, 1}}, &l->norm};
    case MATRIX_MIXER_X:
        return (struct recipe){{{&l->x_proj, 1}}, NULL};
    case MATRIX_MIXER_DT:
        return (struct recipe){{{&l->dt_proj, 1}}, NULL};
    default:
        return (struct recipe){{{&l->out_proj, 1}}, NULL};
    }
}

static struct recipe find_recipe(const struct model *m, uint32_t layer, enum matrix_kind kind)
{
    if (kind >= MATRIX_MIXER_IN && kind < MATRIX_HEAD)
        return find_mamba_recipe(&m->mamba_layer[layer], kind);
    const struct llama_layer *l = kind < MATRIX_HEAD ? &m->layer[layer] : NULL;
    float query = (float)(1 / log(2.0) / sqrt(m->head_dim)) * m->rope_attention_scale;

    switch (kind) {
    case MATRIX_QKV:
        return (struct recipe){{{&l->wq, query}, {&l->wk, 1}, {&l->wv, 1}}, &l->attention_norm};
    case MATRIX_OUTPUT:
        return (struct recipe){{{&l->wo, 1}}, NULL};
    case MATRIX_GATE_UP:
        return (struct recipe){{{&l->w_gate, 1}, {&l->w_up, 1}}, &l->ffn_norm};
    case MATRIX_DOWN:
        return (struct recipe){{{&l->w_down, 1}}, NULL};
    case MATRIX_HEAD:
        return (struct recipe){{{&m->head, 1}}, &m->final_norm};
    default:
        return (struct recipe){{{&m->embedding, 1}}, NULL};
    }
}

static void scale_rows(float *value, uint32_t rows, uint32_t columns, float row_factor,
                       const float *column_factor)
{
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++, value++)
            *value *= column_factor ? row_factor * column_factor[c] : row_factor;
}

static bool is_finite(const struct float_matrix *matrix)
{
    for (size_t i = 0; i < (size_t)matrix->rows * matrix->columns; i++)
        if (!isfinite(matrix->value[i]))
            return false;
    return true;
}

bool fold_matrix(const struct model *model, uint32_t layer, enum matrix_kind kind,
                 struct float_matrix *out, struct error *err)
{
    struct recipe recipe = find_recipe(model, layer, kind);
    uint32_t columns = recipe.part[0].weight->columns, rows = 0;

    for (int i = 0; i < 3 && recipe.part[i].weight; i++)
        rows += recipe.part[i].weight->rows;
    float *norm = recipe.norm ? malloc(columns * sizeof *norm) : NULL;
    *out = (struct float_matrix){rows, columns, malloc((size_t)rows * columns * sizeof(float))};
    if (!out->value || (recipe.norm && !norm)) {
        free(norm);
        float_matrix_free(out);
        return error_set(err, ERROR_FAILED, "%s: out of memory for a matrix of %u x %u",
                         model->name, rows, columns);
    }
    if (norm) {
        weight_row(recipe.norm, 0, norm);
        for (uint32_t c = 0; c < columns; c++)
            norm[c] *= sqrtf((float)columns);
    }
    float *at = out->value;
    for (int i = 0; i < 3 && recipe.part[i].weight; i++) {
        const struct part *part = &recipe.part[i];
        for (uint32_t r = 0; r < part->weight->rows; r++)
            weight_row(part->weight, r, at + (size_t)r * columns);
        scale_rows(at, part->weight->rows, columns, part->row_factor, norm);
        at += (size_t)part->weight->rows * columns;
    }
    free(norm);
    if (!is_finite(out)) {
        float_matrix_free(out);
        return error_set(err, ERROR_INPUT, "%s: layer %u: a weight is not finite", model->name,
                         layer);
    }
    return true;
}

void float_matrix_free(struct float_matrix *matrix)
{
    free(matrix->value);
    *matrix = (struct float_matrix){0};
}

float largest_magnitude(const float *value, size_t count)
{
    float largest = 0;

    for (size_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(value[i]));
    return largest;
}

float float_matrix_bound(const struct float_matrix *matrix, uint32_t first_row, uint32_t rows)
{
    double largest = 0;

    for (uint32_t r = first_row; r < first_row + rows; r++) {
        double sum = 0;
        for (uint32_t c = 0; c < matrix->columns; c++) {
            double x = matrix->value[(size_t)r * matrix->columns + c];
            sum += x * x;
        }
        largest = sum > largest ? sum : largest;
    }
    return (float)sqrt(largest);
}
