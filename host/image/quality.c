/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/quality.h"

#include <math.h>
#include <stddef.h>

enum { WINDOW = 11 };

double quality_psnr(const struct quality_planes *p)
{
    double sum = 0;

    if (p->width <= 2 * p->shave || p->height <= 2 * p->shave)
        return NAN;
    for (uint32_t y = p->shave; y < p->height - p->shave; y++)
        for (uint32_t x = p->shave; x < p->width - p->shave; x++) {
            double d = p->a[(size_t)y * p->width + x] - p->b[(size_t)y * p->width + x];
            sum += d * d;
        }
    double count = (double)(p->width - 2 * p->shave) * (p->height - 2 * p->shave);
    return 10 * log10(255.0 * 255.0 * count / sum);
}

static void open_window(double window[WINDOW])
{
    double sum = 0;

    for (int i = 0; i < WINDOW; i++) {
        double d = i - (WINDOW - 1) / 2.0;
        sum += window[i] = exp(-d * d / (2 * 1.5 * 1.5));
    }
    for (int i = 0; i < WINDOW; i++)
        window[i] /= sum;
}

/* The index at one place of the window. */
static double similarity(const struct quality_planes *p, const double window[WINDOW], uint32_t y,
                         uint32_t x)
{
    const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;

    for (uint32_t i = 0; i < WINDOW; i++)
        for (uint32_t k = 0; k < WINDOW; k++) {
            size_t at = (size_t)(y + i) * p->width + x + k;
            double w = window[i] * window[k], u = p->a[at], v = p->b[at];
            a += w * u;
            b += w * v;
            aa += w * u * u;
            bb += w * v * v;
            ab += w * u * v;
        }
    return (2 * a * b + c1) * (2 * (ab - a * b) + c2) /
           ((a * a + b * b + c1) * (aa - a * a + bb - b * b + c2));
}

double quality_ssim(const struct quality_planes *p)
{
    double window[WINDOW], sum = 0;
    uint64_t count = 0;

    open_window(window);
    for (uint32_t y = p->shave; y + WINDOW + p->shave <= p->height; y++)
        for (uint32_t x = p->shave; x + WINDOW + p->shave <= p->width; x++, count++)
            sum += similarity(p, window, y, x);
    return count ? sum / (double)count : NAN;
}
