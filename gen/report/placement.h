/* SPDX-License-Identifier: Apache-2.0 */
/* Where nextpnr put the cells of a design: what it writes with --write, and with
 * --report. */
#ifndef MILLRACE_GEN_REPORT_PLACEMENT_H
#define MILLRACE_GEN_REPORT_PLACEMENT_H

#include "base/json.h"

/* LUTs (with a register each on the iCE40) and carries; registers; block RAM; LUTs
 * used as RAM; multipliers. */
enum cell_kind { CELL_LOGIC, CELL_REGISTER, CELL_RAM, CELL_LUT_RAM, CELL_MULTIPLIER, CELL_KINDS };

enum { UNIT_NAME = 40 };

/* Instances of the design that have cells; all columns are one. */
struct placed_unit {
    char name[UNIT_NAME]; /* "link", "column.array"; "top" for what is in none */
    uint32_t cells[CELL_KINDS];
};

struct placed_cell {
    uint16_t x, y; /* the tile */
    uint8_t kind, unit;
    uint8_t order; /* among the tile's cells, as far as 255 */
};

struct placement {
    struct placed_unit *unit; /* [units], the one of the most logic first */
    struct placed_cell *cell; /* [cells] */
    uint32_t units, cells;
    uint16_t width, height; /* in tiles, as far as there are cells */
};

/* Take the cells out of `netlist`, which messages call `name`: ERROR_INPUT where it is
 * none or a cell has no place.  More than 255 units are one too many.  Release with
 * placement_free. */
bool placement_read(struct placement *placement, const json_t *netlist, const char *name,
                    struct error *err);

void placement_free(struct placement *placement);

const char *cell_kind_name(enum cell_kind kind);

#endif
