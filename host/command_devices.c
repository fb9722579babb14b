/* SPDX-License-Identifier: Apache-2.0 */
/* millrace devices: list the devices. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "host/command.h"
#include "host/interrupt.h"
#include "host/listing.h"
#include "host/usb/usb_watch.h"

static const char help[] =
    "Usage: millrace devices [--json] [--watch]\n"
    "\n"
    "List the devices that can be used here: those that are always there, the\n"
    "simulations emitted into this folder or below it, and the boards that are\n"
    "plugged in, with what each says of itself.\n"
    "\n"
    "  --json   print one JSON object\n"
    "  --watch  tell of boards as they are plugged in and pulled out, first of those that\n"
    "           are there, until Ctrl-C; with --json one object a line\n"
    "\n"
    "Examples:\n"
    "  millrace devices\n"
    "  millrace devices --json | jq -r '.devices[] | select(.serial) | .name'\n"
    "  millrace devices --watch\n";

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

static bool print_change(const struct usb_board_info *board, bool arrived, struct error *err)
{
    char name[USB_NAME_BYTES];

    usb_board_name(board, name);
    printf("%s  %s  (%s; %s)\n", name, arrived ? "arrived" : "left", board->node,
           usb_board_speed(board->speed));
    return command_flush(err);
}

static bool print_change_json(const struct usb_board_info *board, bool arrived, struct error *err)
{
    char name[USB_NAME_BYTES];

    usb_board_name(board, name);
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "event", arrived ? "arrived" : "left", "name",
                  name, "serial", board->serial, "node", board->node, "speed",
                  usb_board_speed(board->speed), "available", (int)board->openable);
    bool made = line && json_dumpf(line, stdout, 0) == 0;
    json_decref(line);
    putchar('\n');
    return made ? command_flush(err)
                : error_set(err, ERROR_FAILED, "the JSON object cannot be made or written");
}

/* Until a signal, which then has its way. */
static bool watch_boards(bool json, struct error *err)
{
    enum { SLICE_MS = 100 };
    struct usb_watch *watch = usb_watch_open(err);
    struct usb_board_info board;
    bool printed = watch != NULL;

    while (printed && !interrupt_pending()) {
        enum usb_change change = usb_watch_next(watch, SLICE_MS, &board);
        if (change != USB_NO_CHANGE)
            printed = (json ? print_change_json : print_change)(&board, change == USB_ARRIVED, err);
    }
    usb_watch_close(watch);
    return printed;
}

int command_devices(int argc, char **argv)
{
    bool json = false, watch = false, help_asked = false, printed = true;
    const struct option_spec spec[] = {
        {"json", 0, OPTION_FLAG, &json, 0, 0},
        {"watch", 0, OPTION_FLAG, &watch, 0, 0},
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

    if (watch)
        return watch_boards(json, &err) ? 0 : command_fail(&err);

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
