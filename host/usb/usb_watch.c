/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usb/usb_watch.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
    LOOK_MS = 200,           /* between looks where libusb tells of nothing */
    SELDOM_MS = 1000,        /* and where it could */
    LISTS = USB_BOARDS_MOST, /* boards in a list */
};

struct usb_watch {
    libusb_context *context;
    bool told; /* by libusb */
    bool changed;
    int64_t next_look;
    struct usb_board_info known[LISTS], there[LISTS]; /* told of; at the last look */
    size_t known_count, there_count;
};

static void forget(struct usb_board_info list[LISTS], size_t *count, size_t i)
{
    memmove(&list[i], &list[i + 1], (--*count - i) * sizeof *list);
}

static size_t find(const struct usb_board_info *list, size_t count, const char *node)
{
    size_t i = 0;
    while (i < count && strcmp(list[i].node, node) != 0)
        i++;
    return i;
}

/* A device that has gone may be followed by another in its place: it is to be examined. */
static int LIBUSB_CALL on_change(libusb_context *context, libusb_device *device,
                                 libusb_hotplug_event event, void *user)
{
    struct usb_watch *watch = user;
    char node[USB_NODE_BYTES];

    (void)context;
    watch->changed = true;
    usb_board_node(device, node);
    size_t i = find(watch->there, watch->there_count, node);
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT && i < watch->there_count)
        forget(watch->there, &watch->there_count, i);
    return 0;
}

struct usb_watch *usb_watch_open(struct error *err)
{
    struct usb_watch *watch = calloc(1, sizeof *watch);
    int code = watch ? libusb_init(&watch->context) : LIBUSB_ERROR_NO_MEM;

    if (code != 0) {
        free(watch);
        error_set(err, ERROR_FAILED, "usb: cannot be used here: %s", libusb_strerror(code));
        return NULL;
    }
    watch->told =
        libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) &&
        libusb_hotplug_register_callback(
            watch->context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
            0, USB_VENDOR, USB_PRODUCT, LIBUSB_HOTPLUG_MATCH_ANY, on_change, watch, NULL) == 0;
    return watch;
}

void usb_watch_close(struct usb_watch *watch)
{
    if (watch)
        libusb_exit(watch->context);
    free(watch);
}

bool usb_watch_wait(struct usb_watch *watch, int ms)
{
    struct timeval slice = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};
    int64_t now = clock_milliseconds();

    if (!watch->changed && now < watch->next_look) {
        if (watch->told)
            libusb_handle_events_timeout_completed(watch->context, &slice, NULL);
        else
            poll(NULL, 0, ms);
        now = clock_milliseconds();
    }
    if (!watch->changed && now < watch->next_look)
        return false;
    watch->changed = false;
    watch->next_look = now + (watch->told ? SELDOM_MS : LOOK_MS);
    return true;
}

/* A board in `of` that is not in `in` as it is now. */
static bool differs(const struct usb_board_info *of, size_t of_count,
                    const struct usb_board_info *in, size_t in_count, size_t *which)
{
    for (*which = 0; *which < of_count; ++*which) {
        const struct usb_board_info *board = &of[*which];
        size_t i = find(in, in_count, board->node);
        if (i == in_count || in[i].openable != board->openable ||
            strcmp(in[i].serial, board->serial) != 0)
            return true;
    }
    return false;
}

static enum usb_change tell(struct usb_watch *watch, struct usb_board_info *board)
{
    size_t i;

    if (differs(watch->known, watch->known_count, watch->there, watch->there_count, &i)) {
        *board = watch->known[i];
        forget(watch->known, &watch->known_count, i);
        return USB_LEFT;
    }
    if (differs(watch->there, watch->there_count, watch->known, watch->known_count, &i)) {
        *board = watch->known[watch->known_count++] = watch->there[i];
        return USB_ARRIVED;
    }
    return USB_NO_CHANGE;
}

enum usb_change usb_watch_next(struct usb_watch *watch, int ms, struct usb_board_info *board)
{
    struct error ignored;
    enum usb_change change = tell(watch, board);

    if (change != USB_NO_CHANGE || !usb_watch_wait(watch, ms))
        return change;
    change = tell(watch, board);
    if (change != USB_NO_CHANGE) {
        watch->changed = true; /* still to be looked at */
        return change;
    }
    usb_board_look(watch->there, &watch->there_count, &ignored);
    return tell(watch, board);
}
