/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_IMAGE_RESIZE_WEIGHTS_H
#define MILLRACE_GEN_IMAGE_RESIZE_WEIGHTS_H

#include "gen/image/integer.h"

/* A resize's filter in integers, of RESIZE_FRACTION bits; a phase's add up to 1, so
 * that an even picture stays even. */
struct resize_weights {
    struct resize_phases phases;
    int32_t weight[IMAGE_SCALE_MAX][RESIZE_TAPS];
};
void resize_weights(const struct image_node *node, struct resize_weights *weights);

#endif
