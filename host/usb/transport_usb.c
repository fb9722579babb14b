/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usb/transport_usb.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "host/interrupt.h"
#include "host/usb/usb_link.h"
#include "host/usb/usb_watch.h"

enum {
    LINES = 1024, /* 32 KiB of a tape in one request */
    WINDOW = 8,
    WORK_MS = 50,             /* between looks at the signals */
    SEND_PATIENCE_MS = 60000, /* for a board that takes nothing: a pass may be long */
    PATIENCE_MS = 5000,       /* for a pass to end after Ctrl-C */
};

struct transport_usb {
    struct transport base;
    struct usb_board_handle board;
    struct usb_link *link; /* NULL: the board is lost */
    char serial[USB_SERIAL_BYTES];
};

/* Since when nothing has moved, and a signal has been waiting, by the clock. */
struct wait {
    int64_t quiet_since, interrupted_since;
};

static struct wait begin_wait(void)
{
    int64_t now = clock_milliseconds();
    return (struct wait){now, now};
}

static enum transport_result fault(const struct transport_usb *t, struct error *err)
{
    enum libusb_transfer_status status =
        t->link ? usb_link_fault(t->link) : LIBUSB_TRANSFER_NO_DEVICE;

    if (status == LIBUSB_TRANSFER_COMPLETED)
        return TRANSPORT_DONE;
    if (status == LIBUSB_TRANSFER_NO_DEVICE) {
        error_set(err, ERROR_FAILED, "the board was unplugged");
        return TRANSPORT_LOST;
    }
    error_set(err, ERROR_FAILED, "%s",
              status == LIBUSB_TRANSFER_STALL      ? "the board has stalled an endpoint"
              : status == LIBUSB_TRANSFER_OVERFLOW ? "the board said more than it was asked for"
                                                   : "a transfer failed on the bus");
    return TRANSPORT_DAMAGED;
}

/* Let the bus work; TRANSPORT_SILENT after `patience_ms` without a byte. */
static enum transport_result work(struct transport_usb *t, struct wait *wait, int patience_ms,
                                  struct error *err)
{
    bool moved = usb_link_work(t->link, WORK_MS);
    int64_t now = clock_milliseconds();

    if (moved)
        wait->quiet_since = now;
    if (!interrupt_pending())
        wait->interrupted_since = now;
    if (now - wait->interrupted_since > PATIENCE_MS) {
        error_set(err, ERROR_FAILED, "interrupted in a pass that does not end");
        return TRANSPORT_LOST;
    }
    if (now - wait->quiet_since <= patience_ms)
        return TRANSPORT_DONE;
    error_set(err, ERROR_FAILED, "the board is silent");
    return TRANSPORT_SILENT;
}

static enum transport_result send_piece(struct transport_usb *t,
                                        const struct transport_piece *piece, struct error *err)
{
    struct wait wait = begin_wait();
    enum transport_result result = fault(t, err);
    size_t sent = 0;

    while (result == TRANSPORT_DONE && sent < piece->size) {
        size_t part =
            usb_link_send(t->link, piece->data + sent, piece->size - sent, piece->lasting);
        sent += part;
        if (part == 0)
            result = work(t, &wait, SEND_PATIENCE_MS, err);
        if (result == TRANSPORT_DONE)
            result = fault(t, err);
    }
    return result;
}

static enum transport_result usb_send(struct transport *transport,
                                      const struct transport_piece *piece, size_t count,
                                      struct error *err)
{
    struct transport_usb *t = (struct transport_usb *)transport;
    enum transport_result result = TRANSPORT_DONE;

    for (size_t i = 0; i < count && result == TRANSPORT_DONE; i++)
        result = send_piece(t, &piece[i], err);
    if (result != TRANSPORT_DONE)
        return result;
    usb_link_flush(t->link);
    return fault(t, err);
}

/* What can move at once; false where nothing can. */
static bool move_some(struct usb_link *link, struct transport_traffic *traffic)
{
    struct transport_piece *out = &traffic->out;
    size_t received = usb_link_receive(link, traffic->in, traffic->in_size);
    size_t sent = 0;

    if (out->size > 0)
        sent = usb_link_send(link, out->data, out->size, out->lasting);
    else
        usb_link_flush(link);
    traffic->in += received;
    traffic->in_size -= received;
    out->data += sent;
    out->size -= sent;
    return received + sent > 0;
}

/* What has come is taken even where something has failed since. */
static enum transport_result usb_move(struct transport *transport,
                                      struct transport_traffic *traffic, int patience_ms,
                                      struct error *err)
{
    struct transport_usb *t = (struct transport_usb *)transport;
    struct wait wait = begin_wait();
    enum transport_result result = t->link ? TRANSPORT_DONE : fault(t, err);

    while (result == TRANSPORT_DONE && !move_some(t->link, traffic)) {
        result = fault(t, err);
        if (result == TRANSPORT_DONE)
            result = work(t, &wait, patience_ms, err);
    }
    return result;
}

static void usb_drain(struct transport *transport)
{
    struct transport_usb *t = (struct transport_usb *)transport;
    if (t->link)
        usb_link_restart(t->link);
}

static void leave(struct transport_usb *t)
{
    if (t->link)
        usb_link_close(t->link);
    t->link = NULL;
    usb_board_close(&t->board);
}

static bool enter(struct transport_usb *t, struct error *err)
{
    if (!usb_board_open(&t->board, t->serial, err))
        return false;
    memcpy(t->serial, t->board.info.serial, sizeof t->serial);
    t->link = usb_link_open(&t->board, err);
    if (!t->link)
        leave(t);
    return t->link != NULL;
}

static bool usb_reopen(struct transport *transport, int patience_ms, struct error *err)
{
    struct transport_usb *t = (struct transport_usb *)transport;
    int64_t end = clock_milliseconds() + patience_ms;
    bool again = false;

    leave(t);
    struct usb_watch *watch = usb_watch_open(err);
    while (watch && !again && clock_milliseconds() < end) {
        if (interrupt_pending()) {
            usb_watch_close(watch);
            return error_set(err, ERROR_FAILED, "interrupted while the board was away");
        }
        again = usb_watch_wait(watch, WORK_MS) && enter(t, err);
    }
    usb_watch_close(watch);
    return again || error_prefix(err, "it did not come back in %d s", patience_ms / 1000);
}

static void usb_close(struct transport *transport)
{
    struct transport_usb *t = (struct transport_usb *)transport;
    leave(t);
    free(t);
}

static const struct transport_ops usb_ops = {usb_send, usb_move, usb_drain, usb_reopen, usb_close};

struct transport *transport_usb_open(const char *serial, struct error *err)
{
    struct transport_usb *t = calloc(1, sizeof *t);

    if (!t || strlen(serial) >= sizeof t->serial) {
        error_set(err, t ? ERROR_INPUT : ERROR_FAILED,
                  t ? "usb: that is no serial number" : "usb: out of memory");
        free(t);
        return NULL;
    }
    t->base = (struct transport){.ops = &usb_ops, .load_lines = LINES, .window = WINDOW};
    memcpy(t->serial, serial, strlen(serial) + 1);
    if (!enter(t, err)) {
        free(t);
        return NULL;
    }
    return &t->base;
}

const char *transport_usb_serial(const struct transport *transport)
{
    return ((const struct transport_usb *)transport)->serial;
}
