/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes into a classifier: frames of features, where a language model takes tokens.
 *
 * A frame becomes a residual stream of a length that is always the same, so that the norm
 * before a matrix divides by a constant and the model has none: the features, a value
 * that makes their length FRAME_RADIUS, zeros to a whole block of 16, FRAME_CONSTANT,
 * which stands for 1 where a bias is added, zeros to a whole block, and zeros that the
 * model's results are added to.
 *
 * A pass's last logit is that of FRAME_CONSTANT: the others divided by it are the
 * classifier's, whatever the length of what was added.
 */
#ifndef MILLRACE_GEN_MILL_FRAMES_H
#define MILLRACE_GEN_MILL_FRAMES_H

#include "base/npy.h"
#include "gen/mill/mill.h"

enum { FRAME_RADIUS = 30000, FRAME_CONSTANT = 16384, FRAME_SHIFT = 7 };

/* Where FRAME_CONSTANT and the results are. */
static inline uint32_t frame_constant_at(uint32_t features)
{
    return (features + 1 + 15) / 16 * 16;
}

static inline uint32_t frame_output_at(uint32_t features)
{
    return frame_constant_at(features) + 16;
}

/* The length of every frame, in the steps of its int16 values. */
double frame_length(void);

/* The scale with which the longest of these frames has half of FRAME_RADIUS. */
float frame_scale(const struct npy_matrix *features);

/* Make the mill's frames of the rows of `features`, in the mill's arena, in the place of
 * those it had.  A row that is too long is shortened; *shortened counts them, or is NULL.
 * ERROR_INPUT where the rows have another number of features or are more than the
 * context. */
bool mill_set_frames(struct mill *mill, const struct npy_matrix *features, uint32_t *shortened,
                     struct error *err);

#endif
