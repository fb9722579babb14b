/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/measure.h"

#include <inttypes.h>
#include <string.h>

#include "host/image/quality.h"

bool picture_shrink(const struct picture *large, uint32_t scale, struct picture *small,
                    struct error *err)
{
    struct picture cut = {0};
    struct planes planes = {0}, less = {0};
    uint32_t width = large->width / scale, height = large->height / scale;

    if (width < 1 || height < 1)
        return error_set(err, ERROR_INPUT, "the picture is too small to be shrunk by %" PRIu32,
                         scale);
    bool ok = picture_alloc(&cut, width * scale, height * scale, large->channels, err);
    for (uint32_t y = 0; ok && y < cut.height; y++)
        memcpy(cut.sample + (size_t)y * cut.width * cut.channels,
               large->sample + (size_t)y * large->width * cut.channels,
               (size_t)cut.width * cut.channels);
    ok = ok && planes_from_picture(&planes, &cut, err) &&
         planes_alloc(&less, width, height, cut.channels, err) &&
         planes_resize(&planes, 0, 1.0 / scale, &less, err) && planes_to_picture(small, &less, err);
    picture_free(&cut);
    planes_free(&planes);
    planes_free(&less);
    return ok;
}

bool picture_measure(const struct picture *reference, const struct planes *luma,
                     const struct image_network *network, struct picture_measures *m,
                     struct error *err)
{
    uint32_t scale = network->scale;
    struct planes whole, cut;

    if (reference->width < luma->width || reference->height < luma->height ||
        reference->width - luma->width >= scale || reference->height - luma->height >= scale)
        return error_set(err, ERROR_INPUT,
                         "the reference has %" PRIu32 " x %" PRIu32 " pixels, the result %" PRIu32
                         " x %" PRIu32,
                         reference->width, reference->height, luma->width, luma->height);
    if (!planes_luma(&whole, reference, err))
        return false;
    bool ok = planes_alloc(&cut, luma->width, luma->height, 1, err);
    bool rounded = network->node[0].channels == 1;
    for (uint32_t y = 0; ok && y < cut.height; y++)
        for (uint32_t x = 0; x < cut.width; x++) {
            double value = whole.value[(size_t)y * whole.width + x];
            cut.value[(size_t)y * cut.width + x] = rounded ? to_byte(value) : value;
        }
    if (ok) {
        const struct quality_planes planes = {luma->value, cut.value, cut.width, cut.height, scale};
        *m = (struct picture_measures){true, quality_psnr(&planes), quality_ssim(&planes)};
    }
    planes_free(&whole);
    planes_free(&cut);
    return ok;
}
