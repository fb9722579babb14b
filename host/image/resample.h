/* SPDX-License-Identifier: Apache-2.0 */
/* Bicubic resampling, as the papers on super-resolution mean it: MATLAB's
 * imresize, Keys' kernel with a = -0.5, widened where it shrinks, the border
 * mirrored. */
#ifndef MILLRACE_HOST_IMAGE_RESAMPLE_H
#define MILLRACE_HOST_IMAGE_RESAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* Resample one plane, in [in_h][in_w] to out [out_h][out_w], by out_h / in_h and
 * out_w / in_w; the scale of the kernel is `scale`, as imresize is given it.
 * False where memory is short. */
bool resample_bicubic(const double *in, uint32_t in_w, uint32_t in_h, double scale, double *out,
                      uint32_t out_w, uint32_t out_h);

#endif
