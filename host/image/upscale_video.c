/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/upscale_video.h"

#include <string.h>

#include "host/image/resample.h"
#include "host/image/y4m.h"
#include "host/interrupt.h"

static void add_counts(struct upscale_counts *sum, const struct upscale_counts *one)
{
    sum->macs += one->macs;
    sum->macs_skipped += one->macs_skipped;
    for (int s = 0; s < SUBNETS; s++)
        sum->patches[s] += one->patches[s];
    for (int i = 0; i < 2; i++)
        sum->threshold[i] = one->threshold[i];
}

static void round_planes(struct planes *planes)
{
    size_t count = (size_t)planes->channels * planes->height * planes->width;

    for (size_t i = 0; i < count; i++)
        planes->value[i] = to_byte(planes->value[i]);
}

/* One plane bicubically to another's size. */
static bool fit(const struct planes *from, uint32_t from_channel, struct planes *to,
                uint32_t to_channel, struct error *err)
{
    return resample_bicubic(planes_plane(from, from_channel), from->width, from->height,
                            (double)to->width / from->width, planes_plane(to, to_channel),
                            to->width, to->height) ||
           error_set(err, ERROR_FAILED, "out of memory for a frame");
}

/* Luma by the network, chroma bicubically. */
static bool upscale_luma(const struct upscaler *u, const struct y4m_frame *in,
                         struct y4m_frame *out, struct upscale_counts *counts, struct error *err)
{
    planes_free(&out->luma);
    if (!upscale_planes(u, &in->luma, &out->luma, counts, err))
        return false;
    for (uint32_t c = 0; c < in->chroma.channels; c++)
        if (!fit(&in->chroma, c, &out->chroma, c, err))
            return false;
    return true;
}

/* The frame as RGB bytes. */
static bool frame_to_rgb(const struct y4m_frame *in, struct planes *rgb, struct error *err)
{
    size_t pixels = (size_t)in->luma.width * in->luma.height;

    if (!planes_alloc(rgb, in->luma.width, in->luma.height, 3, err))
        return false;
    memcpy(rgb->value, in->luma.value, pixels * sizeof *rgb->value);
    for (size_t i = pixels; i < 3 * pixels; i++)
        rgb->value[i] = 128;
    for (uint32_t c = 0; c < in->chroma.channels; c++)
        if (!fit(&in->chroma, c, rgb, 1 + c, err))
            return false;
    planes_to_rgb(rgb);
    round_planes(rgb);
    return true;
}

static bool rgb_to_frame(struct planes *rgb, struct y4m_frame *out, struct error *err)
{
    size_t pixels = (size_t)rgb->width * rgb->height;

    round_planes(rgb);
    planes_to_ycbcr(rgb);
    memcpy(out->luma.value, rgb->value, pixels * sizeof *rgb->value);
    for (uint32_t c = 0; c < out->chroma.channels; c++)
        if (!fit(rgb, 1 + c, &out->chroma, c, err))
            return false;
    return true;
}

static bool upscale_rgb(const struct upscaler *u, const struct y4m_frame *in, struct y4m_frame *out,
                        struct upscale_counts *counts, struct error *err)
{
    struct planes rgb = {0}, large = {0};
    bool ok = frame_to_rgb(in, &rgb, err) && upscale_planes(u, &rgb, &large, counts, err) &&
              rgb_to_frame(&large, out, err);

    planes_free(&rgb);
    planes_free(&large);
    return ok;
}

/* Read, enlarge and write one frame; *end where there was none. */
static bool next_frame(const struct upscaler *u, const struct y4m_stream *from, FILE *in,
                       const char *in_name, const struct y4m_stream *to, FILE *out,
                       const char *out_name, struct upscale_counts *counts, bool *end,
                       struct error *err)
{
    struct y4m_frame small, large = {0};
    struct upscale_counts one = {0};
    bool is_luma = u->network->network.node[0].channels == 1;

    if (!y4m_read_frame(from, in, in_name, &small, end, err))
        return false;
    bool ok = *end || (y4m_alloc_frame(to, &large, err) &&
                       (is_luma ? upscale_luma : upscale_rgb)(u, &small, &large, &one, err) &&
                       y4m_write_frame(&large, out, out_name, err));
    if (!*end)
        add_counts(counts, &one);
    y4m_free_frame(&small);
    y4m_free_frame(&large);
    return ok;
}

bool upscale_video(const struct upscaler *u, FILE *in, const char *in_name, FILE *out,
                   const char *out_name, uint64_t *frames, struct upscale_counts *counts,
                   struct error *err)
{
    struct y4m_stream from, to;
    bool end = false;

    *frames = 0;
    *counts = (struct upscale_counts){0};
    if (!y4m_read_stream(&from, in, in_name, err))
        return false;
    to = from;
    to.width *= u->network->network.scale;
    to.height *= u->network->network.scale;
    if (to.width > PICTURE_SIDE_MAX || to.height > PICTURE_SIDE_MAX)
        return error_set(err, ERROR_INPUT, "%s: frames of %u x %u pixels are too large", in_name,
                         from.width, from.height);
    if (!y4m_write_stream(&to, out, out_name, err))
        return false;
    while (!end && !interrupt_pending()) {
        if (!next_frame(u, &from, in, in_name, &to, out, out_name, counts, &end, err))
            return false;
        *frames += !end;
    }
    return true;
}
