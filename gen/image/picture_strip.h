/* SPDX-License-Identifier: Apache-2.0 */
/* How a design takes a picture: as a whole, or in strips that keep their edges. */
#ifndef MILLRACE_GEN_IMAGE_PICTURE_STRIP_H
#define MILLRACE_GEN_IMAGE_PICTURE_STRIP_H

#include "gen/image/program.h"

/* Pixels to the left of a strip that the tail wants of the picture. */
uint32_t picture_context(const struct picture_program *program);

/* log2 of the side of the patches whose edges a design scores (picture_scores.v); 0 where it
 * scores none: no subnets, or sides that are no power of two or longer than its rows. */
uint32_t picture_tile_bits(const struct picture_program *program,
                           const struct image_network *network);

/* What a design takes of a picture at once: `width` pixels from `first` on, a whole picture
 * or, with kept edges, a strip of its longest row's width, but for the last, which goes on
 * until the pixels, that lie to the left of it, are all there. */
struct picture_strip {
    uint32_t first, width;
    uint8_t edges; /* 1: they come from the one before, 2: they are kept for the next */
};
uint32_t picture_strips(const struct picture_program *program, uint32_t width);
struct picture_strip picture_strip_at(const struct picture_program *program, uint32_t width,
                                      uint32_t index);

#endif
