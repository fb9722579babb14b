/* SPDX-License-Identifier: Apache-2.0 */
/* millrace load: put a model's tape into a device's memory. */
#include <inttypes.h>
#include <stdio.h>

#include "base/options.h"
#include "host/command.h"

static const char help[] =
    "Usage: millrace load OUT.mill --device DEVICE\n"
    "\n"
    "Load a model's tape into the device's memory and verify it there by its CRCs.\n"
    "`millrace run` does the same where the memory does not hold the tape yet.\n"
    "\n"
    "  --device DEVICE  sim:DIR or usb[:SERIAL]\n"
    "\n"
    "Example:\n"
    "  millrace load stories.mill --device usb\n";

struct load_options {
    const char *mill, *device;
    bool help;
};

static bool parse(struct load_options *o, int argc, char **argv, struct error *err)
{
    const struct option_spec spec[] = {
        {"device", 0, OPTION_TEXT, &o->device, 0, 0},
        {"help", 'h', OPTION_FLAG, &o->help, 0, 0},
    };
    size_t operands = 0;

    if (!options_parse(spec, sizeof spec / sizeof *spec, argc, argv, &o->mill, 1, &operands, err))
        return false;
    if (o->help)
        return true;
    if (operands == 0)
        return error_set(err, ERROR_INPUT, "which model? see %s --help", argv[0]);
    if (!o->device)
        return error_set(err, ERROR_INPUT, "--device is needed: sim:DIR or usb");
    return true;
}

int command_load(int argc, char **argv)
{
    const struct device_options always = {.load = LOAD_ALWAYS, .progress = command_progress};
    struct load_options options = {0};
    struct mill mill;
    struct error err;

    if (!parse(&options, argc, argv, &err))
        return command_fail(&err);
    if (options.help) {
        fputs(help, stdout);
        return 0;
    }
    if (!mill_open(&mill, options.mill, &err))
        return command_fail(&err);

    double start = command_seconds();
    struct device *device = device_open(options.device, &mill, &always, &err);
    double seconds = command_seconds() - start;
    if (device)
        fprintf(stderr, "%zu bytes of tape loaded into %s and verified in %.2f s\n", mill.tape_size,
                device_info(device)->name, seconds);
    device_close(device);
    mill_close(&mill);
    return device ? 0 : command_fail(&err);
}
