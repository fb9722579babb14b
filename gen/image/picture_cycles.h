/* SPDX-License-Identifier: Apache-2.0 */
/* How many cycles rtl/picture/ takes: known beforehand, for no time depends on data. */
#ifndef MILLRACE_GEN_IMAGE_PICTURE_CYCLES_H
#define MILLRACE_GEN_IMAGE_PICTURE_CYCLES_H

#include "gen/image/program.h"

struct picture_cycles {
    uint64_t cycles; /* of ticks, as the device counts them */
    uint64_t beats;  /* in which the multipliers work */
    uint64_t edges;  /* words of 32 bits that strips leave each other */
};

/* For a picture of `size` that fits a row of the design, or of any where edges are kept, where the
 * link takes pixels as fast as they are made.  Exact where making a row's pixels takes no longer
 * than the tick that it is done in; the ticks at a picture's end, and those of a subnet that does
 * little, may wait for pixels, for some ten cycles more than this says; so may a step with edges,
 * where those of the one before have not left. */
struct picture_cycles picture_cycles_of(const struct picture_program *program,
                                        const struct image_network *network,
                                        enum image_subnet subnet, struct image_size size);

#endif
