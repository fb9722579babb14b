/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 255, TILES = 1024 };

static const struct {
    const char *type;
    enum cell_kind kind;
} kinds[] = {
    {"TRELLIS_COMB", CELL_LOGIC},      {"ICESTORM_LC", CELL_LOGIC},
    {"TRELLIS_FF", CELL_REGISTER},     {"DP16KD", CELL_RAM},
    {"ICESTORM_RAM", CELL_RAM},        {"ICESTORM_SPRAM", CELL_RAM},
    {"TRELLIS_RAMW", CELL_LUT_RAM},    {"MULT18X18D", CELL_MULTIPLIER},
    {"ICESTORM_DSP", CELL_MULTIPLIER},
};

const char *cell_kind_name(enum cell_kind kind)
{
    static const char *const name[CELL_KINDS] = {"logic", "registers", "block RAM", "RAM of LUTs",
                                                 "multipliers"};
    return name[kind];
}

/* CELL_KINDS for a cell that is not drawn: pins, clocks. */
static enum cell_kind kind_of(const json_t *cell)
{
    const char *type = json_string_value(json_object_get(cell, "type"));

    for (size_t i = 0; type && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].kind;
    return CELL_KINDS;
}

/* The instance that a cell's name begins with: "design." is left out, a column is
 * named without its number and with the instance inside it. */
static void unit_name(const char *cell, char name[UNIT_NAME])
{
    const char *dot;

    if (strncmp(cell, "design.", 7) == 0)
        cell += 7;
    dot = strchr(cell, '.');
    if (!dot || cell[0] == '$') {
        snprintf(name, UNIT_NAME, "top");
        return;
    }
    if (strncmp(cell, "column_", 7) != 0) {
        snprintf(name, UNIT_NAME, "%.*s", (int)(dot - cell), cell);
        return;
    }
    const char *inner = dot + 1;
    const char *end = strchr(inner, '.');
    snprintf(name, UNIT_NAME, end ? "column.%.*s" : "column", end ? (int)(end - inner) : 0, inner);
}

static bool unit_of(struct placement *p, const char *cell, uint8_t *unit, const char *file,
                    struct error *err)
{
    char name[UNIT_NAME];

    unit_name(cell, name);
    for (uint32_t i = 0; i < p->units; i++)
        if (strcmp(p->unit[i].name, name) == 0) {
            *unit = (uint8_t)i;
            return true;
        }
    if (p->units == UNITS)
        return error_set(err, ERROR_INPUT, "%s: more than %d units", file, UNITS);
    snprintf(p->unit[p->units].name, UNIT_NAME, "%s", name);
    *unit = (uint8_t)p->units++;
    return true;
}

static bool add(struct placement *p, const char *name, const json_t *cell, enum cell_kind kind,
                const char *file, struct error *err)
{
    const char *place =
        json_string_value(json_object_get(json_object_get(cell, "attributes"), "NEXTPNR_BEL"));
    struct placed_cell c = {.kind = (uint8_t)kind};
    unsigned x = 0, y = 0;

    if (!place || sscanf(place, "X%4u/Y%4u/", &x, &y) != 2 || x >= TILES || y >= TILES)
        return error_set(err, ERROR_INPUT, "%s: the cell %s has no place", file, name);
    if (!unit_of(p, name, &c.unit, file, err))
        return false;
    c.x = (uint16_t)x;
    c.y = (uint16_t)y;
    p->width = c.x >= p->width ? (uint16_t)(c.x + 1) : p->width;
    p->height = c.y >= p->height ? (uint16_t)(c.y + 1) : p->height;
    p->unit[c.unit].cells[kind]++;
    p->cell[p->cells++] = c;
    return true;
}

static int by_logic(const void *a, const void *b)
{
    const struct placed_unit *x = a, *y = b;

    if (x->cells[CELL_LOGIC] != y->cells[CELL_LOGIC])
        return x->cells[CELL_LOGIC] < y->cells[CELL_LOGIC] ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* Cells say their unit by its place, which sorting changes: a name tells the new one. */
static bool sort_units(struct placement *p, const char *file, struct error *err)
{
    struct placed_unit *before = malloc(UNITS * sizeof *before);

    if (!before)
        return error_set(err, ERROR_FAILED, "%s: out of memory", file);
    memcpy(before, p->unit, UNITS * sizeof *before);
    qsort(p->unit, p->units, sizeof *p->unit, by_logic);
    uint8_t to[UNITS] = {0};
    for (uint32_t i = 0; i < p->units; i++)
        for (uint32_t j = 0; j < p->units; j++)
            if (strcmp(before[i].name, p->unit[j].name) == 0)
                to[i] = (uint8_t)j;
    for (uint32_t i = 0; i < p->cells; i++)
        p->cell[i].unit = to[p->cell[i].unit];
    free(before);
    return true;
}

static bool count_in_tiles(struct placement *p, const char *file, struct error *err)
{
    uint8_t *count = calloc((size_t)TILES * TILES, 1);

    if (!count)
        return error_set(err, ERROR_FAILED, "%s: out of memory", file);
    for (uint32_t i = 0; i < p->cells; i++) {
        uint8_t *tile = &count[(size_t)p->cell[i].y * TILES + p->cell[i].x];
        p->cell[i].order = *tile;
        *tile = (uint8_t)(*tile + (*tile < UINT8_MAX));
    }
    free(count);
    return true;
}

bool placement_read(struct placement *p, const json_t *netlist, const char *name, struct error *err)
{
    json_t *cells =
        json_object_get(json_object_get(json_object_get(netlist, "modules"), "top"), "cells");
    const char *cell_name;
    json_t *cell;

    *p = (struct placement){0};
    if (!json_is_object(cells))
        return error_set(err, ERROR_INPUT, "%s: no cells of a module 'top'", name);
    p->unit = calloc(UNITS, sizeof *p->unit);
    p->cell = calloc(json_object_size(cells) + 1, sizeof *p->cell);
    bool ok = p->unit && p->cell;
    if (!ok)
        error_set(err, ERROR_FAILED, "%s: out of memory", name);
    json_object_foreach(cells, cell_name, cell)
    {
        enum cell_kind kind = kind_of(cell);
        if (ok && kind != CELL_KINDS)
            ok = add(p, cell_name, cell, kind, name, err);
    }
    if (ok && sort_units(p, name, err) && count_in_tiles(p, name, err))
        return true;
    placement_free(p);
    return false;
}

void placement_free(struct placement *p)
{
    free(p->unit);
    free(p->cell);
    *p = (struct placement){0};
}
