/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/report.h"

#include <stdlib.h>

#include "gen/report/section.h"

/* Spans as they come; the array doubles. */
struct collector {
    struct report *report;
    size_t room;
    bool failed;
};

static void collect(void *context, const struct pass_span *span)
{
    struct collector *c = context;
    struct report *r = c->report;

    if (r->span_count == c->room && !c->failed) {
        size_t room = c->room ? 2 * c->room : 256;
        struct pass_span *more = realloc(r->span, room * sizeof *more);
        c->failed = !more;
        if (more) {
            r->span = more;
            c->room = room;
        }
    }
    if (!c->failed)
        r->span[r->span_count++] = *span;
}

/* Both passes, the prefetch queue full at their start. */
static bool play(struct report *r, struct error *err)
{
    const uint64_t long_enough = UINT64_C(1) << 32;
    struct collector collector = {.report = r};
    struct pass_model model;

    if (!pass_cycles(r->mill, r->design, &r->prefill_plan, &r->prefill, err) ||
        !pass_model_open(&model, r->mill, r->design, err))
        return false;
    pass_model_idle(&model, long_enough);
    model.observer = collect;
    model.context = &collector;
    if (!pass_model_run(&model, &r->decode_plan, &r->decode, err))
        return false;
    return !collector.failed || error_set(err, ERROR_FAILED, "report: out of memory");
}

static void write_summary(FILE *file, const struct report *r)
{
    const struct design *d = r->design;
    char bytes[GROUPED_BYTES];

    fputs("<h1>", file);
    write_escaped(file, r->mill->name);
    fprintf(file,
            " on %s</h1>\n<p>%s bytes of tape, %u-bit weights, %u-bit activations. %u lanes (%u "
            "inputs by %u rows) in each of %u columns, a bus of %u bits, %u words prefetched, %g "
            "MHz. Decode %.1f tokens/s, prefill %.1f tokens/s at position %u; predicted.</p>\n",
            r->board->name, grouped(r->mill->tape_size, bytes), r->mill->shape.weight_bits,
            r->mill->shape.act_bits, d->inputs * design_rows(r->mill), d->inputs,
            design_rows(r->mill), d->columns, d->tape_bus_bits, d->fifo_depth, d->clock_hz / 1e6,
            d->clock_hz / (double)r->decode.cycles,
            d->clock_hz * r->prefill_plan.count / (double)r->prefill.cycles,
            r->decode_plan.position);
}

bool report_write(FILE *file, const struct mill *mill, const struct board *board,
                  const struct design *design, const struct built *built, uint32_t position,
                  struct error *err)
{
    uint32_t max_seq = mill->shape.max_seq;
    uint32_t columns = design->columns < max_seq ? design->columns : max_seq;
    struct report report = {
        .mill = mill,
        .board = board,
        .design = design,
        .built = built,
        .decode_plan = {position, 1},
        .prefill_plan = {position + 1 < columns ? columns - 1 : position, columns},
    };

    bool ok = play(&report, err);
    if (ok) {
        page_begin(file, mill->name);
        write_summary(file, &report);
        section_tape(file, &report);
        section_time_line(file, &report);
        section_roofline(file, &report);
        if (built)
            section_built(file, &report);
        section_operators(file, &report);
        page_end(file);
    }
    free(report.span);
    return ok;
}
