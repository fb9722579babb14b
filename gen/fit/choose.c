/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fit/choose.h"

#include "gen/fit/pass_cycles.h"
#include "gen/verilog/emit.h"

enum { MOST_COLUMNS = 16, LEAST_INPUTS = 2, MOST_INPUTS = 16 };
enum { LEAST_DEPTH = 64, MOST_DEPTH = 4096, DEPTH_STEP = 4 };

/* Two designs whose decode differs by less than this are equally fast. */
static const double decode_tolerance = 0.01;

struct candidate {
    struct design design;
    double decode, prefill; /* cycles of a token */
    bool valid;
};

static bool cost_of(const struct mill *mill, struct candidate *c, uint32_t position,
                    struct error *err)
{
    uint32_t last = position + 1 < c->design.columns ? c->design.columns - 1 : position;
    struct pass_cost cost;

    if (!pass_cycles(mill, &c->design, &(struct pass_plan){position, 1}, &cost, err))
        return false;
    c->decode = (double)cost.cycles;
    last = last < mill->shape.max_seq ? last : mill->shape.max_seq - 1;
    if (!pass_cycles(mill, &c->design, &(struct pass_plan){last, c->design.columns}, &cost, err))
        return false;
    c->prefill = (double)cost.cycles / c->design.columns;
    c->valid = true;
    return true;
}

static bool fits(const struct mill *mill, const struct board *board, const struct design *design,
                 enum resource *binding)
{
    struct resources needed = resources_of(mill, design, board);
    return resources_fit(&needed, board, binding);
}

/* As many columns as fit, one at least. */
static uint32_t most_columns(const struct mill *mill, const struct board *board,
                             struct design design)
{
    enum resource binding;

    for (design.columns = 1; design.columns < MOST_COLUMNS; design.columns++) {
        struct design more = design;
        more.columns++;
        if (!fits(mill, board, &more, &binding))
            break;
    }
    return design.columns;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (!b->valid)
        return true;
    if (a->decode < b->decode * (1 - decode_tolerance))
        return true;
    return a->decode <= b->decode * (1 + decode_tolerance) &&
           a->prefill < b->prefill * (1 - decode_tolerance);
}

/* Try the design with `inputs` and `depth` where the user left them open. */
static bool try_design(const struct mill *mill, const struct board *board, uint32_t position,
                       struct design design, struct candidate *best, struct error *err)
{
    struct candidate c = {.design = design};
    enum resource binding;

    if (!c.design.columns)
        c.design.columns = most_columns(mill, board, design);
    if (!fits(mill, board, &c.design, &binding))
        return true;
    if (!cost_of(mill, &c, position, err))
        return false;
    if (is_better(&c, best))
        *best = c;
    return true;
}

static void describe(const struct mill *mill, const struct board *board,
                     const struct design *design, struct choice *choice)
{
    struct design more = *design;

    choice->fits = fits(mill, board, design, &choice->binding);
    choice->columns = RESOURCE_NONE;
    more.columns++;
    if (fits(mill, board, &more, &choice->columns))
        choice->columns = RESOURCE_NONE;
}

bool design_choose(const struct mill *mill, const struct board *board, uint32_t position,
                   struct design *design, struct choice *choice, struct error *err)
{
    struct candidate best = {.valid = false};
    struct design smallest = *design;

    smallest.inputs = design->inputs ? design->inputs : LEAST_INPUTS;
    smallest.columns = design->columns ? design->columns : 1;
    smallest.fifo_depth = design->fifo_depth ? design->fifo_depth : LEAST_DEPTH;
    if (!design_check(mill, &smallest, err))
        return false;
    for (uint32_t k = smallest.inputs; k <= MOST_INPUTS; k *= 2) {
        for (uint32_t depth = smallest.fifo_depth; depth <= MOST_DEPTH; depth *= DEPTH_STEP) {
            struct design open = *design;
            open.inputs = k;
            open.fifo_depth = depth;
            if (!try_design(mill, board, position, open, &best, err))
                return false;
            if (design->fifo_depth)
                break;
        }
        if (design->inputs)
            break;
    }
    *design = best.valid ? best.design : smallest;
    describe(mill, board, design, choice);
    return true;
}
