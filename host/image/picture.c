/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/picture.h"

#include <stdlib.h>
#include <string.h>

bool picture_alloc(struct picture *picture, uint32_t width, uint32_t height, uint32_t channels,
                   struct error *err)
{
    *picture = (struct picture){width, height, channels, NULL};
    if (width < 1 || height < 1 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        (uint64_t)width * height > PICTURE_PIXELS_MAX)
        return error_set(err, ERROR_INPUT, "a picture of %u x %u pixels is out of range", width,
                         height);
    picture->sample = calloc((size_t)width * height, channels);
    return picture->sample ||
           error_set(err, ERROR_FAILED, "out of memory for %u x %u pixels", width, height);
}

void picture_free(struct picture *picture)
{
    free(picture->sample);
    *picture = (struct picture){0};
}

bool picture_read(struct picture *picture, const char *path, struct error *err)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G'}, jpeg[] = {0xff, 0xd8, 0xff};
    struct mapped_file file;
    bool ok;

    *picture = (struct picture){0};
    if (!mapped_file_open(&file, path, err))
        return false;
    if (file.size > sizeof png && memcmp(file.data, png, sizeof png) == 0)
        ok = picture_read_png(picture, &file, path, err);
    else if (file.size > sizeof jpeg && memcmp(file.data, jpeg, sizeof jpeg) == 0)
        ok = picture_read_jpeg(picture, &file, path, err);
    else
        ok = error_set(err, ERROR_INPUT, "%s: neither PNG nor JPEG", path);
    mapped_file_close(&file);
    return ok;
}
