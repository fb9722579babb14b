/* SPDX-License-Identifier: Apache-2.0 */
/* The patches of a picture: their edge scores and the subnets that make them. */
#ifndef MILLRACE_HOST_IMAGE_PATCHES_H
#define MILLRACE_HOST_IMAGE_PATCHES_H

#include "gen/image/network.h"
#include "host/image/edge_score.h"

/* A network without subnets has one, the whole picture. */
struct patches {
    const struct image_network *network; /* borrowed */
    uint32_t width, height;              /* of the picture */
    uint32_t side;                       /* of a patch; those at the border may be smaller */
    uint32_t rows, columns;
    uint8_t *subnet; /* [rows][columns], enum image_subnet; owned */
    uint64_t *score; /* [rows][columns], as a whole patch would have; owned */
};

/* What was done, in patches and multiply-accumulates. */
struct upscale_counts {
    uint64_t macs, macs_skipped; /* skipped: against the full subnet everywhere */
    uint64_t patches[SUBNETS];
    uint64_t threshold[2]; /* that were taken: higher than the upscaler's to keep its budget */
    uint32_t step;         /* by which these are higher (patches_threshold) */
    uint64_t cycles;       /* predicted, where frames are paced */
};

/* All scores 0, all subnets SUBNET_FULL. */
bool patches_open(struct patches *patches, const struct image_network *network, uint32_t width,
                  uint32_t height, struct error *err);
void patches_close(struct patches *patches);

struct patch patches_at(const struct patches *patches, uint32_t row, uint32_t column);

/* Score all patches of the picture. */
void patches_score(struct patches *patches, const struct planes *picture);

/* `threshold` raised by an eighth `step` times; after THRESHOLD_STEPS one of 4 or more is beyond
 * any patch's score. */
enum { THRESHOLD_STEPS = 107 };
uint64_t patches_threshold(uint64_t threshold, uint32_t step);

/* Choose each patch's subnet by its score: from threshold[0] on the half one, from threshold[1]
 * on the full one; and count. */
bool patches_choose(struct patches *patches, const uint64_t threshold[2],
                    struct upscale_counts *counts, struct error *err);

/* Take scores and subnets, [rows][columns], as a design has them; and count. */
bool patches_take(struct patches *patches, const struct patch_score *score,
                  struct upscale_counts *counts, struct error *err);

/* `subnet` for all of them; and count. */
bool patches_fill(struct patches *patches, enum image_subnet subnet, struct upscale_counts *counts,
                  struct error *err);

#endif
