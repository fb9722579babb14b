/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gen/command.h"
#include "gen/design_options.h"
#include "gen/report/report.h"

static const char usage[] =
    "usage: millgen report OUT.mill --board BOARD -o OUT.html [options]\n"
    "\n"
    "Write one HTML page, which needs no other file: the tape by tensor, a time line of\n"
    "each unit over one pass, the roofline with the design on it, the operators.\n"
    "\n"
    "  -o, --output FILE      where to\n"
    "      --built FOLDER     with what nextpnr left there: clocks, floorplan, critical path\n"
    "      --position N       of the pass in the context (default: its middle)\n";

struct arguments {
    struct design_options options;
    uint32_t position; /* UINT32_MAX: not given */
    const char *mill, *output, *built;
};

static bool parse(int argc, char **argv, struct arguments *a, struct error *err)
{
    struct option_spec spec[DESIGN_OPTIONS + 3] = {0};
    size_t operands = 0;

    design_options_specify(&a->options, spec);
    spec[DESIGN_OPTIONS] =
        (struct option_spec){"position", 0, OPTION_COUNT, &a->position, 0, 65535};
    spec[DESIGN_OPTIONS + 1] = (struct option_spec){"output", 'o', OPTION_TEXT, &a->output, 0, 0};
    spec[DESIGN_OPTIONS + 2] = (struct option_spec){"built", 0, OPTION_TEXT, &a->built, 0, 0};
    if (!options_parse(spec, DESIGN_OPTIONS + 3, argc, argv, &a->mill, 1, &operands, err))
        return false;
    if (operands != 1 || !a->output)
        return error_set(err, ERROR_INPUT, "%s; see millgen report --help",
                         a->output ? "give one OUT.mill" : "give the file with -o");
    return true;
}

static bool write_report(const struct arguments *a, const struct mill *mill, FILE *file,
                         struct error *err)
{
    const struct board *board = design_options_board(&a->options, err);
    uint32_t position = a->position == UINT32_MAX ? mill->shape.max_seq / 2 : a->position;
    struct design design;
    struct choice choice;
    struct built built = {0};

    if (!board)
        return false;
    if (position >= mill->shape.max_seq)
        return error_set(err, ERROR_INPUT, "--position: %u is not below the context's %u", position,
                         mill->shape.max_seq);
    if (!design_options_resolve(&a->options, board, mill, position, &design, &choice, err) ||
        (a->built && !built_open(&built, a->built, err)))
        return false;
    bool ok = report_write(file, mill, board, &design, a->built ? &built : NULL, position, err);
    built_close(&built);
    return ok;
}

static bool run(const struct arguments *a, struct error *err)
{
    struct mill mill;

    if (!mill_open(&mill, a->mill, err))
        return false;
    FILE *file = fopen(a->output, "w");
    bool ok = file ? write_report(a, &mill, file, err)
                   : error_set(err, ERROR_FAILED, "%s: %s", a->output, strerror(errno));
    if (file) {
        bool bad = ferror(file) != 0;
        if ((fclose(file) != 0 || bad) && ok)
            ok = error_set(err, ERROR_FAILED, "%s: %s", a->output, strerror(errno));
    }
    mill_close(&mill);
    return ok;
}

int command_report(int argc, char **argv)
{
    struct arguments arguments = {.position = UINT32_MAX};
    struct error err = {0};

    if (command_wants_help(argc, argv))
        return fputs(usage, stdout), fputs(design_options_help, stdout), 0;
    if (parse(argc, argv, &arguments, &err) && run(&arguments, &err))
        return 0;
    fprintf(stderr, "millgen report: %s\n", err.message);
    return (int)err.code;
}
