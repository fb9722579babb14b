/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a matrix should be so that with the rounded model's inputs it gives what
 * the float model gives with its own: least squares over the calibration text
 * (Li et al. 2025, "GPTAQ", calls it asymmetric calibration).
 */
#ifndef MILLRACE_GEN_QUANT_TARGET_H
#define MILLRACE_GEN_QUANT_TARGET_H

#include "gen/quant/rounding.h"
#include "gen/quant/streams.h"

/* Fill in r->moment and r->target for the matrix that reads the streams' inputs.
 * `to_residual`: its result is added to the residual stream, and makes up for
 * what that has missed so far.  ERROR_FAILED for want of memory. */
bool target_fit(const struct streams *s, const struct float_matrix *matrix, bool to_residual,
                struct rounding *r, struct error *err);

#endif
