/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler of transformers and that of Mamba models share. */
#ifndef MILLRACE_GEN_COMPILE_COMPILER_H
#define MILLRACE_GEN_COMPILE_COMPILER_H

#include "gen/compile/compile.h"
#include "gen/compile/tape_writer.h"
#include "gen/quant/calibration.h"
#include "gen/quant/rotation.h"

enum {
    FINE_GROUP = 16, /* inputs that share a scale */
    COARSE_GROUP = 32,
};

struct compiler {
    const struct model *model;
    const struct compile_options *options;
    struct mill *mill;
    struct tape_writer tape;
    struct calibration calibration;
    struct rotation residual; /* of the residual stream; no stages: none */
    struct error *err;
};

/* The most fraction bits with which `bound` fits a signed value of `bits` bits. */
int fraction_of(double bound, int bits);

/* The same of a wide value, a little above the bound for the weights' rounding. */
int wide_fraction(double bound);

bool check_shift(struct compiler *c, int shift, const char *what);

/* Quantise and write one matrix: inputs of `in` fraction bits, results of `out`.
 * `hessian` is that of the inputs as the matrix takes them, for compensation;
 * NULL: round to nearest. */
bool emit_matrix(struct compiler *c, const struct float_matrix *value, const float *hessian,
                 unsigned bits, uint32_t group, int in, int out, struct tape_op op,
                 const char *what);

/* NORM of the residual stream; mantissas of `bits` bits, 0: as the acts. */
void emit_norm(struct compiler *c, unsigned bits);

/* One layer's operations. */
bool emit_mamba_layer(struct compiler *c, uint32_t layer);

/* Does the integer model take this Mamba model's sizes? */
bool check_mamba(const struct model *model, struct error *err);

#endif
