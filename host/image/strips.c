/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/strips.h"

#include <stdlib.h>
#include <string.h>

/* Columns first to last - 1 of the picture, and those from left to right - 1 around
 * them. */
struct strip {
    uint32_t first, last, left, right;
    struct image_tensor in, out;
};

/* Copy `count` columns of `from`, from column `at` on, to column `to_at` of `to`. */
static void copy_columns(struct image_tensor *to, uint32_t to_at, const struct image_tensor *from,
                         uint32_t at, uint32_t count)
{
    for (size_t row = 0; row < (size_t)from->channels * from->height; row++)
        memcpy(to->whole + row * to->width + to_at, from->whole + row * from->width + at,
               count * sizeof *to->whole);
}

static bool open_strip(struct strip *s, uint32_t scale, const struct image_tensor *in,
                       struct error *err)
{
    uint32_t width = s->right - s->left;

    s->in = (struct image_tensor){in->channels, in->height, width, {NULL}};
    s->out = (struct image_tensor){in->channels, in->height * scale, width * scale, {NULL}};
    size_t pixels = (size_t)in->channels * in->height * width;
    s->in.data = malloc(pixels * sizeof *s->in.whole);
    s->out.data = malloc(pixels * scale * scale * sizeof *s->out.whole);
    if (!s->in.data || !s->out.data)
        return error_set(err, ERROR_FAILED, "out of memory for a strip of the picture");
    copy_columns(&s->in, 0, in, s->left, width);
    return true;
}

bool strips_run(struct picture_device *device, uint32_t reach, enum image_subnet subnet,
                const struct image_tensor *in, struct image_tensor *out, struct error *err)
{
    uint32_t most = picture_device_info(device)->row_pixels, scale = out->width / in->width;
    bool whole = in->width <= most;

    if (picture_device_info(device)->edges)
        return picture_device_run(device, subnet, in, out, err);

    if (!whole && most <= 2 * reach)
        return error_set(err, ERROR_INPUT,
                         "the device's rows of %u pixels are no longer than twice the network's "
                         "reach of %u",
                         most, reach);
    for (uint32_t first = 0; first < in->width;) {
        struct strip s = {.first = first, .left = first < reach ? 0 : first - reach};
        s.right = in->width - s.left < most ? in->width : s.left + most;
        s.last = s.right == in->width ? s.right : s.right - reach;
        bool ok = open_strip(&s, scale, in, err) &&
                  picture_device_run(device, subnet, &s.in, &s.out, err);
        if (ok)
            copy_columns(out, s.first * scale, &s.out, (s.first - s.left) * scale,
                         (s.last - s.first) * scale);
        free(s.in.data);
        free(s.out.data);
        if (!ok)
            return false;
        first = s.last;
    }
    return true;
}
