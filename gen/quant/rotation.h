/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hadamard rotations in float, as the compiler folds them into matrices (QuaRot,
 * Ashkboos et al. 2024; LightMamba, Wei et al. 2025, section III): what
 * gen/op/rotate.c does online, orthonormal here.
 */
#ifndef MILLRACE_GEN_QUANT_ROTATION_H
#define MILLRACE_GEN_QUANT_ROTATION_H

#include "gen/quant/fold.h"

/* Of vectors of count elements: 2^stages-point butterflies in each group of so
 * many elements; then, where it is `twelve`, order 12 across the 12 groups. */
struct rotation {
    uint32_t count;
    unsigned stages;
    bool twelve;
};

/* The one that mixes most: all elements where the count is a power of two or 12
 * times one, else the largest power of two that divides it. */
struct rotation rotation_choose(uint32_t count);

/* Rotate one vector in place. */
void rotation_apply(const struct rotation *r, float *x);

/* M Q^T: what multiplies rotated inputs as M multiplies others; and Q M, which
 * gives rotated results.  The latter is ERROR_FAILED for want of memory. */
void rotation_of_inputs(const struct rotation *r, struct float_matrix *m);
bool rotation_of_outputs(const struct rotation *r, struct float_matrix *m, struct error *err);

/* Q H Q^T of a symmetric [count][count]. */
bool rotation_of_hessian(const struct rotation *r, float *hessian, struct error *err);

/* What an online rotation in integers gives is the orthonormal one's over this. */
float rotation_online_factor(const struct rotation *r);

#endif
