/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/upscaler.h"

#include <stdlib.h>
#include <string.h>

#include "gen/image/float.h"
#include "gen/image/reach.h"
#include "host/image/regions.h"
#include "host/image/strips.h"

enum { BAND_PIXELS = 1 << 16, BAND_ROWS_LEAST = 32 };

static bool open_device(struct upscaler *u, struct integer_network *network, const char *name,
                        struct error *err)
{
    u->integers = strcmp(name, "float") != 0;
    if (!u->integers || strcmp(name, "ref") == 0)
        return true;
    u->device = picture_device_open(name, network, err);
    if (!u->device)
        return false;
    u->program = picture_device_program(u->device);
    return true;
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

/* Cycles on the design, where there is one that frames are paced by, else multiplications. */
static bool cost_of(const struct upscale_job *j, const struct upscale_counts *counts,
                    uint64_t *cost)
{
    struct regions_plan plan = {0};

    if (j->u->pace && !regions_plan(j, &plan))
        return false;
    *cost = j->u->pace ? plan.cycles : counts->macs;
    return true;
}

/* As the device has them, or by C. */
static bool score_and_choose(struct upscale_job *j, const uint64_t threshold[2],
                             struct upscale_counts *counts)
{
    struct picture_device *device = j->u->device;
    struct patches *p = &j->patches;

