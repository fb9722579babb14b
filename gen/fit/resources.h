/* SPDX-License-Identifier: Apache-2.0 */
/* What a design needs of an FPGA. */
#ifndef MILLRACE_GEN_FIT_RESOURCES_H
#define MILLRACE_GEN_FIT_RESOURCES_H

#include "gen/fit/board.h"
#include "gen/fit/design.h"
#include "gen/mill/mill.h"

struct resources {
    uint64_t multipliers; /* of the array, the scales and the vector units */
    uint64_t ram_blocks;  /* of the board's shapes, each store in blocks of its own */
    uint64_t large_rams;  /* an iCE40's SPRAMs, beside those of a tape's memory */
    uint64_t ram_bits;    /* what the stores hold, but those in large RAMs */
    uint64_t luts;        /* an estimate: linear in lanes and columns */
    uint64_t memory_bytes;
};

enum resource { RESOURCE_NONE, RESOURCE_MULTIPLIERS, RESOURCE_RAM, RESOURCE_LUTS, RESOURCE_MEMORY };

/* Does the KV cache lie in the iCE40's SPRAMs, one a lane (rtl/kv_spram.v)?  Where the tape
 * does not, and where it fits. */
bool kv_in_spram(const struct mill *mill, const struct design *design);

/* `design` is one that design_check() accepts. */
struct resources resources_of(const struct mill *mill, const struct design *design,
                              const struct board *board);

/* Add `count` memories of `depth` words of `width` bits: each in the board's shape that
 * costs least, which may be small RAM made of LUTs. */
void resources_add_store(struct resources *resources, const struct board *board, uint64_t count,
                         uint64_t width, uint64_t depth);

/* The resource that `needed` has most of, as a share of what the board has, goes to
 * *binding (RESOURCE_NONE on a board without limits).  False where the share is above
 * 1: the design does not fit. */
bool resources_fit(const struct resources *needed, const struct board *board,
                   enum resource *binding);

const char *resource_name(enum resource resource);

#endif
