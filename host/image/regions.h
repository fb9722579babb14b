/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a design makes a picture whose patches have several subnets: region by region, patches
 * side by side of one subnet with a margin around them, or as a whole by each subnet that has
 * a patch, whichever takes fewer cycles.
 */
#ifndef MILLRACE_HOST_IMAGE_REGIONS_H
#define MILLRACE_HOST_IMAGE_REGIONS_H

#include "host/image/upscale_job.h"

struct regions_plan {
    bool regions;
    uint64_t cycles; /* that it takes, by gen/image/picture_cycles.h */
};

/* For the patches' subnets, on the design of the upscaler's program. */
bool regions_plan(const struct upscale_job *job, struct regions_plan *plan);

/* Run all regions on the upscaler's device. */
bool regions_run(const struct upscale_job *job);

#endif
