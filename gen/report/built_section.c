/* SPDX-License-Identifier: Apache-2.0 */
/* The FPGA: clocks, what is used and by which unit, the floorplan, the critical path. */
#include <string.h>

#include "gen/report/section.h"

enum { COLOURS = 12, TILE = 10, SLOTS = 20, BAR = 400, BAR_HEIGHT = 14 };

/* Of the units with most logic; all others are grey. */
static const char *const colour[COLOURS] = {"#2f7fb8", "#d08a2e", "#3d9a6c", "#c24f5c",
                                            "#8a6fc0", "#5aa9b5", "#b5a142", "#7c8f3f",
                                            "#b56fa0", "#6b7fd0", "#a8673f", "#4f9e9a"};

static const char *colour_of(uint32_t unit)
{
    return unit < COLOURS ? colour[unit] : "#999";
}

static void write_clocks(FILE *file, const struct built *b)
{
    const json_t *clock;
    const char *name;

    fputs("<table><thead><tr><th>clock</th><td>reached, MHz</td><td>asked for, MHz</td></tr>"
          "</thead><tbody>\n",
          file);
    json_object_foreach(json_object_get(b->timing, "fmax"), name, clock)
    {
        fputs("<tr><th>", file);
        write_escaped(file, strncmp(name, "$glbnet$", 8) == 0 ? name + 8 : name);
        fprintf(file, "</th><td>%.1f</td><td>%.1f</td></tr>\n",
                json_number_value(json_object_get(clock, "achieved")),
                json_number_value(json_object_get(clock, "constraint")));
    }
    fputs("</tbody></table>\n", file);
}

/* A bar of the used part of each resource of which there is any use. */
static void write_use(FILE *file, const struct built *b)
{
    const json_t *resource;
    const char *name;

    fputs("<table><thead><tr><th>resource</th><td>used</td><td>there</td><th></th></tr></thead>"
          "<tbody>\n",
          file);
    json_object_foreach(json_object_get(b->timing, "utilization"), name, resource)
    {
        double used = json_number_value(json_object_get(resource, "used"));
        double there = json_number_value(json_object_get(resource, "available"));
        if (used <= 0 || there <= 0)
            continue;
        fputs("<tr><th>", file);
        write_escaped(file, name);
        fprintf(
            file,
            "</th><td>%.0f</td><td>%.0f</td><td><svg viewBox=\"0 0 %d %d\" style=\"width:%dpx\">"
            "<rect width=\"%d\" height=\"%d\" class=\"ground\"/><rect width=\"%.1f\" "
            "height=\"%d\" class=\"matrix\"/></svg></td></tr>\n",
            used, there, BAR, BAR_HEIGHT, BAR, BAR, BAR_HEIGHT,
            used < there ? BAR * used / there : BAR, BAR_HEIGHT);
    }
    fputs("</tbody></table>\n", file);
}

static void write_units(FILE *file, const struct placement *p)
{
    fputs("<h3>By unit</h3>\n<table><thead><tr><th>unit</th>", file);
    for (int k = 0; k < CELL_KINDS; k++)
        fprintf(file, "<td>%s</td>", cell_kind_name((enum cell_kind)k));
    fputs("<th></th></tr></thead><tbody>\n", file);
    for (uint32_t i = 0; i < p->units; i++) {
        const struct placed_unit *u = &p->unit[i];
        fprintf(file, "<tr><th>");
        write_escaped(file, u->name);
        fputs("</th>", file);
        for (int k = 0; k < CELL_KINDS; k++)
            fprintf(file, "<td>%u</td>", u->cells[k]);
        uint32_t most = p->unit[0].cells[CELL_LOGIC];
        fprintf(file,
                "<td><svg viewBox=\"0 0 %d %d\" style=\"width:%dpx\"><rect width=\"%.1f\" "
                "height=\"%d\" fill=\"%s\"/></svg></td></tr>\n",
                BAR / 2, BAR_HEIGHT, BAR / 2, most ? BAR / 2.0 * u->cells[CELL_LOGIC] / most : 0.0,
                BAR_HEIGHT, colour_of(i));
    }
    fputs("</tbody></table>\n", file);
}

