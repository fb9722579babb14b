/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "gen/command.h"
#include "gen/design_options.h"
#include "gen/picture_options.h"
#include "gen/verilog/emit.h"
#include "gen/verilog/emit_board.h"

static const char usage[] =
    "usage: millgen emit OUT.mill --board BOARD -o FOLDER [options]\n"
    "\n"
    "Write the hardware that plays a compiled model's tape; `make -C FOLDER` then builds\n"
    "its simulation, FOLDER/sim, and for a board `make -C FOLDER -f bitstream.mk` its\n"
    "bitstream.  On sim, what is not given is 16 lanes, 4 columns, 16\n"
    "candidates, a bus of 64 bits, 1024 words, 50 MHz and a memory of 16,64,4.\n"
    "\n"
    "example: millgen emit stories.mill --board sim --columns 1 -o build/stories\n"
    "\n"
    "  -o, --output FOLDER    where to; made where it is missing\n"
    "\n"
    "Of an image network's design --lanes are those of a pixel, 4, 8 or 16, and --columns\n"
    "pixels in step, 1 to 128; --row PIXELS is the longest row that it takes. What is not\n"
    "given is what a board has room for, for frames of --frame PIXELS a row (480), on sim\n"
    "4 lanes, 8 columns and rows of 64. With --keep-edges, on sim, wider pictures are strips\n"
    "that leave each other their edges, and no pixel is computed twice.\n";

struct arguments {
    struct design_options options;
    const char *mill, *output;
};

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    struct option_spec spec[DESIGN_OPTIONS + 1] = {0};
    size_t operands = 0;

    design_options_specify(&a->options, spec);
    spec[DESIGN_OPTIONS] = (struct option_spec){"output", 'o', OPTION_TEXT, &a->output, 0, 0};
    if (!options_parse(spec, DESIGN_OPTIONS + 1, argc, argv, &a->mill, 1, &operands, err))
        return false;
    if (operands != 1 || !a->output)
        return error_set(err, ERROR_INPUT, "%s; see millgen emit --help",
                         a->output ? "give one OUT.mill" : "give the folder with -o");
    return design_options_board(&a->options, err) != NULL;
}

static bool run(const struct arguments *a, struct error *err)
{
    const struct board *board = board_find(a->options.board);
    struct mill mill;
    struct design design;
    struct choice choice;

    if (!mill_open(&mill, a->mill, err))
        return false;
    bool ok = design_options_resolve(&a->options, board, &mill, 0, &design, &choice, err) &&
              emit_design(&mill, &design, a->output, err);
    if (ok && board->family != FAMILY_NONE) {
        const uint64_t in_memory = design.tape_streamed ? board->memory_bytes : mill.tape_size;
        const struct board_design on_board = {mill.name, in_memory, design.tape_bus_bits,
                                              design.clock_hz};
        ok = emit_board(board, &on_board, a->output, err);
    }
    if (ok && design.tape_streamed)
        fprintf(stderr,
                "millgen emit: the tape of %zu bytes is larger than the memory of %s: run it with "
                "millrace run --stream\n",
                mill.tape_size, board->name);
    mill_close(&mill);
    return ok;
}

int command_emit(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct error err = {0};

    if (command_wants_help(argc, argv))
        return fputs(usage, stdout), fputs(design_options_help, stdout), 0;
    bool ok = picture_options_apply(argc, argv)
                  ? command_emit_picture(argc, argv, &err)
                  : parse(argc, argv, &arguments, &err) && run(&arguments, &err);
    if (ok)
        return 0;
    fprintf(stderr, "millgen emit: %s\n", err.message);
    return (int)err.code;
}
