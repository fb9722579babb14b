/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of 8 bits a sample, from and to PNG files, and from JPEG files. */
#ifndef MILLRACE_HOST_IMAGE_PICTURE_H
#define MILLRACE_HOST_IMAGE_PICTURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/mapped_file.h"

enum {
    PICTURE_SIDE_MAX = 32768,
    PICTURE_PIXELS_MAX = 1 << 27,
};

/* Samples lie pixel by pixel, rows from the top: grey, grey and alpha, RGB, or
 * RGB and alpha. */
struct picture {
    uint32_t width, height, channels; /* channels 1 to 4, as above */
    uint8_t *sample;                  /* [height][width][channels]; owned */
};

/* Memory for a picture of the shape; ERROR_INPUT where a side is out of range. */
bool picture_alloc(struct picture *picture, uint32_t width, uint32_t height, uint32_t channels,
                   struct error *err);
void picture_free(struct picture *picture);

/* A PNG or JPEG file, by its content.  A palette becomes RGB, a transparent
 * colour alpha, 16 bits the upper 8, fewer than 8 bits 8. */
bool picture_read(struct picture *picture, const char *path, struct error *err);

/* The two formats from memory; `name` is for messages. */
bool picture_read_png(struct picture *picture, const struct mapped_file *file, const char *name,
                      struct error *err);
bool picture_read_jpeg(struct picture *picture, const struct mapped_file *file, const char *name,
                       struct error *err);

/* Write PNG to `file`; `name` is for messages. */
bool picture_write_png(const struct picture *picture, FILE *file, const char *name,
                       struct error *err);

/* Write a PNG file: under another name first, then renamed. */
bool picture_write(const struct picture *picture, const char *path, struct error *err);

static inline bool picture_has_alpha(const struct picture *picture)
{
    return picture->channels % 2 == 0;
}

/* Samples of colour: 1 or 3. */
static inline uint32_t picture_colours(const struct picture *picture)
{
    return picture->channels < 3 ? 1 : 3;
}

#endif
