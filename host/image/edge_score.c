/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/edge_score.h"

#include <stdlib.h>

/* Index i of a row of `count`, mirrored about the first and the last. */
static uint32_t mirrored(int64_t i, uint32_t count)
{
    if (count == 1)
        return 0;
    return (uint32_t)(i < 0 ? -i : i >= count ? 2 * (int64_t)(count - 1) - i : i);
}

static int32_t luma(const struct planes *planes, const struct patch *p, int64_t y, int64_t x)
{
    size_t at =
        (size_t)(p->y + mirrored(y, p->height)) * planes->width + p->x + mirrored(x, p->width);
    int32_t r = (int32_t)planes_plane(planes, 0)[at];
    int32_t g = (int32_t)planes_plane(planes, planes->channels == 3 ? 1 : 0)[at];
    int32_t b = (int32_t)planes_plane(planes, planes->channels == 3 ? 2 : 0)[at];

    return (77 * r + 150 * g + 29 * b + 128) >> 8;
}

uint32_t edge_score(const struct planes *planes, const struct patch *p)
{
    uint32_t sum = 0;

    for (int64_t y = 0; y < p->height; y++)
        for (int64_t x = 0; x < p->width; x++) {
            int32_t around = luma(planes, p, y - 1, x - 1) + luma(planes, p, y - 1, x + 1) +
                             luma(planes, p, y + 1, x - 1) + luma(planes, p, y + 1, x + 1);
            int32_t laplacian = abs(2 * around - 8 * luma(planes, p, y, x));
            sum += (uint32_t)(laplacian < 255 ? laplacian : 255);
        }
    return sum;
}
