/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/report/built.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_PATH = 4096 };

static json_t *open_in(const char *folder, const char *name, struct error *err)
{
    char path[LONGEST_PATH];

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        error_set(err, ERROR_INPUT, "%s: the path is too long", folder);
        return NULL;
    }
    return json_open(path, err);
}

/* The core's clock is the one of that name, or the only one. */
static bool read_clock(struct built *built, const char *folder, struct error *err)
{
    const json_t *clock;
    const char *name;
    json_t *clocks = json_object_get(built->timing, "fmax");

    json_object_foreach(clocks, name, clock)
    {
        double mhz = json_number_value(json_object_get(clock, "achieved"));
        if (mhz > 0 && (strstr(name, "core_clk") || json_object_size(clocks) == 1))
            built->core_hz = mhz * 1e6;
    }
    return built->core_hz > 0 ||
           error_set(err, ERROR_INPUT, "%s/report.json: no clock of the core", folder);
}

bool built_open(struct built *built, const char *folder, struct error *err)
{
    *built = (struct built){0};
    json_t *netlist = open_in(folder, "placed.json", err);
    bool ok = netlist && placement_read(&built->placement, netlist, "placed.json", err);
    json_decref(netlist);
    if (ok && (built->timing = open_in(folder, "report.json", err)) != NULL &&
        read_clock(built, folder, err))
        return true;
    built_close(built);
    return false;
}

void built_close(struct built *built)
{
    placement_free(&built->placement);
    json_decref(built->timing);
    *built = (struct built){0};
}
