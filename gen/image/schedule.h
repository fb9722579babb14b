/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the hardware runs an image network: a step for each convolution with what
 * follows it, and how far behind the picture's rows each step's rows are.
 *
 * In tick t row t of the picture comes in and a step with the lag L computes row
 * t - L, in the nodes' order.  A step's value is kept in rings of rows, as many as
 * its readers reach back; so features stay on the chip, and no row is computed twice.
 *
 * Where edges are kept (tilted layer fusion, Huang and others, arXiv 2205.03997), a strip
 * of the picture is computed as far to the left, step by step, as taps reach to the right:
 * then all that a step wants beyond its own strip lies to the left, in the strip before,
 * which kept it.
 */
#ifndef MILLRACE_GEN_IMAGE_SCHEDULE_H
#define MILLRACE_GEN_IMAGE_SCHEDULE_H

#include "gen/image/integer.h"

enum {
    NO_NODE = UINT32_MAX,
    STEP_SEGMENTS = 8, /* nodes that a convolution reads side by side */
    STEP_TAPS = 32,    /* of a convolution whose blocks are taps */
    RING_ROWS = 31,
    LAG_MOST = 200,
    SIDE_MOST = 63, /* pixels that a strip may lie beside the picture's */
    SKIPS = 4,      /* kinds of sums of values that lie differently far to the side */
};

/* A node's value where it is kept. */
struct kept_value {
    bool kept;
    bool words, wides;               /* as mantissas, as wide values */
    bool out;                        /* as the tail's input */
    uint32_t lag;                    /* of its rows behind the picture's */
    uint32_t side;                   /* pixels of its strips to the left of the picture's */
    uint32_t block_channels;         /* after which blocks begin anew; 0: after all */
    uint32_t ring_words, ring_wides; /* rows */
};

/* conv, then activation, then add: any may be NO_NODE. */
struct picture_step {
    uint32_t conv, activation, add;
    uint32_t result;                           /* the last of these */
    uint32_t source;                           /* without conv: the value that is read */
    uint32_t other;                            /* of the sum */
    uint32_t segments, segment[STEP_SEGMENTS]; /* with conv: the nodes that it reads */
    struct image_window window;                /* with the paddings of a PAD before it */
    bool edge;                                 /* beyond the picture is the border's pixel */
    bool taps, bytes, depthwise;               /* image_taps_are_blocks and why */
    uint32_t skip;                             /* of the sum: index into skips */
};

/* What is behind the last step: shuffle, resized picture added, bytes. */
struct picture_tail {
    uint32_t value;       /* the last step's node */
    uint32_t shuffle;     /* or NO_NODE: the scale is 1 */
    uint32_t resize, add; /* or both NO_NODE */
    uint32_t reach;       /* rows of the picture that it looks ahead */
};

struct picture_schedule {
    struct kept_value *value; /* [nodes] */
    struct picture_step *step;
    uint32_t steps;
    struct picture_tail tail;
    uint32_t left, right;        /* pixels that taps lie to either side */
    bool edges;                  /* are kept; then right is 0 */
    uint32_t skips, skip[SKIPS]; /* pixels that a sum's other operand lies to the left */
};

/* Arrays are in the network's arena.  ERROR_INPUT naming the node that there is no
 * hardware for, or none that keeps edges where that is asked for. */
bool picture_schedule_make(struct picture_schedule *schedule, struct integer_network *network,
                           bool edges, struct error *err);

#endif
