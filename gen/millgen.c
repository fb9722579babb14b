/* SPDX-License-Identifier: Apache-2.0 */
/* millgen: a trained network and the name of a board in; a compiled model,
 * Verilog and reports out. */
#include <stdio.h>
#include <string.h>

#include "gen/command.h"

static const char usage[] =
    "usage: millgen COMMAND ...\n"
    "\n"
    "  boards                       list the boards and what they have\n"
    "  compile MODEL -o OUT.mill    quantise a trained model and lay out its tape\n"
    "  emit OUT.mill -o FOLDER      write the Verilog that plays it, and its simulation\n"
    "  fit OUT.mill --board BOARD   predict speed and size, choose a design for a board\n"
    "  info MODEL|OUT.mill          say what is in it\n"
    "  report OUT.mill -o OUT.html  draw its tape, a pass, the roofline, the operators\n"
    "\n"
    "millgen COMMAND --help tells more.  Exit status: 0 done, 1 failed, 2 bad usage or input.\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"boards", command_boards}, {"compile", command_compile}, {"emit", command_emit},
    {"fit", command_fit},       {"info", command_info},       {"report", command_report},
};

int main(int argc, char **argv)
{
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return fputs(usage, stdout), 0;
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc > 1)
        fprintf(stderr, "millgen: '%s' is not a command\n", argv[1]);
    fputs(usage, stderr);
    return 2;
}
