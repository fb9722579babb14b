/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_HOST_IMAGE_EDGE_SCORE_H
#define MILLRACE_HOST_IMAGE_EDGE_SCORE_H

#include "host/image/planes.h"

struct patch {
    uint32_t x, y, width, height; /* of the picture, in pixels */
};

/* What a design says of a patch: its edge score, and the subnet (enum image_subnet) that two
 * thresholds choose for it. */
struct patch_score {
    uint32_t sum;
    uint8_t subnet;
};

/* The sum over the patch of |Laplacian| of luma, each held to 255: luma is
 * (77 R + 150 G + 29 B + 128) >> 8, the kernel [2 0 2; 0 -8 0; 2 0 2], the
 * patch's border mirrored about its last pixels.  `planes` are RGB bytes. */
uint32_t edge_score(const struct planes *planes, const struct patch *patch);

#endif
