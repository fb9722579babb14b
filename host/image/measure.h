/* SPDX-License-Identifier: Apache-2.0 */
/* A larger picture measured against what it should be, by the papers' usual protocol. */
#ifndef MILLRACE_HOST_IMAGE_MEASURE_H
#define MILLRACE_HOST_IMAGE_MEASURE_H

#include "gen/image/network.h"
#include "host/image/planes.h"

struct picture_measures {
    bool given; /* else there is no reference */
    double psnr, ssim;
};

/* Cut `large` to a multiple of the scale, and shrink that bicubically by it, in bytes:
 * *small is allocated.  ERROR_INPUT where `large` has fewer pixels than that. */
bool picture_shrink(const struct picture *large, uint32_t scale, struct picture *small,
                    struct error *err);

/* Compare `luma` with that of the reference, which is cut to its size and may be larger by
 * less than the network's scale, else ERROR_INPUT; a border as wide as that is left out. */
bool picture_measure(const struct picture *reference, const struct planes *luma,
                     const struct image_network *network, struct picture_measures *measures,
                     struct error *err);

#endif
