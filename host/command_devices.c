/* SPDX-License-Identifier: Apache-2.0 */
/* millrace devices: list the devices. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "host/command.h"
#include "host/listing.h"

static const char help[] =
    "Usage: millrace devices [--json]\n"
    "\n"
    "List the devices that can be used here: those that are always there, the\n"
    "simulations emitted into this folder or below it, and the boards that are\n"
    "plugged in, with what each says of itself.\n"
    "\n"
    "  --json  print one JSON object\n"
    "\n"
    "Examples:\n"
    "  millrace devices\n"
    "  millrace devices --json | jq -r '.devices[] | select(.serial) | .name'\n";

static const char *text(const json_t *device, const char *key)
{
    return json_string_value(json_object_get(device, key));
}

static void print(const json_t *list)
{
    const json_t *device;
    size_t i;
    int width = 0;

    json_array_foreach(list, i, device)
    {
        int length = (int)strlen(text(device, "name"));
        width = length > width ? length : width;
    }
    json_array_foreach(list, i, device)
    {
        const char *speed = text(device, "speed");
        printf("%-*s  %s%s%s  (%s)\n", width, text(device, "name"), text(device, "what"),
               speed ? "; " : "", speed ? speed : "", text(device, "state"));
    }
}

int command_devices(int argc, char **argv)
{
    bool json = false, help_asked = false, printed = true;
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

    json_t *list = listing_make(&err);
    if (!list)
        return command_fail(&err);
    if (json) {
        json_t *object = json_pack("{s:O}", "devices", list);
        printed = object && json_dumpf(object, stdout, 0) == 0;
        json_decref(object);
        putchar('\n');
    } else {
        print(list);
    }
    json_decref(list);
    if (!printed) {
        error_set(&err, ERROR_FAILED, "the JSON object cannot be made or written");
        return command_fail(&err);
    }
    return command_flush(&err) ? 0 : command_fail(&err);
}
