/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the Mamba compiler share. */
#ifndef MILLRACE_GEN_COMPILE_COMPILE_MAMBA_H
#define MILLRACE_GEN_COMPILE_COMPILE_MAMBA_H

#include "gen/compile/compiler.h"

#define LN2 0.69314718055994531

/* Rows of a matrix, quantised for what the calibration saw; no `hessian`: to nearest. */
struct rows {
    const struct float_matrix *matrix;
    const float *hessian;
    uint32_t first, count;
};

/* MATRIX of 'rows': inputs of `in` fraction bits, results of `out`. */
bool emit_rows(struct compiler *c, const struct rows *rows, int in, int out, struct tape_op op,
               const char *what);

/* ROTATE of `count` wide values from `source` on into the operand; `r` NULL: a copy. */
void emit_rotate(struct compiler *c, uint32_t source, uint32_t count, const struct rotation *r);

/* Mamba-2's NORM of the gated values, which have `gated` fraction bits: into the operand or,
 * where something is multiplied in behind it, into the wide store at `target` with *fraction
 * fraction bits. */
bool emit_gated_norm(struct compiler *c, uint32_t layer, int gated, uint32_t target, int *fraction);

/* MATRIX out_proj, of inputs that `all` times make the model's, before the rotation. */
bool emit_out(struct compiler *c, uint32_t layer, float all, int in);

/* All elements of a weight, row by row, malloc'd; NULL after an error. */
float *read_vector(struct compiler *c, const struct weight *w);

/* The Hessian of a matrix's inputs as it takes them, malloc'd; *hessian stays NULL where
 * rounding is to nearest. */
bool find_hessian(struct compiler *c, uint32_t layer, enum matrix_kind kind,
                  const struct weight *norm, const struct rotation *rotation, float **hessian);

/* Multiply column i by factor[i] (NULL: 1) and all of them by `all`. */
void scale_columns(struct float_matrix *m, const float *factor, float all);

#endif
