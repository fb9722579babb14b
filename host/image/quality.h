/* SPDX-License-Identifier: Apache-2.0 */
/* How near one plane of luma is to another. */
#ifndef MILLRACE_HOST_IMAGE_QUALITY_H
#define MILLRACE_HOST_IMAGE_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

/* Planes of levels, [height][width]; `shave` pixels of each border are left out. */
struct quality_planes {
    const double *a, *b;
    uint32_t width, height, shave;
};

/* Peak signal to noise, 10 log10(255^2 / mean squared error), in dB; infinite
 * where the planes are equal, NAN where nothing is left of them. */
double quality_psnr(const struct quality_planes *planes);

/* Structural similarity (Wang et al., "Image quality assessment: from error
 * visibility to structural similarity", 2004): a Gaussian window of 11 x 11,
 * sigma 1.5, K1 = 0.01, K2 = 0.03.  NAN where the window does not fit. */
double quality_ssim(const struct quality_planes *planes);

#endif
