/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tape's bytes go: a bar for each tensor, all layers together. */
#include <inttypes.h>
#include <string.h>

#include "gen/report/section.h"

enum { BARS = 32, BAR_PITCH = 26, BAR_HEIGHT = 18, LABEL_WIDTH = 150, NUMBER_WIDTH = 170 };

struct bar {
    const char *label;
    uint8_t opcode;
    uint64_t bytes, count;
};

/* The bars in the order in which the tape first has them; returns how many. */
static size_t collect(const struct mill *mill, struct bar bar[BARS])
{
    size_t bars = 0;

    for (size_t i = 0; i < mill->op_count; i++) {
        const struct tape_op *op = &mill->op[i];
        const char *label = tensor_label(mill, i);
        size_t at = 0;
        while (at < bars && strcmp(bar[at].label, label) != 0)
            at++;
        if (at == BARS)
            continue;
        if (at == bars)
            bar[bars++] = (struct bar){label, op->opcode, 0, 0};
        bar[at].bytes += (uint64_t)TAPE_LINE * (1 + op->payload_lines);
        bar[at].count++;
    }
    return bars;
}

static void draw_bar(FILE *file, const struct bar *bar, size_t row, uint64_t most, uint64_t all)
{
    double width = (PAGE_WIDTH - LABEL_WIDTH - NUMBER_WIDTH) * (double)bar->bytes / (double)most;
    double y = (double)row * BAR_PITCH;
    char number[GROUPED_BYTES];

    fprintf(file, "<text x=\"%d\" y=\"%.0f\" class=\"end\">%s", LABEL_WIDTH - 8, y + 14,
            bar->label);
    if (bar->count > 1)
        fprintf(file, " <tspan class=\"dim\">&#215; %" PRIu64 "</tspan>", bar->count);
    fprintf(file, "</text><rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>",
            LABEL_WIDTH, y, width < 1 ? 1 : width, BAR_HEIGHT, operator_label(bar->opcode));
    fprintf(file, "<text x=\"%.1f\" y=\"%.0f\">%s <tspan class=\"dim\">%.1f %%</tspan></text>\n",
            LABEL_WIDTH + width + 8, y + 14, grouped(bar->bytes, number),
            100 * (double)bar->bytes / (double)all);
}

void section_tape(FILE *file, const struct report *report)
{
    struct bar bar[BARS];
    size_t bars = collect(report->mill, bar);
    uint64_t most = 1;
    char number[GROUPED_BYTES];

    for (size_t i = 0; i < bars; i++)
        most = bar[i].bytes > most ? bar[i].bytes : most;
    fprintf(file,
            "<h2>The tape</h2>\n<p>%s bytes: weights with their scales, and a header line of "
            "%d bytes for each operation.</p>\n<svg viewBox=\"0 0 %d %zu\" role=\"img\" "
            "aria-label=\"Bytes by tensor\">\n",
            grouped(report->mill->tape_size, number), TAPE_LINE, PAGE_WIDTH, bars * BAR_PITCH);
    for (size_t i = 0; i < bars; i++)
        draw_bar(file, &bar[i], i, most, report->mill->tape_size);
    fputs("</svg>\n", file);
}
