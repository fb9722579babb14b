/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/upscaler.h"

#include <stdlib.h>
#include <string.h>

#include "gen/image/float.h"
#include "gen/image/reach.h"
#include "host/image/edge_score.h"
#include "host/image/strips.h"

enum {
    BAND_PIXELS = 1 << 16,
    BAND_ROWS_LEAST = 32,
    STRETCH_UNIT = 64,
    STRETCH_MOST = 1 << 24, /* times a threshold of 4 beyond any patch's score */
};

static bool open_device(struct upscaler *u, struct integer_network *network, const char *name,
                        struct error *err)
{
    u->integers = strcmp(name, "float") != 0;
    if (!u->integers || strcmp(name, "ref") == 0)
        return true;
    u->device = picture_device_open(name, network, err);
    return u->device != NULL;
}

void upscaler_close(struct upscaler *u)
{
    if (u->device)
        picture_device_close(u->device);
    u->device = NULL;
}

bool upscaler_open(struct upscaler *u, struct integer_network *network, const char *device,
                   const char *subnets, struct error *err)
{
    static const char *const policies[] = {"bilinear", "half", "full", "auto"};
    const struct image_network *net = &network->network;

    *u = (struct upscaler){.network = network, .device_name = device};
    u->policy = net->selective && !subnets ? POLICY_AUTO : POLICY_FULL;
    for (int i = 0; subnets && i < 4; i++)
        if (strcmp(policies[i], subnets) == 0) {
            u->policy = (enum subnet_policy)i;
            subnets = NULL;
        }
    if (subnets)
        return error_set(err, ERROR_INPUT, "--subnets: %s is not auto, bilinear, half or full",
                         subnets);
    if (!net->selective && u->policy != POLICY_FULL)
        return error_set(err, ERROR_INPUT, "--subnets: %s has no subnets", net->name);
    u->threshold[0] = net->threshold[0];
    u->threshold[1] = net->threshold[1];
    return image_reach(net, &u->reach, err) && open_device(u, network, device, err);
}

/* One picture on its way. */
struct job {
    const struct upscaler *u;
    const struct planes *in;
    struct planes *out;
    uint32_t scale;
    uint32_t tile_rows, tile_columns;
    uint8_t *subnet; /* [tile_rows][tile_columns], enum image_subnet */
    uint64_t *score; /* [tile_rows][tile_columns], of a whole patch */
    struct error *err;
};

static struct patch patch_at(const struct job *j, uint32_t row, uint32_t column)
{
    uint32_t side = j->u->network->network.tile;
    struct patch p = {column * side, row * side, side, side};

    if (!j->u->network->network.selective)
        return (struct patch){0, 0, j->in->width, j->in->height};
    p.width = j->in->width - p.x < side ? j->in->width - p.x : side;
    p.height = j->in->height - p.y < side ? j->in->height - p.y : side;
    return p;
}

/* Edge scores of all patches; a smaller one at the border counts for as much more. */
static bool score_all(struct job *j)
{
    uint64_t whole = (uint64_t)j->u->network->network.tile * j->u->network->network.tile;
    size_t patches = (size_t)j->tile_rows * j->tile_columns;

    j->score = calloc(patches, sizeof *j->score);
    if (!j->score)
        return error_set(j->err, ERROR_FAILED, "out of memory for the patches");
    for (size_t i = 0; j->u->policy == POLICY_AUTO && i < patches; i++) {
        struct patch p =
            patch_at(j, (uint32_t)(i / j->tile_columns), (uint32_t)(i % j->tile_columns));
        j->score[i] = edge_score(j->in, &p) * whole / ((uint64_t)p.width * p.height);
    }
    return true;
}

static enum image_subnet choose(const struct job *j, uint64_t score, const uint64_t threshold[2])
{
    if (j->u->policy != POLICY_AUTO)
        return (enum image_subnet)j->u->policy;
    return score >= threshold[1]   ? SUBNET_FULL
           : score >= threshold[0] ? SUBNET_HALF
                                   : SUBNET_BILINEAR;
}

