/* SPDX-License-Identifier: Apache-2.0 */
/* The design that suits a model and a board. */
#ifndef MILLRACE_GEN_FIT_CHOOSE_H
#define MILLRACE_GEN_FIT_CHOOSE_H

#include "gen/fit/board.h"
#include "gen/fit/resources.h"
#include "gen/mill/mill.h"

struct choice {
    enum resource binding; /* the scarcest of the chosen design */
    enum resource columns; /* what kept another column out; NONE: nothing did */
    bool fits;
};

/* Fill in what is 0 of design->inputs, columns and fifo_depth: of the designs that
 * fit the board those with the fastest decode (within a hundredth) at `position`,
 * of these the one with the fastest prefill, of these the smallest.  Where none
 * fits, the smallest there is, and choice->fits is false.  The rest of *design is
 * set.  ERROR_INPUT where the model has no hardware. */
bool design_choose(const struct mill *mill, const struct board *board, uint32_t position,
                   struct design *design, struct choice *choice, struct error *err);

#endif
