/* SPDX-License-Identifier: Apache-2.0 */
/* Which design of an image network a board has room for. */
#ifndef MILLRACE_GEN_IMAGE_PICTURE_FIT_H
#define MILLRACE_GEN_IMAGE_PICTURE_FIT_H

#include "gen/fit/board.h"
#include "gen/fit/resources.h"
#include "gen/image/program.h"

struct resources picture_resources(const struct picture_program *program,
                                   const struct image_network *network, const struct board *board);

/* A whole frame on a design, in strips as host/image/strips.c cuts them. */
struct picture_frame {
    uint64_t cycles, macs; /* macs: of the frame's own pixels */
    uint64_t pixels;       /* that are computed, the strips' margins included */
    uint64_t moved;        /* bytes to and from the design: pixels, strips' edges */
};

/* Bytes that a frame's layers read and write, if each reads what others have written to a
 * memory, mantissas of 8 bits and wide values of 18: what keeping features on the chip is
 * measured against. */
uint64_t picture_layer_bytes(const struct picture_program *program,
                             const struct image_network *network, struct image_size size);

/* ERROR_INPUT where a strip would be all margin. */
bool picture_frame_of(const struct picture_program *program, const struct image_network *network,
                      enum image_subnet subnet, struct image_size size, struct picture_frame *frame,
                      struct error *err);

/* Fill in what of *design is 0 so that the board has room and a frame of `width` pixels
 * a row takes the least cycles, the margins of its strips included. */
bool picture_fit(struct picture_design *design, struct integer_network *network,
                 const struct board *board, uint32_t width, struct error *err);

#endif
