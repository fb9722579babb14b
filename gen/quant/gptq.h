/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounding that compensates its own error (GPTQ, Frantar et al. 2022): weights
 * are rounded column by column, and what rounding one changes in the outputs is
 * undone, as far as the inputs' correlations allow, by the columns not yet
 * rounded.  Coordinate descent over the rounded weights then takes what a
 * single sweep leaves.
 */
#ifndef MILLRACE_GEN_QUANT_GPTQ_H
#define MILLRACE_GEN_QUANT_GPTQ_H

#include "gen/quant/quantised_matrix.h"

/* `hessian` [columns][columns] is the sum of input * input^T over calibration
 * inputs; it decides what matters.  Deterministic.  ERROR_FAILED for want of
 * memory or where no damping makes the Hessian positive definite. */
bool quantise_compensated(const struct float_matrix *from, const float *hessian, unsigned bits,
                          uint32_t group, struct quantised_matrix *out, struct error *err);

#endif
