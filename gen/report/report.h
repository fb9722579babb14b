/* SPDX-License-Identifier: Apache-2.0 */
/* One HTML page about a model's tape on a design; it needs no other file. */
#ifndef MILLRACE_GEN_REPORT_REPORT_H
#define MILLRACE_GEN_REPORT_REPORT_H

#include <stdio.h>

#include "gen/fit/board.h"
#include "gen/fit/pass_cycles.h"
#include "gen/mill/mill.h"
#include "gen/report/built.h"

/* What the sections draw.  Decode is a pass of one column, prefill of all. */
struct report {
    const struct mill *mill;
    const struct board *board;
    const struct design *design;
    const struct built *built; /* NULL: none was placed */
    struct pass_plan decode_plan, prefill_plan;
    struct pass_cost decode, prefill;
    struct pass_span *span; /* [span_count], of the decode */
    size_t span_count;
};

/* Write the page for a decode at `position` to `file`, with a section about `built`
 * where that is not NULL.  `design` is one that
 * design_check() accepts, position is below max_seq. */
bool report_write(FILE *file, const struct mill *mill, const struct board *board,
                  const struct design *design, const struct built *built, uint32_t position,
                  struct error *err);

#endif
