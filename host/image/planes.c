/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/planes.h"

#include <stdlib.h>

#include "host/image/resample.h"

bool planes_alloc(struct planes *planes, uint32_t width, uint32_t height, uint32_t channels,
                  struct error *err)
{
    *planes = (struct planes){width, height, channels, NULL};
    planes->value = calloc((size_t)width * height * channels, sizeof *planes->value);
    return planes->value ||
           error_set(err, ERROR_FAILED, "out of memory for %u x %u pixels", width, height);
}

void planes_free(struct planes *planes)
{
    free(planes->value);
    *planes = (struct planes){0};
}

bool planes_from_picture(struct planes *planes, const struct picture *picture, struct error *err)
{
    size_t pixels = (size_t)picture->width * picture->height;

    if (!planes_alloc(planes, picture->width, picture->height, picture->channels, err))
        return false;
    for (uint32_t c = 0; c < picture->channels; c++)
        for (size_t i = 0; i < pixels; i++)
            planes->value[c * pixels + i] = picture->sample[i * picture->channels + c];
    return true;
}

bool planes_to_picture(struct picture *picture, const struct planes *planes, struct error *err)
{
    size_t pixels = (size_t)planes->width * planes->height;

    if (!picture_alloc(picture, planes->width, planes->height, planes->channels, err))
        return false;
    for (uint32_t c = 0; c < planes->channels; c++)
        for (size_t i = 0; i < pixels; i++)
            picture->sample[i * planes->channels + c] =
                (uint8_t)to_byte(planes->value[c * pixels + i]);
    return true;
}

static double luma_of(double r, double g, double b)
{
    return 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
}

void planes_to_ycbcr(struct planes *planes)
{
    size_t pixels = (size_t)planes->width * planes->height;
    double *r = planes->value, *g = r + pixels, *b = g + pixels;

    for (size_t i = 0; i < pixels; i++) {
        if (planes->channels < 3) {
            r[i] = 16 + 219.0 / 255 * r[i];
            continue;
        }
        double y = luma_of(r[i], g[i], b[i]);
        double cb = 128 + (-37.797 * r[i] - 74.203 * g[i] + 112.0 * b[i]) / 255;
        double cr = 128 + (112.0 * r[i] - 93.786 * g[i] - 18.214 * b[i]) / 255;
        r[i] = y;
        g[i] = cb;
        b[i] = cr;
    }
}

void planes_to_rgb(struct planes *planes)
{
    size_t pixels = (size_t)planes->width * planes->height;
    double *y = planes->value, *cb = y + pixels, *cr = cb + pixels;

    for (size_t i = 0; i < pixels; i++) {
        double luma = (y[i] - 16) * 255 / 219;
        if (planes->channels < 3) {
            y[i] = luma;
            continue;
        }
        double blue = (cb[i] - 128) * 255 / 224, red = (cr[i] - 128) * 255 / 224;
        y[i] = luma + 1.402 * red;
        cb[i] = luma - 0.344136 * blue - 0.714136 * red;
        cr[i] = luma + 1.772 * blue;
    }
}

bool planes_luma(struct planes *luma, const struct picture *picture, struct error *err)
{
    size_t pixels = (size_t)picture->width * picture->height;

    if (!planes_alloc(luma, picture->width, picture->height, 1, err))
        return false;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *s = picture->sample + i * picture->channels;
        bool grey = picture->channels < 3;
        luma->value[i] = luma_of(s[0], s[grey ? 0 : 1], s[grey ? 0 : 2]);
    }
    return true;
}

bool planes_resize(const struct planes *in, uint32_t first, double scale, struct planes *out,
                   struct error *err)
{
    for (uint32_t c = first; c < in->channels; c++)
        if (!resample_bicubic(planes_plane(in, c), in->width, in->height, scale,
                              planes_plane(out, c), out->width, out->height))
            return error_set(err, ERROR_FAILED, "out of memory for %u x %u pixels", out->width,
                             out->height);
    return true;
}
