/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/picture_options.h"

#include <string.h>

#include "gen/image/picture_fit.h"
#include "gen/mill/image_mill.h"

enum { FRAME_WIDTH = 480 }; /* pixels of a frame that the design is chosen for */

void picture_options_specify(struct picture_options *o, struct option_spec spec[PICTURE_OPTIONS])
{
    const struct option_spec all[PICTURE_OPTIONS] = {
        {"board", 0, OPTION_TEXT, &o->board, 0, 0},
        {"lanes", 0, OPTION_COUNT, &o->lanes, 4, 16},
        {"columns", 0, OPTION_COUNT, &o->columns, 1, 128},
        {"row", 0, OPTION_COUNT, &o->row, 1, 4096},
        {"frame", 0, OPTION_COUNT, &o->frame, 1, 32768},
        {"clock", 0, OPTION_COUNT, &o->clock_hz, 1, INT32_MAX},
        {"keep-edges", 0, OPTION_FLAG, &o->edges, 0, 0},
    };

    memcpy(spec, all, sizeof all);
}

bool picture_options_design(struct picture_options *o, struct integer_network *network,
                            const struct board **board, struct picture_design *design,
                            struct error *err)
{
    *board = o->board ? board_find(o->board) : NULL;
    if (!*board)
        return error_set(err, ERROR_INPUT, "--board: '%s' is not a board; there are: %s",
                         o->board ? o->board : "", board_names());
    o->frame = o->frame ? o->frame : FRAME_WIDTH;
    o->clock_hz = o->clock_hz ? o->clock_hz : (uint32_t)(*board)->defaults.clock_hz;
    *design = (struct picture_design){o->lanes, o->columns, 0, o->edges};
    if ((*board)->unlimited) {
        design->inputs = design->inputs ? design->inputs : 4;
        design->columns = design->columns ? design->columns : 8;
        design->groups = ((o->row ? o->row : 64) + design->columns - 1) / design->columns;
        return true;
    }
    if (o->row && !o->columns)
        return error_set(err, ERROR_INPUT, "--row is given with --columns");
    if (o->row)
        design->groups = (o->row + o->columns - 1) / o->columns;
    return picture_fit(design, network, *board, o->frame, err);
}

bool picture_options_apply(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-' && image_mill_is(argv[i]))
            return true;
    return false;
}
