/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/regions.h"

#include <stdlib.h>
#include <string.h>

#include "gen/image/picture_fit.h"
#include "host/image/strips.h"

/* Patches side by side that one subnet makes, with a margin around them. */
struct region {
    uint32_t x, y, width, height;
    uint32_t left, top, right, bottom; /* of the margin; right and bottom are outside */
    enum image_subnet subnet;
    struct image_tensor in, out;
};

/* The patches of `row` from `first` on that one subnet makes; *next is behind them. */
static struct region region_at(const struct upscale_job *j, uint32_t row, uint32_t first,
                               uint32_t *next)
{
    const uint8_t *tiles = j->patches.subnet + (size_t)row * j->patches.columns;
    uint32_t reach = j->u->reach;

    for (*next = first + 1; *next < j->patches.columns && tiles[*next] == tiles[first];)
        ++*next;
    struct patch a = patches_at(&j->patches, row, first),
                 b = patches_at(&j->patches, row, *next - 1);
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

static bool open_region(const struct upscale_job *j, struct region *r)
{
    const struct patch part = {r->left, r->top, r->right - r->left, r->bottom - r->top};

    if (!upscale_job_cut(j, &part, &r->in))
        return false;
    r->out = (struct image_tensor){
        r->in.channels, r->in.height * j->scale, r->in.width * j->scale, {NULL}};
    r->out.data =
        malloc(r->out.channels * (size_t)r->out.height * r->out.width * sizeof *r->out.whole);
    return r->out.data ||
           error_set(j->err, ERROR_FAILED, "out of memory for a part of the picture");
}

static void close_region(const struct upscale_job *j, struct region *r, bool ok)
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

bool regions_run(const struct upscale_job *j)
{
    for (uint32_t row = 0; row < j->patches.rows; row++)
        for (uint32_t first = 0, next; first < j->patches.columns; first = next) {
            struct region r = region_at(j, row, first, &next);
            bool ok = open_region(j, &r) &&
                      strips_run(j->u->device, j->u->reach, r.subnet, &r.in, &r.out, j->err);
            close_region(j, &r, ok);
            if (!ok)
                return false;
        }
    return true;
}

enum { COSTS = 256 };

/* Cycles of pictures that were asked for before. */
struct cost {
    uint32_t width, height; /* 0: none */
    enum image_subnet subnet;
    uint64_t cycles;
};

/* A picture, in strips where need be. */
static bool find_cost(const struct upscale_job *j, struct cost memo[COSTS],
                      enum image_subnet subnet, struct image_size size, uint64_t *cycles)
{
    struct cost *known = &memo[(size.width * 31 + size.height * 7 + subnet) % COSTS];
    struct picture_frame frame;

    if (known->width != size.width || known->height != size.height || known->subnet != subnet) {
        if (!picture_frame_of(j->u->program, &j->u->network->network, subnet, size, &frame, j->err))
            return false;
        *known = (struct cost){size.width, size.height, subnet, frame.cycles};
    }
    *cycles = known->cycles;
    return true;
}

static bool cost_by_region(const struct upscale_job *j, struct cost memo[COSTS], uint64_t *sum)
{
    uint64_t cycles;

    *sum = 0;
    for (uint32_t row = 0; row < j->patches.rows; row++)
        for (uint32_t first = 0, next; first < j->patches.columns; first = next) {
            struct region r = region_at(j, row, first, &next);
            struct image_size size = {r.bottom - r.top, r.right - r.left};
            if (!find_cost(j, memo, r.subnet, size, &cycles))
                return false;
            *sum += cycles;
        }
    return true;
}

static bool cost_by_subnet(const struct upscale_job *j, struct cost memo[COSTS], uint64_t *sum)
{
    const struct image_size whole = {j->in->height, j->in->width};
    size_t patches = (size_t)j->patches.rows * j->patches.columns;
    uint64_t cycles;

    *sum = 0;
    for (enum image_subnet s = SUBNET_BILINEAR; s < SUBNETS; s++) {
        if (!memchr(j->patches.subnet, (int)s, patches))
            continue;
        if (!find_cost(j, memo, s, whole, &cycles))
            return false;
        *sum += cycles;
    }
    return true;
}

bool regions_plan(const struct upscale_job *job, struct regions_plan *plan)
{
    struct cost memo[COSTS] = {{0, 0, SUBNET_BILINEAR, 0}};
    uint64_t by_region, by_subnet;

    if (!cost_by_region(job, memo, &by_region) || !cost_by_subnet(job, memo, &by_subnet))
        return false;
    plan->regions = by_region < by_subnet;
    plan->cycles = plan->regions ? by_region : by_subnet;
    return true;
}
