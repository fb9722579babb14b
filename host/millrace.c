/* SPDX-License-Identifier: Apache-2.0 */
/* millrace: runs a compiled model on a board, its simulation or its reference. */
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "host/command.h"
#include "host/interrupt.h"

static const char help[] =
    "Usage: millrace COMMAND ...\n"
    "\n"
    "Run a model that millgen compiled.\n"
    "\n"
    "Commands:\n"
    "  run OUT.mill --device DEVICE [-p PROMPT] ...    continue a prompt\n"
    "  eval OUT.mill TEXT --device DEVICE ...          measure how well a text is predicted\n"
    "  load OUT.mill --device DEVICE                   put its tape into the device's memory\n"
    "  upscale NET.mill IN.png -o OUT.png ...          make a picture larger\n"
    "  devices                                         list the devices\n"
    "\n"
    "  millrace COMMAND --help shows a command's options.\n"
    "\n"
    "Devices: float (floating point), ref (the integer reference),\n"
    "sim:DIR (the design that millgen emitted into DIR, in Verilator),\n"
    "usb[:SERIAL] (a board).\n"
    "\n"
    "Examples:\n"
    "  millgen compile stories260K.bin -o stories.mill\n"
    "  millrace run stories.mill --device ref -p 'Once upon a time'\n"
    "  millgen emit stories.mill --board sim -o sim\n"
    "  millrace run stories.mill --device sim:sim -p 'Once upon a time' -n 50 --check\n"
    "  millrace eval stories.mill stories.txt --device ref --docs 60 --json\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    char *title; /* becomes the command's argv[0] */
} commands[] = {
    {"run", command_run, "millrace run"},
    {"eval", command_eval, "millrace eval"},
    {"load", command_load, "millrace load"},
    {"upscale", command_upscale, "millrace upscale"},
    {"devices", command_devices, "millrace devices"},
};

static int run_command(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[0], commands[i].name) == 0) {
            argv[0] = commands[i].title;
            return commands[i].run(argc, argv);
        }
    }
    fprintf(stderr, "millrace: no command '%s'; see millrace --help\n", argv[0]);
    return ERROR_INPUT;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs(help, stderr);
        return ERROR_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(help, stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("millrace " MILLRACE_VERSION);
        return 0;
    }
    interrupt_hold();
    int status = run_command(argc - 1, argv + 1);
    interrupt_release();
    return status;
}
