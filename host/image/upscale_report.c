/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/upscale_report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "gen/report/page.h"
#include "host/image/edge_score.h"

enum {
    DETAIL_SIDE = 320,  /* pixels of the larger picture */
    DETAILS_A_SIDE = 8, /* steps between two that are compared, a side of a detail */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The part of the picture read that has the most edges. */
static bool find_detail(const struct upscale_report *r, struct patch *detail, struct error *err)
{
    uint32_t side = DETAIL_SIDE / r->upscaler->network->network.scale;
    uint32_t step = side / DETAILS_A_SIDE;
    struct patch at = {0, 0, smaller(side, r->in->width), smaller(side, r->in->height)};
    struct planes planes;
    uint32_t most = 0;

    if (!planes_from_picture(&planes, r->in, err))
        return false;
    planes.channels = picture_colours(r->in);
    *detail = at;
    for (at.y = 0; at.y + at.height <= r->in->height; at.y += step)
        for (at.x = 0; at.x + at.width <= r->in->width; at.x += step) {
            uint32_t score = edge_score(&planes, &at);
            if (score > most) {
                most = score;
                *detail = at;
            }
        }
    planes_free(&planes);
    return true;
}

/* All of the picture read made larger bicubically, and its luma. */
static bool make_before(const struct upscale_report *r, struct picture *before, struct planes *luma,
                        struct error *err)
{
    uint32_t scale = r->upscaler->network->network.scale;
    struct planes in = {0}, large = {0};
    bool ok = planes_from_picture(&in, r->in, err) &&
              planes_alloc(&large, r->out->width, r->out->height, in.channels, err) &&
              planes_resize(&in, 0, scale, &large, err) && planes_to_picture(before, &large, err) &&
              planes_luma(luma, before, err);

    /* As a network of luma has its own. */
    for (size_t i = 0; ok && r->upscaler->network->network.node[0].channels == 1 &&
                       i < (size_t)luma->width * luma->height;
         i++)
        luma->value[i] = to_byte(luma->value[i]);
    planes_free(&in);
    planes_free(&large);
    return ok;
}

static bool cut(const struct picture *from, const struct patch *part, struct picture *to,
                struct error *err)
{
    if (!picture_alloc(to, part->width, part->height, from->channels, err))
        return false;
    for (uint32_t y = 0; y < part->height; y++)
        memcpy(to->sample + (size_t)y * part->width * to->channels,
               from->sample + ((size_t)(part->y + y) * from->width + part->x) * from->channels,
               (size_t)part->width * to->channels);
    return true;
}

/* A picture's part as a figure, whose caption is `title` and what is measured. */
static bool write_figure(FILE *file, const char *title, const struct picture *picture,
                         const struct patch *part, const struct picture_measures *m,
                         struct error *err)
{
    struct picture detail;
    char *png = NULL;
    size_t size = 0;

    if (!cut(picture, part, &detail, err))
        return false;
    FILE *memory = open_memstream(&png, &size);
    bool ok = memory ? picture_write_png(&detail, memory, title, err)
                     : error_set(err, ERROR_FAILED, "%s: out of memory", title);
    if (memory && fclose(memory) != 0 && ok)
        ok = error_set(err, ERROR_FAILED, "%s: out of memory", title);
    if (ok) {
        fputs("<figure><img alt=\"", file);
        write_escaped(file, title);
        fputs("\" src=\"data:image/png;base64,", file);
        base64_write(file, (const uint8_t *)png, size);
        fputs("\"><figcaption>", file);
        write_escaped(file, title);
        if (m && m->given && isfinite(m->psnr))
            fprintf(file, ": PSNR %.2f dB, SSIM %.4f", m->psnr, m->ssim);
        fputs("</figcaption></figure>\n", file);
    }
    free(png);
    picture_free(&detail);
    return ok;
}

static bool write_figures(FILE *file, const struct upscale_report *r, struct error *err)
{
    const struct image_network *net = &r->upscaler->network->network;
    struct picture before = {0};
    struct planes luma = {0};
    struct picture_measures m = {0};
    struct patch detail;

    if (!find_detail(r, &detail, err))
        return false;
    struct patch large = {detail.x * net->scale, detail.y * net->scale, detail.width * net->scale,
                          detail.height * net->scale};
    fprintf(
        file,
        "<h2>Before and after</h2>\n<p>%" PRIu32 " x %" PRIu32 " of %" PRIu32 " x %" PRIu32
        " pixels, from (%" PRIu32 ", %" PRIu32
        ") on: the part with the most edges. What is measured is luma of the whole picture.</p>\n"
        "<div class=\"pair\">\n",
        large.width, large.height, r->out->width, r->out->height, large.x, large.y);
    bool ok =
        make_before(r, &before, &luma, err) &&
        (!r->reference->sample || picture_measure(r->reference, &luma, net, &m, err)) &&
        write_figure(file, "Bicubic", &before, &large, &m, err) &&
        write_figure(file, net->name, r->out, &large, r->measures, err) &&
        (!r->reference->sample || write_figure(file, "Reference", r->reference, &large, NULL, err));
    fputs("</div>\n", file);
    picture_free(&before);
    planes_free(&luma);
    return ok;
}

static void write_row(FILE *file, const char *name, uint64_t number)
{
    char text[GROUPED_BYTES];
    fprintf(file, "<tr><th>%s</th><td>%s</td></tr>\n", name, grouped(number, text));
}

static void write_counts(FILE *file, const struct upscale_report *r)
{
    static const char *const patches[] = {"patches, bilinear", "patches, half", "patches, full"};
    const struct upscale_counts *counts = r->counts;

    fputs("<h2>Work</h2>\n<table><tbody>\n", file);
    write_row(file, "multiply-accumulates", counts->macs);
    write_row(file, "saved by edges", counts->macs_skipped);
    for (int s = 0; r->upscaler->network->network.selective && s < SUBNETS; s++)
        write_row(file, patches[s], counts->patches[s]);
    if (r->upscaler->device) {
        const struct picture_device_info *info = picture_device_info(r->upscaler->device);
        write_row(file, "lanes", info->lanes);
        write_row(file, "cycles", info->cycles);
        write_row(file, "cycles predicted", info->predicted.cycles);
    }
    fprintf(file, "<tr><th>seconds</th><td>%.2f</td></tr>\n</tbody></table>\n", r->seconds);
}

static bool write_page(FILE *file, const struct upscale_report *r, struct error *err)
{
    const struct integer_network *network = r->upscaler->network;

    page_begin(file, network->network.name);
    fputs("<h1>", file);
    write_escaped(file, network->network.name);
    fputs(" on ", file);
    write_escaped(file, r->upscaler->device_name);
    fprintf(file,
            "</h1>\n<p>%" PRIu32 " x %" PRIu32 " pixels made %" PRIu32 " x %" PRIu32
            "; %u-bit weights, %u-bit activations.</p>\n",
            r->in->width, r->in->height, r->out->width, r->out->height, network->weight_bits,
            network->act_bits);
    bool ok = write_figures(file, r, err);
    write_counts(file, r);
    page_end(file);
    return ok;
}

bool upscale_report_write(const struct upscale_report *report, const char *path, struct error *err)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    bool ok = write_page(file, report, err);
    bool bad = ferror(file) != 0;
    if ((fclose(file) != 0 || bad) && ok)
        ok = error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    return ok;
}