    if (!device || picture_device_info(device)->tile != p->side) {
        patches_score(p, j->in);
        return patches_choose(p, threshold, counts, j->err);
    }
    const struct patch all = {0, 0, j->in->width, j->in->height};
    struct patch_score *score = calloc((size_t)p->rows * p->columns, sizeof *score);
    struct image_tensor in = {0};
    bool ok = score ? upscale_job_cut(j, &all, &in) &&
                          picture_device_score(device, &in, threshold, score, j->err) &&
                          patches_take(p, score, counts, j->err)
                    : error_set(j->err, ERROR_FAILED, "out of memory for the patches");
    free(in.data);
    free(score);
    return ok;
}

/* Resource-adaptive switching: thresholds rise by an eighth until the picture keeps to its
 * budget or its time, if need be until no patch has an edge. */
static bool choose_by_edges(struct upscale_job *j, struct upscale_counts *counts)
{
    const struct upscaler *u = j->u;
    uint64_t limit = u->pace ? frame_pace_limit(u->pace) : u->budget ? u->budget : UINT64_MAX;
    uint32_t first = u->pace ? frame_pace_first(u->pace) : 0;
    uint64_t cost = UINT64_MAX;

    for (uint32_t step = first; step <= THRESHOLD_STEPS && (step == first || cost > limit);
         step++) {
        const uint64_t threshold[2] = {patches_threshold(u->threshold[0], step),
                                       patches_threshold(u->threshold[1], step)};
        bool ok = step == first ? score_and_choose(j, threshold, counts)
                                : patches_choose(&j->patches, threshold, counts, j->err);
        if (!ok || !cost_of(j, counts, &cost))
            return false;
        counts->step = step;
        counts->cycles = u->pace ? cost : 0;
        for (int i = 0; i < 2; i++)
            counts->threshold[i] = threshold[i];
    }
    return true;
}

static bool choose(struct upscale_job *j, struct upscale_counts *counts)
{
    if (!patches_open(&j->patches, &j->u->network->network, j->in->width, j->in->height, j->err))
        return false;
    return j->u->policy == POLICY_AUTO
               ? choose_by_edges(j, counts)
               : patches_fill(&j->patches, (enum image_subnet)j->u->policy, counts, j->err);
}

/* Rows first to last - 1 of the picture, with what stands around them. */
struct band {
    uint32_t first, last, top, bottom; /* top, bottom: of the margin */
    struct image_tensor in, out;
};

static bool open_band(const struct upscale_job *j, uint32_t first, uint32_t last, struct band *b)
{
    uint32_t reach = j->u->reach;

    *b = (struct band){.first = first, .last = last};
    b->top = first < reach ? 0 : first - reach;
    b->bottom = j->in->height - last < reach ? j->in->height : last + reach;
    const struct patch part = {0, b->top, j->in->width, b->bottom - b->top};
    if (!upscale_job_cut(j, &part, &b->in))
        return false;
    b->out = (struct image_tensor){
        b->in.channels, b->in.height * j->scale, b->in.width * j->scale, {NULL}};
    b->out.data = malloc(b->out.channels * (size_t)b->out.height * b->out.width * sizeof(float));
    return b->out.data ||
           error_set(j->err, ERROR_FAILED, "out of memory for a band of the picture");
}

/* Copy the parts of the band that belong to patches of `subnet`. */
static void stitch(const struct upscale_job *j, const struct band *b, enum image_subnet subnet)
{
    uint32_t s = j->scale;
    uint32_t side = j->patches.side;

    for (uint32_t c = 0; c < j->out->channels; c++)
        for (uint32_t y = b->first * s; y < b->last * s; y++) {
            size_t from = ((size_t)c * b->out.height + y - (size_t)b->top * s) * b->out.width;
            double *row = planes_plane(j->out, c) + (size_t)y * j->out->width;
            const uint8_t *tiles = j->patches.subnet + (size_t)(y / s / side) * j->patches.columns;
            for (uint32_t x = 0; x < j->out->width; x++)
                if (tiles[x / s / side] == subnet)
                    row[x] = j->u->integers ? (double)b->out.whole[from + x]
                                            : (double)b->out.real[from + x];
        }
}

static bool band_has(const struct upscale_job *j, const struct band *b, enum image_subnet subnet)
{
    uint32_t side = j->patches.side;

    for (uint32_t row = b->first / side; row <= (b->last - 1) / side; row++)
        if (memchr(j->patches.subnet + (size_t)row * j->patches.columns, (int)subnet,
                   j->patches.columns))
            return true;
    return false;
}

static bool run_subnet(const struct upscale_job *j, enum image_subnet subnet, struct band *b)
{
    const struct upscaler *u = j->u;

    if (u->device)
        return strips_run(u->device, u->reach, subnet, &b->in, &b->out, j->err);
    if (u->integers)
        return image_run_integer(u->network, subnet, &b->in, &b->out, j->err);
    return image_run_float(&u->network->network, subnet, &b->in, &b->out, NULL, NULL, j->err);
}

static bool run_band(const struct upscale_job *j, struct band *b)
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

static bool run_bands(const struct upscale_job *j)
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

/* By the subnets that were chosen. */
static bool run(const struct upscale_job *j)
{
    struct regions_plan plan = {0};

    if (j->u->device && j->u->policy == POLICY_AUTO && !regions_plan(j, &plan))
        return false;
    return plan.regions ? regions_run(j) : run_bands(j);
}

static uint64_t device_cycles(const struct picture_device *device)
{
    const struct picture_device_info *info = picture_device_info(device);
    return info->cycles + info->score_cycles;
}

/* What the frame took, on a design since `before`, or where there is none what one would
 * take. */
static void keep_pace(const struct upscaler *u, const struct upscale_counts *counts,
                      uint64_t before)
{
    uint64_t taken = u->device ? device_cycles(u->device) - before : counts->cycles;

    frame_pace_take(u->pace, counts->step, taken);
}

bool upscale_planes(const struct upscaler *u, const struct planes *in, struct planes *out,
                    struct upscale_counts *counts, struct error *err)
{
    uint32_t scale = u->network->network.scale;
    struct upscale_job j = {.u = u, .in = in, .out = out, .scale = scale, .err = err};
    uint64_t cycles = u->device ? device_cycles(u->device) : 0;

    *out = (struct planes){0};
    if (in->width * (uint64_t)scale > PICTURE_SIDE_MAX ||
        in->height * (uint64_t)scale > PICTURE_SIDE_MAX ||
        (uint64_t)in->width * in->height * scale * scale > PICTURE_PIXELS_MAX)
        return error_set(err, ERROR_INPUT, "%u x %u pixels times %u are too many", in->width,
                         in->height, scale);
    bool ok = planes_alloc(out, in->width * scale, in->height * scale, in->channels, err) &&
              choose(&j, counts) && run(&j);
    if (ok && u->pace)
        keep_pace(u, counts, cycles);
    patches_close(&j.patches);
    if (!ok)
        planes_free(out);
    return ok;
}
