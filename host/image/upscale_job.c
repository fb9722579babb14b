/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/upscale_job.h"

#include <stdlib.h>

bool upscale_job_cut(const struct upscale_job *j, const struct patch *at, struct image_tensor *part)
{
    size_t pixels = (size_t)at->height * at->width, i = 0;

    *part = (struct image_tensor){j->in->channels, at->height, at->width, {NULL}};
    part->data = malloc(part->channels * pixels * sizeof *part->real);
    if (!part->data)
        return error_set(j->err, ERROR_FAILED, "out of memory for a part of the picture");
    for (uint32_t c = 0; c < part->channels; c++)
        for (uint32_t y = at->y; y < at->y + at->height; y++) {
            const double *from = planes_plane(j->in, c) + (size_t)y * j->in->width + at->x;
            for (uint32_t x = 0; x < at->width; x++, i++)
                if (j->u->integers)
                    part->whole[i] = (int32_t)from[x];
                else
                    part->real[i] = (float)from[x];
        }
    return true;
}