/* A block RAM or a multiplier fills its tile; other cells share theirs, four in a row. */
static void write_mark(FILE *file, const struct placement *p, const struct placed_cell *c)
{
    bool whole = c->kind == CELL_RAM || c->kind == CELL_MULTIPLIER;
    int side = whole ? TILE - 1 : 2;
    int slot = whole ? 0 : c->order % SLOTS;

    fprintf(file, "M%d %dh%dv%dh-%dz", c->x * TILE + slot % 4 * 2,
            (p->height - 1 - c->y) * TILE + slot / 4 * 2, side, side, side);
}

static void write_floorplan(FILE *file, const struct placement *p)
{
    fprintf(file,
            "<h3>Floorplan</h3>\n<p>%u by %u tiles. A mark is a cell in the colour of its unit; a "
            "whole tile is a block RAM or a multiplier.</p>\n<svg viewBox=\"0 0 %d %d\" "
            "role=\"img\" aria-label=\"Floorplan\"><rect width=\"%d\" height=\"%d\" "
            "class=\"ground\"/>\n",
            p->width, p->height, p->width * TILE, p->height * TILE, p->width * TILE,
            p->height * TILE);
    for (uint32_t unit = 0; unit < p->units; unit++) {
        fprintf(file, "<path fill=\"%s\" d=\"", colour_of(unit));
        for (uint32_t i = 0; i < p->cells; i++)
            if (p->cell[i].unit == unit)
                write_mark(file, p, &p->cell[i]);
        fputs("\"/>\n", file);
    }
    fputs("</svg>\n", file);
}

static double delay_of(const json_t *path)
{
    const json_t *step;
    size_t at;
    double sum = 0;

    json_array_foreach(path, at, step) sum += json_number_value(json_object_get(step, "delay"));
    return sum;
}

static void write_step(FILE *file, const json_t *step)
{
    const json_t *to = json_object_get(step, "to");
    const char *type = json_string_value(json_object_get(step, "type"));
    const char *cell = json_string_value(json_object_get(to, "cell"));
    const char *port = json_string_value(json_object_get(to, "port"));

    fprintf(file, "<tr><td>%.2f</td><th>", json_number_value(json_object_get(step, "delay")));
    write_escaped(file, type ? type : "");
    fputs("</th><th>", file);
    write_escaped(file, cell ? cell : "");
    fputs(".", file);
    write_escaped(file, port ? port : "");
    fputs("</th></tr>\n", file);
}

/* The core's clock, or the first where no clock has its name. */
static void write_critical_path(FILE *file, const struct built *b)
{
    const json_t *candidate, *path = NULL, *step;
    size_t at;

    json_array_foreach(json_object_get(b->timing, "critical_paths"), at, candidate)
    {
        const char *from = json_string_value(json_object_get(candidate, "from"));
        const char *to = json_string_value(json_object_get(candidate, "to"));
        const json_t *steps = json_object_get(candidate, "path");
        bool core = from && to && strcmp(from, to) == 0 && strstr(from, "core_clk");
        if (core || !path)
            path = steps;
        if (core)
            break;
    }
    fprintf(file,
            "<h3>Critical path: %.2f ns</h3>\n<table><thead><tr><td>ns</td><th>of</th><th>to</th>"
            "</tr></thead><tbody>\n",
            delay_of(path));
    json_array_foreach(path, at, step) write_step(file, step);
    fputs("</tbody></table>\n", file);
}

void section_built(FILE *file, const struct report *report)
{
    const struct built *b = report->built;

    fprintf(file,
            "<h2>On the FPGA</h2>\n<p>Placed by nextpnr. At the %.1f MHz that the core reaches: "
            "decode %.1f tokens/s",
            b->core_hz / 1e6, b->core_hz / (double)report->decode.cycles);
    if (report->prefill_plan.count > 1)
        fprintf(file, ", prefill %.1f tokens/s",
                b->core_hz * report->prefill_plan.count / (double)report->prefill.cycles);
    fputs(".</p>\n", file);
    write_clocks(file, b);
    write_use(file, b);
    write_units(file, &b->placement);
    write_floorplan(file, &b->placement);
    write_critical_path(file, b);
}
