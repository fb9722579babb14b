/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands are told of an image network's design. */
#ifndef MILLRACE_GEN_PICTURE_OPTIONS_H
#define MILLRACE_GEN_PICTURE_OPTIONS_H

#include "base/options.h"
#include "gen/fit/board.h"
#include "gen/image/program.h"

enum { PICTURE_OPTIONS = 7 };

struct picture_options {
    const char *board;
    uint32_t lanes, columns, row, frame, clock_hz; /* 0: not given */
    bool edges;                                    /* of strips are kept */
};

/* Fill in `spec` for options_parse. */
void picture_options_specify(struct picture_options *options,
                             struct option_spec spec[PICTURE_OPTIONS]);

/* The design, where what is not given is chosen: on sim 4 lanes, 8 columns and rows of 64
 * pixels, on a board what it has room for.  *board is set first. */
bool picture_options_design(struct picture_options *options, struct integer_network *network,
                            const struct board **board, struct picture_design *design,
                            struct error *err);

/* Whether an image network is among the arguments. */
bool picture_options_apply(int argc, char **argv);

#endif
