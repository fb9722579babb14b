/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The float matrices as the integer model multiplies by them: what commutes
 * with a matrix is folded into it.
 *  - RMS norm gives the unit vector x/|x|: the norm's weight and sqrt(dim) go
 *    into the columns of the matrix that follows;
 *  - softmax is to the base 2: log2(e)/sqrt(head_dim) goes into the rows of q.
 */
#ifndef MILLRACE_GEN_QUANT_FOLD_H
#define MILLRACE_GEN_QUANT_FOLD_H

#include "gen/graph/model.h"

enum matrix_kind {
    MATRIX_QKV,     /* rows: q heads, k heads, v heads */
    MATRIX_OUTPUT,  /* attention's output projection */
    MATRIX_GATE_UP, /* rows: gate, then up */
    MATRIX_DOWN,
    MATRIX_MIXER_IN, /* Mamba's in_proj, x_proj, dt_proj and out_proj */
    MATRIX_MIXER_X,
    MATRIX_MIXER_DT,
    MATRIX_MIXER_OUT,
    MATRIX_HEAD, /* the layer is ignored; those before it are a layer's */
    MATRIX_EMBEDDING,
    MATRIX_KINDS
};

struct float_matrix {
    uint32_t rows, columns;
    float *value; /* [rows][columns]; owned, free with float_matrix_free */
};

/* ERROR_FAILED for want of memory, ERROR_INPUT where a weight is not finite. */
bool fold_matrix(const struct model *model, uint32_t layer, enum matrix_kind kind,
                 struct float_matrix *out, struct error *err);
void float_matrix_free(struct float_matrix *matrix);

/* The largest magnitude of `count` values; 0 for none. */
float largest_magnitude(const float *value, size_t count);

/* The largest Euclidean norm of a row: for an input of unit length the largest
 * value that the product can take. */
float float_matrix_bound(const struct float_matrix *matrix, uint32_t first_row, uint32_t rows);

#endif