/* Choose all patches' subnets by thresholds `stretch` / STRETCH_UNIT times as high. */
static bool choose_all(const struct job *j, uint64_t stretch, struct upscale_counts *counts)
{
    const struct image_network *net = &j->u->network->network;
    const uint64_t threshold[2] = {j->u->threshold[0] * stretch / STRETCH_UNIT,
                                   j->u->threshold[1] * stretch / STRETCH_UNIT};

    *counts = (struct upscale_counts){.threshold = {threshold[0], threshold[1]}};
    for (uint32_t i = 0; i < j->tile_rows * j->tile_columns; i++) {
        struct patch p = patch_at(j, i / j->tile_columns, i % j->tile_columns);
        struct image_size size = {p.height, p.width};
        enum image_subnet subnet = choose(j, j->score[i], threshold);
        uint64_t macs, full;
        if (!image_macs(net, subnet, size, &macs, j->err) ||
            !image_macs(net, SUBNET_FULL, size, &full, j->err))
            return false;
        j->subnet[i] = (uint8_t)subnet;
        counts->patches[subnet]++;
        counts->macs += macs;
        counts->macs_skipped += full - macs;
    }
    return true;
}

/* Resource-adaptive switching: thresholds rise by an eighth until the picture keeps to its
 * budget, if need be until no patch has an edge. */
static bool choose_within_budget(struct job *j, struct upscale_counts *counts)
{
    const struct image_network *net = &j->u->network->network;
    uint32_t side = net->selective ? net->tile : IMAGE_SIDE_MAX;
    uint64_t stretch = STRETCH_UNIT;

    j->tile_rows = (j->in->height + side - 1) / side;
    j->tile_columns = (j->in->width + side - 1) / side;
    j->subnet = calloc(j->tile_rows, j->tile_columns);
    if (!j->subnet)
        return error_set(j->err, ERROR_FAILED, "%s: out of memory", net->name);
    if (!score_all(j) || !choose_all(j, stretch, counts))
        return false;
    while (j->u->policy == POLICY_AUTO && j->u->budget && counts->macs > j->u->budget &&
           stretch < STRETCH_MOST) {
        stretch += stretch / 8;
        if (!choose_all(j, stretch, counts))
            return false;
    }
    return true;
}

/* Rows first to last - 1 of the picture, with what stands around them. */
struct band {
    uint32_t first, last, top, bottom; /* top, bottom: of the margin */
    struct image_tensor in, out;
};

static bool open_band(const struct job *j, uint32_t first, uint32_t last, struct band *b)
{
    uint32_t reach = j->u->reach, channels = j->in->channels;

    *b = (struct band){.first = first, .last = last};
    b->top = first < reach ? 0 : first - reach;
    b->bottom = j->in->height - last < reach ? j->in->height : last + reach;
    b->in = (struct image_tensor){channels, b->bottom - b->top, j->in->width, {NULL}};
    b->out =
        (struct image_tensor){channels, b->in.height * j->scale, b->in.width * j->scale, {NULL}};
    size_t pixels = (size_t)b->in.height * b->in.width;
    b->in.data = malloc(channels * pixels * sizeof(float));
    b->out.data = malloc(channels * pixels * j->scale * j->scale * sizeof(float));
    if (!b->in.data || !b->out.data)
        return error_set(j->err, ERROR_FAILED, "out of memory for a band of the picture");
    for (uint32_t c = 0; c < channels; c++) {
        const double *from = planes_plane(j->in, c) + (size_t)b->top * j->in->width;
        for (size_t i = 0; i < pixels; i++)
            if (j->u->integers)
                b->in.whole[c * pixels + i] = (int32_t)from[i];
            else
                b->in.real[c * pixels + i] = (float)from[i];
    }
    return true;
}

/* Copy the parts of the band that belong to patches of `subnet`. */
static void stitch(const struct job *j, const struct band *b, enum image_subnet subnet)
{
    uint32_t s = j->scale;
    const struct image_network *net = &j->u->network->network;
    uint32_t side = net->selective ? net->tile : IMAGE_SIDE_MAX;

    for (uint32_t c = 0; c < j->out->channels; c++)
        for (uint32_t y = b->first * s; y < b->last * s; y++) {
            size_t from = ((size_t)c * b->out.height + y - (size_t)b->top * s) * b->out.width;
            double *row = planes_plane(j->out, c) + (size_t)y * j->out->width;
            const uint8_t *tiles = j->subnet + (size_t)(y / s / side) * j->tile_columns;
            for (uint32_t x = 0; x < j->out->width; x++)
                if (tiles[x / s / side] == subnet)
                    row[x] = j->u->integers ? (double)b->out.whole[from + x]
                                            : (double)b->out.real[from + x];
        }
}

