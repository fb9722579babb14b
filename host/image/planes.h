/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as planes: luma and chroma of ITU-R BT.601, as MATLAB's rgb2ycbcr has
 * them (luma 16 to 235), and what a network reads and writes. */
#ifndef MILLRACE_HOST_IMAGE_PLANES_H
#define MILLRACE_HOST_IMAGE_PLANES_H

#include "host/image/picture.h"

/* Planes of levels, [channels][height][width]. */
struct planes {
    uint32_t width, height, channels;
    double *value; /* owned */
};

bool planes_alloc(struct planes *planes, uint32_t width, uint32_t height, uint32_t channels,
                  struct error *err);
void planes_free(struct planes *planes);

static inline double *planes_plane(const struct planes *planes, uint32_t channel)
{
    return planes->value + (size_t)channel * planes->height * planes->width;
}

/* All channels of a picture as they are. */
bool planes_from_picture(struct planes *planes, const struct picture *picture, struct error *err);
/* And back, rounded and held to 0..255. */
bool planes_to_picture(struct picture *picture, const struct planes *planes, struct error *err);

/* Planes 0 to 2 from RGB to Y, Cb, Cr, or back; of grey, plane 0. */
void planes_to_ycbcr(struct planes *planes);
void planes_to_rgb(struct planes *planes);

/* Luma of the picture, one plane of fractions of a level. */
bool planes_luma(struct planes *luma, const struct picture *picture, struct error *err);

/* Planes `first` to the last, resized bicubically by `scale`, into `out`, which
 * has the size.  False with an error where memory is short. */
bool planes_resize(const struct planes *in, uint32_t first, double scale, struct planes *out,
                   struct error *err);

/* The nearest byte; 0 for what is not a number. */
static inline double to_byte(double level)
{
    return level >= 255 ? 255 : level > 0 ? (double)(int32_t)(level + 0.5) : 0;
}

#endif
