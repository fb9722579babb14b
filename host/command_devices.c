/* SPDX-License-Identifier: Apache-2.0 */
/* millrace devices: list the devices. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "host/command.h"

static const char help[] = "Usage: millrace devices [--json]\n"
                           "\n"
                           "List the devices, and which can be used here.\n"
                           "\n"
                           "  --json  print one JSON object\n"
                           "\n"
                           "Example:\n"
                           "  millrace devices\n";

struct device_line {
    const char *name, *what;
    bool available;
    const char *state;
};

/* Is `program` in a folder of PATH? */
static bool on_path(const char *program)
{
    const char *path = getenv("PATH");
    char file[4096];

    while (path && *path) {
        size_t length = strcspn(path, ":");
        int n = snprintf(file, sizeof file, "%.*s/%s", (int)length, path, program);
        if (n > 0 && (size_t)n < sizeof file && access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static bool print_json(const struct device_line *line, size_t count)
{
    json_t *devices = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(devices, json_pack("{s:s, s:s, s:b, s:s}", "name", line[i].name,
                                                 "what", line[i].what, "available",
                                                 (int)line[i].available, "state", line[i].state));
    json_t *object = json_pack("{s:o}", "devices", devices);
    bool written = object && json_dumpf(object, stdout, 0) == 0;
    json_decref(object);
    putchar('\n');
    return written;
}

static void print(const struct device_line *line, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%-8s  %-46s  %s\n", line[i].name, line[i].what, line[i].state);
}

int command_devices(int argc, char **argv)
{
    bool json = false, help_asked = false;
    const struct option_spec spec[] = {
        {"json", 0, OPTION_FLAG, &json, 0, 0},
        {"help", 'h', OPTION_FLAG, &help_asked, 0, 0},
    };
    size_t operands;
    struct error err;

    if (!options_parse(spec, sizeof spec / sizeof *spec, argc, argv, NULL, 0, &operands, &err))
        return command_fail(&err);
    if (help_asked) {
        fputs(help, stdout);
        return 0;
    }

    bool simulator = on_path("verilator") && on_path("make");
    const struct device_line lines[] = {
        {"float", "the model in floating point", true, "available"},
        {"ref", "the integer reference, in C", true, "available"},
        {"sim:DIR", "the design emitted into DIR, in Verilator", simulator,
         simulator ? "available" : "needs verilator and make on the PATH"},
        {"usb", "a board", false, "this version has no USB transport"},
    };
    size_t count = sizeof lines / sizeof *lines;
    if (json && !print_json(lines, count)) {
        error_set(&err, ERROR_FAILED, "the JSON object cannot be made or written");
        return command_fail(&err);
    }
    if (!json)
        print(lines, count);
    return command_flush(&err) ? 0 : command_fail(&err);
}
