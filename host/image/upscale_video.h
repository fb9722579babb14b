/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_HOST_IMAGE_UPSCALE_VIDEO_H
#define MILLRACE_HOST_IMAGE_UPSCALE_VIDEO_H

#include <stdio.h>

#include "host/image/upscaler.h"

/* Read Y4M from `in` and write it, larger, to `out`, a frame as soon as it is
 * there.  Luma networks make luma larger, chroma goes bicubically; for others a
 * frame is brought to RGB and back.  *frames counts; `counts` is the sum, with
 * the last frame's thresholds. */
bool upscale_video(const struct upscaler *upscaler, FILE *in, const char *in_name, FILE *out,
                   const char *out_name, uint64_t *frames, struct upscale_counts *counts,
                   struct error *err);

#endif
