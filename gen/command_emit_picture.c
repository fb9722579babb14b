/* SPDX-License-Identifier: Apache-2.0 */
/* millgen emit for an image network. */
#include <stdio.h>

#include "base/options.h"
#include "gen/command.h"
#include "gen/image/picture_fit.h"
#include "gen/mill/image_mill.h"
#include "gen/verilog/emit_picture.h"

enum { FRAME_WIDTH = 480 }; /* pixels of a frame that the design is chosen for */

struct arguments {
    const char *mill, *board, *output;
    uint32_t lanes, columns, row, frame, clock_hz;
};

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    const struct option_spec spec[] = {
        {"board", 0, OPTION_TEXT, &a->board, 0, 0},
        {"lanes", 0, OPTION_COUNT, &a->lanes, 4, 16},
        {"columns", 0, OPTION_COUNT, &a->columns, 1, 128},
        {"row", 0, OPTION_COUNT, &a->row, 1, 4096},
        {"frame", 0, OPTION_COUNT, &a->frame, 1, 32768},
        {"clock", 0, OPTION_COUNT, &a->clock_hz, 1, INT32_MAX},
        {"output", 'o', OPTION_TEXT, &a->output, 0, 0},
    };
    size_t operands = 0;

    if (!options_parse(spec, sizeof spec / sizeof *spec, argc, argv, &a->mill, 1, &operands, err))
        return false;
    if (operands != 1 || !a->output || !a->board)
        return error_set(err, ERROR_INPUT, "give one NET.mill, --board and the folder with -o");
    return true;
}

/* What is not given: on sim 4 lanes, 8 columns and rows of 64 pixels, on a board what it
 * has room for. */
static bool choose(const struct arguments *a, const struct board *board,
                   struct picture_design *design, struct integer_network *network,
                   struct error *err)
{
    if (board->unlimited) {
        design->inputs = design->inputs ? design->inputs : 4;
        design->columns = design->columns ? design->columns : 8;
        design->groups = ((a->row ? a->row : 64) + design->columns - 1) / design->columns;
        return true;
    }
    if (a->row && !a->columns)
        return error_set(err, ERROR_INPUT, "--row is given with --columns");
    if (a->row)
        design->groups = (a->row + a->columns - 1) / a->columns;
    return picture_fit(design, network, board, a->frame ? a->frame : FRAME_WIDTH, err);
}

static bool run(const struct arguments *a, struct error *err)
{
    const struct board *board = board_find(a->board);
    struct integer_network network;
    struct picture_program program;

    if (!board)
        return error_set(err, ERROR_INPUT, "--board: '%s' is not a board; there are: %s", a->board,
                         board_names());
    if (!image_mill_open(&network, a->mill, err))
        return false;
    struct picture_design design = {a->lanes, a->columns, 0};
    const struct picture_board written = {board->name, board_family_name(board),
                                          a->clock_hz ? a->clock_hz : board->defaults.clock_hz};
    bool ok = choose(a, board, &design, &network, err) &&
              picture_program_make(&program, &network, &design, err) &&
              emit_picture(&program, &network, &written, a->output, err);
    image_network_free(&network.network);
    return ok;
}

bool command_is_picture(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-' && image_mill_is(argv[i]))
            return true;
    return false;
}

bool command_emit_picture(int argc, char **argv, struct error *err)
{
    struct arguments arguments = {0};

    return parse(argc, argv, &arguments, err) && run(&arguments, err);
}
