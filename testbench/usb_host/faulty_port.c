/* SPDX-License-Identifier: Apache-2.0 */
#include "testbench/usb_host/faulty_port.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { STALL, ERROR, CORRUPT, LOSE, SILENT, UNPLUG };
static const char *const kind_name[] = {"stall", "error", "corrupt", "lose", "silent", "unplug"};
enum { KINDS = sizeof kind_name / sizeof *kind_name };

struct faulty_port {
    struct usb_port port;
    struct usb_port *inner; /* owned */
    enum kind kind;
    bool in;
    unsigned long at, every, packets;
    bool stalled, silent;
    atomic_bool unplugged;
};

/* Does this packet, which has just moved, meet the fault? */
static bool strikes(struct faulty_port *p, bool in)
{
    if (in != p->in)
        return false;
    p->packets++;
    return p->packets == p->at ||
           (p->every > 0 && p->packets > p->at && (p->packets - p->at) % p->every == 0);
}

static int control(struct usb_port *port, const uint8_t setup[8], uint8_t *data)
{
    struct faulty_port *p = (struct faulty_port *)port;

    if (setup[1] == USB_CLEAR_FEATURE || setup[1] == USB_SET_INTERFACE ||
        setup[1] == USB_SET_CONFIGURATION)
        p->stalled = false;
    if (setup[1] == USB_SET_INTERFACE || setup[1] == USB_SET_CONFIGURATION)
        p->silent = false;
    return p->inner->ops->control(p->inner, setup, data);
}

/* What the host sees of a packet of `size` bytes that met the fault. */
static int spoil(struct faulty_port *p, uint8_t *data, int size)
{
    switch (p->kind) {
    case STALL:
        p->stalled = true;
        return -EPIPE;
    case ERROR:
        return -EPROTO;
    case CORRUPT:
        if (size > 0)
            data[size / 2] ^= 0x10;
        return size;
    case LOSE:
        return p->in ? -EAGAIN : size;
    case SILENT:
        p->silent = true;
        return -EAGAIN;
    default:
        atomic_store(&p->unplugged, true);
        return -ESHUTDOWN;
    }
}

static int out(struct usb_port *port, const uint8_t *data, int size)
{
    struct faulty_port *p = (struct faulty_port *)port;
    uint8_t packet[USB_PACKET_MOST];

    if (p->stalled && !p->in)
        return -EPIPE;
    if (!strikes(p, false))
        return p->inner->ops->out(p->inner, data, size);
    memcpy(packet, data, (size_t)size);
    int result = spoil(p, packet, size);
    if (p->kind == CORRUPT)
        return p->inner->ops->out(p->inner, packet, size);
    return result;
}

static int in(struct usb_port *port, uint8_t data[USB_PACKET_MOST])
{
    struct faulty_port *p = (struct faulty_port *)port;

    if (p->stalled && p->in)
        return -EPIPE;
    if (p->silent)
        return -EAGAIN;
    int size = p->inner->ops->in(p->inner, data);
    return size >= 0 && strikes(p, true) ? spoil(p, data, size) : size;
}

static void reset(struct usb_port *port, bool power)
{
    struct faulty_port *p = (struct faulty_port *)port;
    p->stalled = p->silent = false;
    p->inner->ops->reset(p->inner, power);
}

static bool idle(struct usb_port *port)
{
    struct faulty_port *p = (struct faulty_port *)port;
    return p->inner->ops->idle(p->inner);
}

static void close_port(struct usb_port *port)
{
    struct faulty_port *p = (struct faulty_port *)port;
    p->inner->ops->close(p->inner);
    free(p);
}

static const struct usb_port_ops faulty_ops = {control, out, in, reset, idle, close_port};

static bool parse(struct faulty_port *p, const char *text)
{
    char kind[16], way[4];

    if (sscanf(text, "%15[a-z]-%3[a-z]:%lu:%lu", kind, way, &p->at, &p->every) < 3)
        return false;
    p->in = strcmp(way, "in") == 0;
    for (int i = 0; i < KINDS; i++) {
        p->kind = (enum kind)i;
        if (strcmp(kind, kind_name[i]) == 0)
            return p->in || strcmp(way, "out") == 0;
    }
    return false;
}

struct usb_port *faulty_port_open(struct usb_port *port, const char *text, struct error *err)
{
    struct faulty_port *p = calloc(1, sizeof *p);

    if (!p || !parse(p, text)) {
        error_set(err, ERROR_INPUT, "--fault %s: there is no such fault", text);
        free(p);
        return NULL;
    }
    p->port = (struct usb_port){&faulty_ops, port->packet_size};
    p->inner = port;
    return &p->port;
}

bool faulty_port_unplugged(struct usb_port *port)
{
    struct faulty_port *p = (struct faulty_port *)port;
    return atomic_exchange(&p->unplugged, false);
}