static bool band_has(const struct job *j, const struct band *b, enum image_subnet subnet)
{
    const struct image_network *net = &j->u->network->network;
    uint32_t side = net->selective ? net->tile : IMAGE_SIDE_MAX;

    for (uint32_t row = b->first / side; row <= (b->last - 1) / side; row++)
        if (memchr(j->subnet + (size_t)row * j->tile_columns, (int)subnet, j->tile_columns))
            return true;
    return false;
}

static bool run_subnet(const struct job *j, enum image_subnet subnet, struct band *b)
{
    const struct upscaler *u = j->u;

    if (u->device)
        return strips_run(u->device, u->reach, subnet, &b->in, &b->out, j->err);
    if (u->integers)
        return image_run_integer(u->network, subnet, &b->in, &b->out, j->err);
    return image_run_float(&u->network->network, subnet, &b->in, &b->out, NULL, NULL, j->err);
}

static bool run_band(const struct job *j, struct band *b)
{
    for (enum image_subnet s = SUBNET_BILINEAR; s < SUBNETS; s++) {
        if (!band_has(j, b, s))
            continue;
        if (!run_subnet(j, s, b))
            return false;
        stitch(j, b, s);
    }
    return true;
}

/* Patches side by side that one subnet makes, with a margin around them. */
struct region {
    uint32_t x, y, width, height;
    uint32_t left, top, right, bottom; /* of the margin; right and bottom are outside */
    enum image_subnet subnet;
    struct image_tensor in, out;
};

static void copy_bytes(const struct image_tensor *to, const struct planes *from, uint32_t left,
                       uint32_t top)
{
    for (uint32_t c = 0; c < to->channels; c++)
        for (uint32_t y = 0; y < to->height; y++)
            for (uint32_t x = 0; x < to->width; x++)
                to->whole[((size_t)c * to->height + y) * to->width + x] =
                    (int32_t)planes_plane(from, c)[(size_t)(top + y) * from->width + left + x];
}

/* The patches of `row` from `first` on that one subnet makes; *next is behind them. */
static struct region region_at(const struct job *j, uint32_t row, uint32_t first, uint32_t *next)
{
    const uint8_t *tiles = j->subnet + (size_t)row * j->tile_columns;
    uint32_t reach = j->u->reach;

    for (*next = first + 1; *next < j->tile_columns && tiles[*next] == tiles[first];)
        ++*next;
    struct patch a = patch_at(j, row, first), b = patch_at(j, row, *next - 1);
    struct region r = {.x = a.x,
                       .y = a.y,
                       .width = b.x + b.width - a.x,
                       .height = a.height,
                       .subnet = (enum image_subnet)tiles[first]};
    r.left = r.x < reach ? 0 : r.x - reach;
    r.top = r.y < reach ? 0 : r.y - reach;
    r.right = j->in->width - r.x - r.width < reach ? j->in->width : r.x + r.width + reach;
    r.bottom = j->in->height - r.y - r.height < reach ? j->in->height : r.y + r.height + reach;
    return r;
}

static bool open_region(const struct job *j, struct region *r)
{
    uint32_t channels = j->in->channels;

    r->in = (struct image_tensor){channels, r->bottom - r->top, r->right - r->left, {NULL}};
    r->out =
        (struct image_tensor){channels, r->in.height * j->scale, r->in.width * j->scale, {NULL}};
    size_t pixels = (size_t)channels * r->in.height * r->in.width;
    r->in.data = malloc(pixels * sizeof *r->in.whole);
    r->out.data = malloc(pixels * j->scale * j->scale * sizeof *r->out.whole);
    if (!r->in.data || !r->out.data)
        return error_set(j->err, ERROR_FAILED, "out of memory for a part of the picture");
    copy_bytes(&r->in, j->in, r->left, r->top);
    return true;
}

