/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource-adaptive switching: how far both thresholds are raised (patches_threshold) moves
 * from frame to frame, so that each frame takes no more cycles than a design's clock has
 * for it.
 *
 * A frame begins one step below the last one's, so that thresholds fall again where frames
 * become easier, but not all at once; then the step rises until the frame fits. Cycles that a
 * frame took beyond its own are taken off the next one's, a frame's at most.
 */
#ifndef MILLRACE_HOST_IMAGE_FRAME_PACE_H
#define MILLRACE_HOST_IMAGE_FRAME_PACE_H

#include <stdint.h>

struct frame_pace {
    uint64_t cycles;       /* that the clock has for a frame */
    uint64_t debt;         /* of the next one's, that those before have taken */
    uint32_t step;         /* of the last frame */
    uint64_t frames, late; /* late: that ended after their time */
};

/* The step that the next frame begins with, and the cycles that it may take. */
uint32_t frame_pace_first(const struct frame_pace *pace);
uint64_t frame_pace_limit(const struct frame_pace *pace);

/* A frame was made at `step` in so many cycles. */
void frame_pace_take(struct frame_pace *pace, uint32_t step, uint64_t cycles);

#endif
