/* SPDX-License-Identifier: Apache-2.0 */
/* A picture on its way through an upscaler: what upscaler.c and its parts share. */
#ifndef MILLRACE_HOST_IMAGE_UPSCALE_JOB_H
#define MILLRACE_HOST_IMAGE_UPSCALE_JOB_H

#include "host/image/upscaler.h"

/* All are borrowed but the patches. */
struct upscale_job {
    const struct upscaler *u;
    const struct planes *in;
    struct planes *out;
    uint32_t scale;
    struct patches patches;
    struct error *err;
};

/* Allocate *part and copy rectangle `at` of the picture into it: whole numbers, or on the
 * device float real ones. */
bool upscale_job_cut(const struct upscale_job *job, const struct patch *at,
                     struct image_tensor *part);

#endif