static void close_region(const struct job *j, struct region *r, bool ok)
{
    uint32_t s = j->scale, dx = (r->x - r->left) * s, dy = (r->y - r->top) * s;

    for (uint32_t c = 0; ok && c < j->out->channels; c++)
        for (uint32_t y = 0; y < r->height * s; y++) {
            const int32_t *from =
                r->out.whole + ((size_t)c * r->out.height + dy + y) * r->out.width + dx;
            double *to = planes_plane(j->out, c) + ((size_t)r->y * s + y) * j->out->width;
            for (uint32_t x = 0; x < r->width * s; x++)
                to[(size_t)r->x * s + x] = from[x];
        }
    free(r->in.data);
    free(r->out.data);
}

static bool run_regions(const struct job *j)
{
    for (uint32_t row = 0; row < j->tile_rows; row++)
        for (uint32_t first = 0, next; first < j->tile_columns; first = next) {
            struct region r = region_at(j, row, first, &next);
            bool ok = open_region(j, &r) &&
                      strips_run(j->u->device, j->u->reach, r.subnet, &r.in, &r.out, j->err);
            close_region(j, &r, ok);
            if (!ok)
                return false;
        }
    return true;
}

/* Whether regions, of which only what a patch needs is computed, take fewer multiplications
 * on the device than the whole picture by each subnet that has a patch: with margins around
 * all of them, small ones take more. */
static bool regions_pay(const struct job *j, const struct upscale_counts *counts, bool *pay)
{
    const struct image_network *net = &j->u->network->network;
    const struct image_size whole = {j->in->height, j->in->width};
    uint64_t by_region = 0, by_subnet = 0, macs = 0;

    for (enum image_subnet s = SUBNET_BILINEAR; s < SUBNETS; s++) {
        if (counts->patches[s] && !image_macs(net, s, whole, &macs, j->err))
            return false;
        by_subnet += counts->patches[s] ? macs : 0;
    }
    for (uint32_t row = 0; row < j->tile_rows; row++)
        for (uint32_t first = 0, next; first < j->tile_columns; first = next) {
            struct region r = region_at(j, row, first, &next);
            struct image_size size = {r.bottom - r.top, r.right - r.left};
            if (!image_macs(net, r.subnet, size, &macs, j->err))
                return false;
            by_region += macs;
        }
    *pay = by_region < by_subnet;
    return true;
}

static bool run_bands(const struct job *j)
{
    uint32_t rows = BAND_PIXELS / j->in->width;

    rows = rows < BAND_ROWS_LEAST ? BAND_ROWS_LEAST : rows;
    if (j->u->device)
        rows = j->in->height; /* it keeps no more rows than it needs */
    for (uint32_t first = 0; first < j->in->height; first += rows) {
        uint32_t rest = j->in->height - first;
        struct band band;
        bool ok =
            open_band(j, first, first + (rest < rows ? rest : rows), &band) && run_band(j, &band);
        free(band.in.data);
        free(band.out.data);
        if (!ok)
            return false;
        if (j->u->progress)
            j->u->progress(j->u->context, (double)band.last / j->in->height);
    }
    return true;
}

bool upscale_planes(const struct upscaler *u, const struct planes *in, struct planes *out,
                    struct upscale_counts *counts, struct error *err)
{
    uint32_t scale = u->network->network.scale;
    struct job j = {.u = u, .in = in, .out = out, .scale = scale, .err = err};
    bool regions = false;

    *out = (struct planes){0};
    if (in->width * (uint64_t)scale > PICTURE_SIDE_MAX ||
        in->height * (uint64_t)scale > PICTURE_SIDE_MAX ||
        (uint64_t)in->width * in->height * scale * scale > PICTURE_PIXELS_MAX)
        return error_set(err, ERROR_INPUT, "%u x %u pixels times %u are too many", in->width,
                         in->height, scale);
    bool ok = planes_alloc(out, in->width * scale, in->height * scale, in->channels, err) &&
              choose_within_budget(&j, counts) &&
              (!u->device || u->policy != POLICY_AUTO || regions_pay(&j, counts, &regions)) &&
              (regions ? run_regions(&j) : run_bands(&j));
    free(j.subnet);
    free(j.score);
    if (!ok)
        planes_free(out);
    return ok;
}
