/* SPDX-License-Identifier: Apache-2.0 */
/* millgen emit for an image network. */
#include "gen/command.h"
#include "gen/mill/image_mill.h"
#include "gen/mill/mill.h"
#include "gen/picture_options.h"
#include "gen/verilog/emit_board.h"
#include "gen/verilog/emit_picture.h"

struct arguments {
    struct picture_options options;
    const char *mill, *output;
};

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    struct option_spec spec[PICTURE_OPTIONS + 1] = {0};
    size_t operands = 0;

    picture_options_specify(&a->options, spec);
    spec[PICTURE_OPTIONS] = (struct option_spec){"output", 'o', OPTION_TEXT, &a->output, 0, 0};
    if (!options_parse(spec, PICTURE_OPTIONS + 1, argc, argv, &a->mill, 1, &operands, err))
        return false;
    return (operands == 1 && a->output) ||
           error_set(err, ERROR_INPUT, "give one NET.mill and the folder with -o");
}

/* Has the board a memory for what strips leave each other?  It is all that a picture has there. */
static bool check_edges(const struct board *board, struct error *err)
{
    bool fits = board->memory_bytes >= TAPE_LINE + (sizeof(uint32_t) << EDGE_DEPTH_BITS);

    if (board->family == FAMILY_NONE || (fits && board->defaults.tape_bus_bits == 32))
        return true;
    return error_set(err, ERROR_INPUT, "--keep-edges: %s has no memory for them", board->name);
}

bool command_emit_picture(int argc, char **argv, struct error *err)
{
    struct arguments a = {0};
    struct integer_network network;
    struct picture_program program;
    struct picture_design design;
    const struct board *board;

    if (!parse(argc, argv, &a, err) || !image_mill_open(&network, a.mill, err))
        return false;
    bool ok = picture_options_design(&a.options, &network, &board, &design, err) &&
              (!design.edges || check_edges(board, err)) &&
              picture_program_make(&program, &network, &design, err);
    if (ok) {
        const struct picture_board written = {board->name, board_family_name(board),
                                              a.options.clock_hz, board->defaults.tape_bus_bits};
        const struct board_design on_board = {network.network.name, 0, written.tape_bus_bits,
                                              a.options.clock_hz};
        ok = emit_picture(&program, &network, &written, a.output, err) &&
             (board->family == FAMILY_NONE || emit_board(board, &on_board, a.output, err));
    }
    image_network_free(&network.network);
    return ok;
}
