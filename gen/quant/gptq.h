/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounding that compensates its own error (GPTQ, Frantar et al. 2022): weights
 * are rounded column by column, and what rounding one changes in the outputs is
 * undone, as far as the inputs' correlations allow, by the columns not yet
 * rounded.  Coordinate descent over the rounded weights then takes what a
 * single sweep leaves.
 *
 * Inputs that are themselves rounded count too: to an output they add the sum of
 * weight^2 * variance of the rounding.  The weights that make the least of both errors
 * are smaller where inputs vary less than their rounding does (ridge regression on noisy
 * inputs), and those are what is rounded.
 */
#ifndef MILLRACE_GEN_QUANT_GPTQ_H
#define MILLRACE_GEN_QUANT_GPTQ_H

#include "gen/quant/quantised_matrix.h"

/* `hessian` [columns][columns] is the sum of input * input^T over calibration
 * inputs; it decides what matters.  `input_bits`: of the inputs' mantissas, 8 or
 * 4; rounding to 8 is taken as none.  Deterministic.  ERROR_FAILED for want of
 * memory or where no damping makes the Hessian positive definite. */
bool quantise_compensated(const struct float_matrix *from, const float *hessian,
                          unsigned input_bits, unsigned bits, uint32_t group,
                          struct quantised_matrix *out, struct error *err);

#endif
