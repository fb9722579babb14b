/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pass costs: the cycles that the simulation needs, from the same micro
 * programs that the sequencer plays.  All but the matrices is exact; a matrix is
 * held back by the array, the unpacker or the memory, whichever is slowest, and
 * what the prefetch queue holds is followed from operation to operation.
 */
#ifndef MILLRACE_GEN_FIT_PASS_COST_H
#define MILLRACE_GEN_FIT_PASS_COST_H

#include "gen/fit/design.h"
#include "gen/mill/mill.h"

struct op_cost {
    double cycles;
    uint64_t tape_words;  /* of the memory's bus */
    uint64_t array_beats; /* cycles in which the array takes weights, keys or values */
};

/* The cost of a pass of `count` columns whose last position is `positions` - 1,
 * that follows another one.  `op` is NULL or gets the cost of each operation of
 * the tape ([mill->op_count]). */
struct op_cost pass_cost(const struct mill *mill, const struct design *design, uint32_t count,
                         uint32_t positions, struct op_cost *op);

#endif
