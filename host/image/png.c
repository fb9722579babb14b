/* SPDX-License-Identifier: Apache-2.0 */
/* PNG by libpng, whose errors come as a longjmp out of its functions. */
#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/image/picture.h"

struct png_job {
    jmp_buf jump;
    char message[128];
    const struct mapped_file *file;
    size_t at;
};

static void on_error(png_structp png, png_const_charp message)
{
    struct png_job *job = png_get_error_ptr(png);
    snprintf(job->message, sizeof job->message, "%s", message);
    longjmp(job->jump, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep to, size_t count)
{
    struct png_job *job = png_get_io_ptr(png);

    if (count > job->file->size - job->at)
        png_error(png, "the file ends too early");
    memcpy(to, job->file->data + job->at, count);
    job->at += count;
}

/* Ask for 8-bit grey or RGB with alpha where there is any. */
static void ask_for_bytes(png_structp png, png_infop info)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* Between these the job may be left by longjmp: no local is written there. */
static bool read_png(struct png_job *job, png_structp png, png_infop info, struct picture *picture,
                     png_bytep **rows, const char *name, struct error *err)
{
    if (setjmp(job->jump))
        return error_set(err, ERROR_INPUT, "%s: %s", name, job->message);
    png_set_user_limits(png, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX);
    png_set_chunk_malloc_max(png, 1 << 24);
    png_set_read_fn(png, job, read_bytes);
    png_read_info(png, info);
    ask_for_bytes(png, info);
    if (!picture_alloc(picture, png_get_image_width(png, info), png_get_image_height(png, info),
                       png_get_channels(png, info), err))
        return error_prefix(err, "%s", name);
    *rows = malloc(picture->height * sizeof **rows);
    if (!*rows)
        return error_set(err, ERROR_FAILED, "%s: out of memory", name);
    for (uint32_t y = 0; y < picture->height; y++)
        (*rows)[y] = picture->sample + (size_t)y * picture->width * picture->channels;
    png_read_image(png, *rows);
    png_read_end(png, NULL);
    return true;
}

bool picture_read_png(struct picture *picture, const struct mapped_file *file, const char *name,
                      struct error *err)
{
    struct png_job job = {.file = file};
    png_bytep *rows = NULL;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;

    *picture = (struct picture){0};
    bool ok = info ? read_png(&job, png, info, picture, &rows, name, err)
                   : error_set(err, ERROR_FAILED, "%s: out of memory", name);
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    if (!ok)
        picture_free(picture);
    return ok;
}

static bool write_png(struct png_job *job, png_structp png, png_infop info,
                      const struct picture *picture, FILE *file, const char *path,
                      struct error *err)
{
    static const int type[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                               PNG_COLOR_TYPE_RGB_ALPHA};

    if (setjmp(job->jump))
        return error_set(err, ERROR_FAILED, "%s: %s", path, job->message);
    png_init_io(png, file);
    png_set_IHDR(png, info, picture->width, picture->height, 8, type[picture->channels - 1],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < picture->height; y++)
        png_write_row(png, picture->sample + (size_t)y * picture->width * picture->channels);
    png_write_end(png, info);
    return true;
}

bool picture_write_png(const struct picture *picture, FILE *file, const char *name,
                       struct error *err)
{
    struct png_job job = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool ok = info ? write_png(&job, png, info, picture, file, name, err)
                   : error_set(err, ERROR_FAILED, "%s: out of memory", name);

    png_destroy_write_struct(&png, &info);
    return ok;
}

bool picture_write(const struct picture *picture, const char *path, struct error *err)
{
    char temporary[4096];

    if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", path);
    FILE *file = fopen(temporary, "wb");
    if (!file)
        return error_set(err, ERROR_FAILED, "%s: %s", temporary, strerror(errno));
    bool ok = picture_write_png(picture, file, path, err);
    if (fclose(file) != 0 && ok)
        ok = error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    if (ok && rename(temporary, path) != 0)
        ok = error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    if (!ok)
        unlink(temporary);
    return ok;
}
