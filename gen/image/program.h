/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rtl/picture/ plays: a network as words of a program, weights in the order in
 * which the array takes them, and the sizes of the stores.
 *
 * A program is a list of steps (schedule.h), each of 8 words of 64 bits and 2 more
 * for each segment of its operand; fields are bit numbers within a word:
 *
 *   0   0 kind: 0 dot direction, 1 by taps, 2 no convolution    (2 bits)
 *       2 to the store of mantissas   3 of wide values   4 to the output
 *       5 add   6 activate   7 the border's pixel beyond it   8 operand is bytes
 *       10 the last step   11 segments (4)   16 shift (6)   22 lag (8)
 *       30 kernel height - 1 (4)   34 width - 1 (4)   38 padding above (4)   42 left (4)
 *       46 shift before a sum (5)   51 of the other operand (5)   56 after it (5)
 *   1   0 outputs - 1   16 the first constant   32 outputs of a group - 1
 *       48 channels after which blocks begin anew, - 1          (16 each)
 *   2   0 the first beat of weights (16)   16 the first scale (16)
 *       32 cycles that an output takes at least (8)   40 byte beyond the border (8)
 *       48 taps - 1 (5)   54 channels of bytes - 1 (4)
 *       58 pixels that the operand's strip lies to the left of the picture's (6)
 *   3   0 lowest activated value (18)   18 highest (18)
 *       36 which skip the other operand has (2)
 *   4   where mantissas go: 0 base (16)   16 words of a row (16)   32 rows (5)
 *       37 ticks ago (5)
 *   5   where wide values go, 6 whence one comes instead of a result, 7 whence the
 *       other operand of a sum: as 4
 *   8   a segment: as 4, and 42 words of a tap (10)
 *   9       0 words of a pixel   16 from one group of channels to the next
 *           32 beats of a tap's weights   48 scales of them      (16 each)
 */
#ifndef MILLRACE_GEN_IMAGE_PROGRAM_H
#define MILLRACE_GEN_IMAGE_PROGRAM_H

#include "gen/image/schedule.h"

/* The words of 32 bits that a board's memory holds of kept edges are 2^EDGE_DEPTH_BITS. */
enum { EDGE_DEPTH_BITS = 22 };

/* What can be chosen of the hardware. */
struct picture_design {
    uint32_t inputs;  /* K: 2, 4, 8 or 16 lanes of a column */
    uint32_t columns; /* pixels in step */
    uint32_t groups;  /* of that many that a row may have */
    bool edges;       /* of strips are kept for the next one (schedule.h) */
};

struct picture_program {
    struct picture_schedule schedule;
    struct picture_design design;
    uint32_t act_bits; /* of a mantissa, 8 to 12 */
    uint64_t *word;    /* [words]: the full subnet's, then the half's */
    uint32_t words, half_at;
    uint8_t *weight; /* [beats][inputs] */
    uint32_t beats;
    uint8_t *scale;
    uint32_t scales;
    uint64_t *constant; /* bias << 18 | slope, 18 bits each */
    uint32_t constants;
    uint32_t store_words, store_wides, store_outs; /* of a column */
    uint32_t segments;                             /* most of a step */
    uint32_t ring_most, left_most;
    bool multiply;                  /* slopes need a multiplier */
    uint32_t edge_rows, edge_words; /* most of a step that are kept of mantissas */
    uint32_t edge_channels;         /* of wide values */
};

/* Shifts that bring a sum's operands to the finer of their formats, and the sum to
 * its own. */
struct sum_shifts {
    uint32_t a, b, right;
};
struct sum_shifts picture_sum_shifts(const struct integer_network *network, uint32_t add,
                                     uint32_t a, uint32_t b);

/* Bits of a word in the store of mantissas: those of the lanes, and their exponent. */
static inline uint32_t picture_word_bits(const struct picture_program *program)
{
    return program->act_bits * program->design.inputs + 4;
}

/* Arrays are in the network's arena.  ERROR_INPUT where there is no hardware for the
 * network, or the design is out of range. */
bool picture_program_make(struct picture_program *program, struct integer_network *network,
                          const struct picture_design *design, struct error *err);

#endif
