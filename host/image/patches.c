/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/patches.h"

#include <stdlib.h>

bool patches_open(struct patches *p, const struct image_network *network, uint32_t width,
                  uint32_t height, struct error *err)
{
    uint32_t side = network->selective ? network->tile : IMAGE_SIDE_MAX;

    *p = (struct patches){.network = network, .width = width, .height = height, .side = side};
    p->rows = (height + side - 1) / side;
    p->columns = (width + side - 1) / side;
    size_t count = (size_t)p->rows * p->columns;
    p->subnet = malloc(count);
    p->score = calloc(count, sizeof *p->score);
    if (!p->subnet || !p->score) {
        patches_close(p);
        return error_set(err, ERROR_FAILED, "%s: out of memory for the patches", network->name);
    }
    for (size_t i = 0; i < count; i++)
        p->subnet[i] = SUBNET_FULL;
    return true;
}

void patches_close(struct patches *p)
{
    free(p->subnet);
    free(p->score);
    *p = (struct patches){0};
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

struct patch patches_at(const struct patches *p, uint32_t row, uint32_t column)
{
    uint32_t x = column * p->side, y = row * p->side;
    return (struct patch){x, y, smaller(p->side, p->width - x), smaller(p->side, p->height - y)};
}

/* As a whole patch would have it. */
static uint64_t whole_score(const struct patches *p, const struct patch *patch, uint32_t sum)
{
    return sum * ((uint64_t)p->side * p->side) / ((uint64_t)patch->width * patch->height);
}

void patches_score(struct patches *p, const struct planes *picture)
{
    for (uint32_t i = 0; i < p->rows * p->columns; i++) {
        struct patch patch = patches_at(p, i / p->columns, i % p->columns);
        p->score[i] = whole_score(p, &patch, edge_score(picture, &patch));
    }
}

uint64_t patches_threshold(uint64_t threshold, uint32_t step)
{
    const uint64_t unit = 64;
    uint64_t stretch = unit;

    for (uint32_t i = 0; i < step; i++)
        stretch += stretch / 8;
    return threshold * stretch / unit;
}

static bool set_subnet(struct patches *p, uint32_t at, enum image_subnet subnet,
                       struct upscale_counts *counts, struct error *err)
{
    struct patch patch = patches_at(p, at / p->columns, at % p->columns);
    struct image_size size = {patch.height, patch.width};
    uint64_t macs, full;

    if (!image_macs(p->network, subnet, size, &macs, err) ||
        !image_macs(p->network, SUBNET_FULL, size, &full, err))
        return false;
    p->subnet[at] = (uint8_t)subnet;
    counts->patches[subnet]++;
    counts->macs += macs;
    counts->macs_skipped += full - macs;
    return true;
}

bool patches_choose(struct patches *p, const uint64_t threshold[2], struct upscale_counts *counts,
                    struct error *err)
{
    *counts = (struct upscale_counts){0};
    for (uint32_t i = 0; i < p->rows * p->columns; i++) {
        enum image_subnet subnet = p->score[i] >= threshold[1]   ? SUBNET_FULL
                                   : p->score[i] >= threshold[0] ? SUBNET_HALF
                                                                 : SUBNET_BILINEAR;
        if (!set_subnet(p, i, subnet, counts, err))
            return false;
    }
    return true;
}

bool patches_take(struct patches *p, const struct patch_score *score, struct upscale_counts *counts,
                  struct error *err)
{
    *counts = (struct upscale_counts){0};
    for (uint32_t i = 0; i < p->rows * p->columns; i++) {
        struct patch patch = patches_at(p, i / p->columns, i % p->columns);
        if (score[i].subnet >= SUBNETS)
            return error_set(err, ERROR_FAILED, "the device knows a subnet %u", score[i].subnet);
        p->score[i] = whole_score(p, &patch, score[i].sum);
        if (!set_subnet(p, i, (enum image_subnet)score[i].subnet, counts, err))
            return false;
    }
    return true;
}

bool patches_fill(struct patches *p, enum image_subnet subnet, struct upscale_counts *counts,
                  struct error *err)
{
    *counts = (struct upscale_counts){0};
    for (uint32_t i = 0; i < p->rows * p->columns; i++)
        if (!set_subnet(p, i, subnet, counts, err))
            return false;
    return true;
}
