/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/resample.h"

#include <math.h>
#include <stdlib.h>

/* Keys' kernel, a = -0.5. */
static double cubic(double x)
{
    x = fabs(x);
    if (x <= 1)
        return (1.5 * x - 2.5) * x * x + 1;
    return x <= 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* What the outputs of one side are made of. */
struct taps {
    uint32_t count;
    double *weight; /* [outputs][count]; owned */
    uint32_t *at;   /* [outputs][count]; owned */
};

static uint32_t mirrored(int64_t i, uint32_t count)
{
    int64_t period = 2 * (int64_t)count, m = ((i % period) + period) % period;
    return (uint32_t)(m < count ? m : period - 1 - m);
}

static bool open_taps(struct taps *t, uint32_t inputs, uint32_t outputs, double scale)
{
    double widen = scale < 1 ? scale : 1, width = 4 / widen;

    t->count = (uint32_t)ceil(width) + 2;
    t->weight = malloc((size_t)outputs * t->count * sizeof *t->weight);
    t->at = malloc((size_t)outputs * t->count * sizeof *t->at);
    if (!t->weight || !t->at)
        return false;
    for (uint32_t o = 0; o < outputs; o++) {
        double centre = (o + 1) / scale + 0.5 * (1 - 1 / scale), sum = 0;
        int64_t left = (int64_t)floor(centre - width / 2);
        double *weight = t->weight + (size_t)o * t->count;
        for (uint32_t k = 0; k < t->count; k++) {
            weight[k] = cubic(widen * (centre - (double)(left + k)));
            t->at[(size_t)o * t->count + k] = mirrored(left + k - 1, inputs);
            sum += weight[k];
        }
        for (uint32_t k = 0; k < t->count; k++)
            weight[k] /= sum;
    }
    return true;
}

static void close_taps(struct taps *t)
{
    free(t->weight);
    free(t->at);
}

static void resample(const double *in, uint32_t in_w, const struct taps *down,
                     const struct taps *along, double *row, double *out, uint32_t out_w,
                     uint32_t out_h)
{
    for (uint32_t y = 0; y < out_h; y++) {
        for (uint32_t x = 0; x < in_w; x++)
            row[x] = 0;
        for (uint32_t k = 0; k < down->count; k++) {
            double weight = down->weight[(size_t)y * down->count + k];
            const double *from = in + (size_t)down->at[(size_t)y * down->count + k] * in_w;
            for (uint32_t x = 0; x < in_w; x++)
                row[x] += weight * from[x];
        }
        for (uint32_t x = 0; x < out_w; x++) {
            double sum = 0;
            for (uint32_t k = 0; k < along->count; k++)
                sum += along->weight[(size_t)x * along->count + k] *
                       row[along->at[(size_t)x * along->count + k]];
            out[(size_t)y * out_w + x] = sum;
        }
    }
}

bool resample_bicubic(const double *in, uint32_t in_w, uint32_t in_h, double scale, double *out,
                      uint32_t out_w, uint32_t out_h)
{
    struct taps down = {0}, along = {0};
    double *row = malloc(in_w * sizeof *row);
    bool ok = row && open_taps(&down, in_h, out_h, scale) && open_taps(&along, in_w, out_w, scale);

    if (ok)
        resample(in, in_w, &down, &along, row, out, out_w, out_h);
    close_taps(&down);
    close_taps(&along);
    free(row);
    return ok;
}
