/* SPDX-License-Identifier: Apache-2.0 */
/* What each unit does over one decode pass.  The pass is cut into as many slices as
 * there is room for; a unit's height in a slice is the share of it that the unit was
 * at work: words over what the bus could carry, beats over cycles, busy cycles. */
#include <inttypes.h>

#include "gen/report/section.h"

enum { SLICES = 320, LEFT = 90, WIDTH = PAGE_WIDTH - LEFT - 40 };
enum { ROW_HEIGHT = 44, ROW_PITCH = 58, STRIP_HEIGHT = 22, AXIS_HEIGHT = 34 };
enum { ROWS = 4, ROW_TAPE = 0, ROW_ARRAY, ROW_VECTOR, ROW_STORE };

struct slices {
    double share[ROWS][SLICES];
};

/* Spread `amount` evenly over the cycles start..end. */
static void spread(double *share, uint64_t start, uint64_t end, double amount, uint64_t cycles)
{
    double slice = (double)cycles / SLICES, length = (double)(end - start);

    for (int i = (int)((double)start / slice); i < SLICES && i * slice < (double)end; i++) {
        double from = i * slice > (double)start ? i * slice : (double)start;
        double to = (i + 1) * slice < (double)end ? (i + 1) * slice : (double)end;
        if (to > from)
            share[i] += amount * (to - from) / length / slice;
    }
}

static void fill(struct slices *slices, const struct report *report)
{
    uint64_t cycles = report->decode.cycles;

    for (size_t i = 0; i < report->span_count; i++) {
        const struct pass_span *span = &report->span[i];
        uint64_t end = span->end < cycles ? span->end : cycles;
        double busy = (double)(end - span->start);
        if (end <= span->start)
            continue;
        spread(slices->share[ROW_TAPE], span->start, end, (double)span->tape_words, cycles);
        if (span->unit == UNIT_ARRAY)
            spread(slices->share[ROW_ARRAY], span->start, end, (double)span->beats, cycles);
        else
            spread(slices->share[span->unit == UNIT_VECTOR ? ROW_VECTOR : ROW_STORE], span->start,
                   end, busy, cycles);
    }
}

static void draw_row(FILE *file, const char *name, const double *share, double top)
{
    double mean = 0;

    fprintf(file,
            "<rect x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%d\" class=\"ground\"/>"
            "<path class=\"unit\" d=\"M%d %.0f",
            LEFT, top, WIDTH, ROW_HEIGHT, LEFT, top + ROW_HEIGHT);
    for (int i = 0; i < SLICES; i++) {
        double height = (share[i] < 1 ? share[i] : 1) * ROW_HEIGHT;
        fprintf(file, "V%.1fh%.3f", top + ROW_HEIGHT - height, (double)WIDTH / SLICES);
        mean += share[i] / SLICES;
    }
    fprintf(file,
            "V%.0fZ\"/><text x=\"%d\" y=\"%.0f\" class=\"end\">%s</text>"
            "<text x=\"%d\" y=\"%.0f\" class=\"end dim\">%.1f %%</text>\n",
            top + ROW_HEIGHT, LEFT - 8, top + 18, name, LEFT - 8, top + 36, 100 * mean);
}

/* The operators as they follow each other, each until the next one's first pass. */
static void draw_operators(FILE *file, const struct report *report, double top)
{
    double scale = WIDTH / (double)report->decode.cycles;

    fprintf(file, "<text x=\"%d\" y=\"%.0f\" class=\"end\">operator</text>\n", LEFT - 8, top + 15);
    for (size_t i = 0; i < report->span_count;) {
        const struct pass_span *first = &report->span[i];
        while (i < report->span_count && report->span[i].op == first->op)
            i++;
        uint64_t end = i < report->span_count ? report->span[i].start : report->decode.cycles;
        fprintf(file,
                "<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%d\" class=\"%s\"><title>%zu "
                "%s: cycles %" PRIu64 " to %" PRIu64 "</title></rect>\n",
                LEFT + (double)first->start * scale, top, (double)(end - first->start) * scale,
                STRIP_HEIGHT, operator_label(report->mill->op[first->op].opcode), first->op,
                tensor_label(report->mill, first->op), first->start, end);
    }
}

/* A mark every power of ten, or half or fifth of it, that gives a handful. */
static void draw_axis(FILE *file, uint64_t cycles, double top)
{
    static const int factors[] = {2, 5, 10};
    char number[GROUPED_BYTES];
    uint64_t power = 1, step = 1;

    for (int i = 0; cycles / step > 8; i++) {
        step = power * (uint64_t)factors[i % 3];
        if (i % 3 == 2)
            power *= 10;
    }
    for (uint64_t at = 0; at <= cycles; at += step) {
        double x = LEFT + WIDTH * (double)at / (double)cycles;
        fprintf(file,
                "<path class=\"line\" d=\"M%.1f %.0fv5\"/><text x=\"%.1f\" y=\"%.0f\" "
                "class=\"middle dim\">%s</text>\n",
                x, top, x, top + 18, grouped(at, number));
    }
}

static void draw_legend(FILE *file, const struct report *report)
{
    fputs("<p class=\"legend\">", file);
    for (unsigned opcode = 0; opcode < OPCODES; opcode++)
        if (report->decode.kind[opcode].count && opcode != OP_END)
            fprintf(file,
                    "<svg class=\"key\" viewBox=\"0 0 10 10\"><rect width=\"10\" height=\"10\" "
                    "class=\"%s\"/></svg>%s ",
                    operator_label((uint8_t)opcode), operator_label((uint8_t)opcode));
    fputs("</p>\n", file);
}

void section_time_line(FILE *file, const struct report *report)
{
    bool mamba = report->mill->shape.architecture != ARCHITECTURE_LLAMA;
    const char *store = mamba ? "mixer" : "KV store";
    const char *const names[ROWS] = {"tape", "array", "vector", store};
    double strip = ROWS * ROW_PITCH;
    struct slices slices = {{{0}}};
    char number[GROUPED_BYTES];

    fill(&slices, report);
    fprintf(file,
            "<h2>One pass</h2>\n<p>A decode of one column at position %u: %s cycles. Heights are "
            "shares of a slice of %.0f cycles: words of the bus, beats of the array, busy cycles "
            "of the vector unit and of the %s.</p>\n"
            "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Time line\">\n",
            report->decode_plan.position, grouped(report->decode.cycles, number),
            (double)report->decode.cycles / SLICES, store, PAGE_WIDTH,
            strip + STRIP_HEIGHT + AXIS_HEIGHT);
    for (int row = 0; row < ROWS; row++)
        draw_row(file, names[row], slices.share[row], row * ROW_PITCH);
    draw_operators(file, report, strip);
    draw_axis(file, report->decode.cycles, strip + STRIP_HEIGHT + 4);
    fputs("</svg>\n", file);
    draw_legend(file, report);
}
