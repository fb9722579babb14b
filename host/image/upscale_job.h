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

#endif
