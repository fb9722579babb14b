/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/report.h"

#include <stdlib.h>

#include "gen/report/section.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>millrace: ";

static const char style[] =
    "</title>\n<style>\n"
    ":root{color-scheme:light dark;--ink:#1c2328;--dim:#66727c;--ground:#eef1f3;--page:#fff;"
    "--norm:#8a6fc0;--matrix:#2f7fb8;--heads:#d08a2e;--attend:#c24f5c;--glu:#3d9a6c;--end:#999}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#dfe5e9;--dim:#93a0aa;--ground:#232b31;"
    "--page:#171c20}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
    "max-width:1000px;margin:2em auto;padding:0 1em}\n"
    "h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em}h3{font-size:1em}\n"
    "svg{width:100%;height:auto;font:12px system-ui,sans-serif}\n"
    "text{fill:var(--ink)}.dim{fill:var(--dim)}.end{text-anchor:end}.middle{text-anchor:middle}\n"
    ".unit{fill:var(--dim)}.ground{fill:var(--ground)}.line,.grid{stroke:var(--dim);fill:none}."
    "grid{stroke:var(--ground)}"
    "\n.roof{stroke:var(--matrix);stroke-width:2;fill:none}.point{fill:var(--attend)}"
    ".hollow{fill:var(--page);stroke:var(--attend);stroke-width:2}\n"
    "svg .norm{fill:var(--norm)}svg .matrix{fill:var(--matrix)}svg .heads{fill:var(--heads)}"
    "svg .attend{fill:var(--attend)}svg .glu{fill:var(--glu)}svg .conv{fill:var(--heads)}"
    "svg .scan{fill:var(--attend)}svg .gate,svg .rotate{fill:var(--glu)}svg "
    ".end:not(text){fill:var(--end)}\n"
    ".legend .key{width:.8em;height:.8em;margin:0 .3em 0 .8em}\n"
    "table{border-collapse:collapse}td,th{padding:.15em .8em;text-align:right;"
    "border-bottom:1px solid var(--ground);font-variant-numeric:tabular-nums}th{text-align:left}\n"
    "thead td,thead th{color:var(--dim);font-weight:normal}\n</style></head><body>\n";

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
        fputs(head, file);
        write_escaped(file, mill->name);
        fputs(style, file);
        write_summary(file, &report);
        section_tape(file, &report);
        section_time_line(file, &report);
        section_roofline(file, &report);
        if (built)
            section_built(file, &report);
        section_operators(file, &report);
        fputs("</body></html>\n", file);
    }
    free(report.span);
    return ok;
}
