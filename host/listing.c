/* SPDX-License-Identifier: Apache-2.0 */
#include "host/listing.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "gen/mill/mill.h"
#include "host/exchange.h"
#include "host/usb/transport_usb.h"
#include "host/usb/usb_board.h"

/* The object is appended to `list` and still good for adding members; the name and
 * what it is become its own. */
static json_t *add(json_t *list, json_t *name, json_t *what, bool available, const char *state)
{
    json_t *device = json_pack("{s:o, s:o, s:b, s:s}", "name", name, "what", what, "available",
                               (int)available, "state", state);
    json_array_append_new(list, device);
    return device;
}

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

static void add_simulation(json_t *list, const char *design, bool simulator)
{
    struct error ignored;
    uint32_t columns = 0, lanes = 0;
    const char *board = "", *model = "";

    json_t *object = json_open(design, &ignored);
    if (object && json_read_text(object, design, "board", &board, &ignored) &&
        json_read_text(object, design, "model", &model, &ignored) &&
        json_read_u32(object, design, "columns", &columns, &ignored) &&
        json_read_u32(object, design, "lanes", &lanes, &ignored) && columns > 0) {
        int folder = (int)(strlen(design) - strlen("/design.json"));
        json_t *device = add(list, json_sprintf("sim:%.*s", folder, design),
                             json_sprintf("%s for %s: %" PRIu32 " columns, %" PRIu32 " lanes",
                                          model, board, columns, lanes),
                             simulator, simulator ? "available" : "no verilator");
        json_object_set_new(device, "board", json_string(board));
        json_object_set_new(device, "columns", json_integer(columns));
        json_object_set_new(device, "lanes", json_integer(lanes));
    }
    json_decref(object);
}

static void add_simulations(json_t *list, bool simulator)
{
    static const char *const pattern[] = {"./design.json", "*/design.json", "*/*/design.json"};
    glob_t found;

    for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++) {
        if (glob(pattern[i], 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++)
            add_simulation(list, found.gl_pathv[k], simulator);
        globfree(&found);
    }
}

static const char *tape_state(const struct identity *identity)
{
    return identity->tape_state == TAPE_GOOD      ? "good"
           : identity->tape_state == TAPE_UNKNOWN ? "unknown"
                                                  : "bad";
}

static void add_identity(json_t *device, const struct identity *identity)
{
    char fingerprint[9];
    json_int_t memory = (json_int_t)identity->memory_lines * TAPE_LINE;
    json_int_t tape = (json_int_t)identity->tape_lines * TAPE_LINE;

    snprintf(fingerprint, sizeof fingerprint, "%08" PRIx32, identity->fingerprint);
    json_object_set_new(device, "what",
                        json_sprintf("%s: %u columns, %u lanes, memory %" PRIu64
                                     " KiB, bitstream %s for tapes of %" PRIu64 " KiB",
                                     identity->board, identity->columns, identity->lanes,
                                     (uint64_t)memory >> 10, fingerprint, (uint64_t)tape >> 10));
    json_object_set_new(device, "board", json_string(identity->board));
    json_object_set_new(device, "columns", json_integer(identity->columns));
    json_object_set_new(device, "lanes", json_integer(identity->lanes));
    json_object_set_new(device, "memory_bytes", json_integer(memory));
    json_object_set_new(device, "fingerprint", json_string(fingerprint));
    json_object_set_new(device, "tape_bytes", json_integer(tape));
    json_object_set_new(device, "tape", json_string(tape_state(identity)));
    json_object_set_new(device, "streams", json_boolean(identity->streams));
}

/* A board is asked what it is; where it cannot be, *err says why. */
static bool ask_board(const struct usb_board_info *info, struct identity *identity,
                      struct error *err)
{
    struct transport *transport = transport_usb_open(info->serial, err);
    if (!transport)
        return false;
    bool said = transport_identify(transport, identity, err);
    transport->ops->close(transport);
    return said;
}

static void add_board(json_t *list, const struct usb_board_info *info)
{
    json_t *where = json_string(info->node);
    struct identity identity;
    struct error err;
    json_t *device;

    if (!info->openable) {
        device = add(list, json_string("usb"), where, false, "no permission: millrace(1), FILES");
    } else {
        bool said = ask_board(info, &identity, &err);
        device = add(list, json_sprintf("usb:%s", info->serial), where, said,
                     said ? "available" : err.message);
        if (said)
            add_identity(device, &identity);
        json_object_set_new(device, "serial", json_string(info->serial));
    }
    json_object_set_new(device, "node", json_string(info->node));
    json_object_set_new(device, "speed", json_string(usb_board_speed(info->speed)));
}

static void add_boards(json_t *list, const struct usb_board_info *board, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_board(list, &board[i]);
}

json_t *listing_make(struct error *err)
{
    bool simulator = on_path("verilator") && on_path("make");
    struct usb_board_info board[USB_BOARDS_MOST];
    size_t count;
    char boards[sizeof err->message];
    json_t *list = json_array();

    if (usb_board_list(board, &count, err))
        snprintf(boards, sizeof boards, "%zu plugged in", count);
    else
        snprintf(boards, sizeof boards, "%s", err->message);
    add(list, json_string("float"), json_string("the model in floating point"), true, "available");
    add(list, json_string("ref"), json_string("the integer reference, in C"), true, "available");
    add(list, json_string("sim:DIR"), json_string("the design emitted into DIR, in Verilator"),
        simulator, simulator ? "available" : "needs verilator and make on the PATH");
    add(list, json_string("usb[:SERIAL]"), json_string("a board"), count > 0, boards);
    add_simulations(list, simulator);
    add_boards(list, board, count);
    if (json_array_size(list) < 4) {
        json_decref(list);
        error_set(err, ERROR_FAILED, "out of memory");
        return NULL;
    }
    return list;
}
