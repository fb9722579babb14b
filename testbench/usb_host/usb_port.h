/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device at the end of a cable, packet by packet: what a host controller sees.
 * Results are bytes moved, or -errno as Linux's USB stack has them: -EAGAIN for a
 * NAK, -EPIPE for a stall, -EPROTO for a bus error.
 */
#ifndef MILLRACE_TESTBENCH_USB_PORT_H
#define MILLRACE_TESTBENCH_USB_PORT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    USB_PACKET_MOST = 512,
    USB_CONTROL_MOST = 4096,
    USB_BULK_IN = 0x81,
    USB_SET_ADDRESS = 5,
    USB_SET_CONFIGURATION = 9,
    USB_SET_INTERFACE = 11,
    USB_CLEAR_FEATURE = 1,
    USB_GET_DESCRIPTOR = 6,
};

struct usb_port;

struct usb_port_ops {
    /* A whole control transfer; `data` is of setup's wLength bytes, from or to the device. */
    int (*control)(struct usb_port *port, const uint8_t setup[8], uint8_t *data);
    /* One packet of endpoint 1. */
    int (*out)(struct usb_port *port, const uint8_t *data, int size);
    int (*in)(struct usb_port *port, uint8_t data[USB_PACKET_MOST]);
    /* A bus reset.  `power`: it was without power before. */
    void (*reset)(struct usb_port *port, bool power);
    /* Nothing moves: let time pass.  False where only the host can change that. */
    bool (*idle)(struct usb_port *port);
    void (*close)(struct usb_port *port);
};

/* The first member of every port. */
struct usb_port {
    const struct usb_port_ops *ops;
    int packet_size; /* of the bulk endpoints */
};

#endif
