/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: operators by kind, and every operation of the tape. */
#include <inttypes.h>

#include "gen/report/section.h"

static void write_number(FILE *file, uint64_t number)
{
    char text[GROUPED_BYTES];
    fprintf(file, "<td>%s</td>", grouped(number, text));
}

static void write_kind(FILE *file, const struct pass_cost *cost, uint8_t opcode)
{
    const struct operator_cost *k = &cost->kind[opcode];

    fprintf(file, "<tr><th>%s</th>", operator_label(opcode));
    write_number(file, k->count);
    write_number(file, k->cycles);
    fprintf(file, "<td>%.1f %%</td>", 100 * (double)k->cycles / (double)cost->cycles);
    write_number(file, k->beats);
    write_number(file, k->late_beats);
    write_number(file, k->tape_bytes);
    fputs("</tr>\n", file);
}

static void write_kinds(FILE *file, const char *title, const struct pass_plan *plan,
                        const struct pass_cost *cost)
{
    char text[GROUPED_BYTES];

    fprintf(file,
            "<h3>%s: %s cycles for %u token%s, the last at position %u</h3>\n<table><thead><tr>"
            "<th>operator</th><td>count</td><td>cycles</td><td>share</td><td>array beats</td>"
            "<td>late beats</td><td>tape bytes</td></tr></thead><tbody>\n",
            title, grouped(cost->cycles, text), plan->count, plan->count == 1 ? "" : "s",
            plan->position);
    for (uint8_t opcode = 0; opcode < OPCODES; opcode++)
        if (cost->kind[opcode].count)
            write_kind(file, cost, opcode);
    fputs("</tbody></table>\n", file);
}

/* The span of each operation: from its first pass to the next one's. */
static void write_operations(FILE *file, const struct report *report)
{
    fputs("<details><summary>Every operation of the decode</summary>\n<table><thead><tr><th>"
          "operation</th><td>starts at</td><td>cycles</td><td>array beats</td><td>tape bytes</td>"
          "</tr></thead><tbody>\n",
          file);
    for (size_t i = 0; i < report->span_count;) {
        size_t op = report->span[i].op;
        uint64_t start = report->span[i].start, beats = 0;
        for (; i < report->span_count && report->span[i].op == op; i++)
            beats += report->span[i].beats;
        uint64_t end = i < report->span_count ? report->span[i].start : report->decode.cycles;
        fprintf(file, "<tr><th>%zu %s</th>", op, tensor_label(report->mill, op));
        write_number(file, start);
        write_number(file, end - start);
        write_number(file, beats);
        write_number(file, (uint64_t)TAPE_LINE * (1 + report->mill->op[op].payload_lines));
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></details>\n", file);
}

void section_operators(FILE *file, const struct report *report)
{
    fputs("<h2>Operators</h2>\n", file);
    write_kinds(file, "Decode", &report->decode_plan, &report->decode);
    if (report->prefill_plan.count > 1)
        write_kinds(file, "Prefill", &report->prefill_plan, &report->prefill);
    write_operations(file, report);
}
