/* SPDX-License-Identifier: Apache-2.0 */
/* A port with something wrong: passes all on to another and spoils some of it. */
#ifndef MILLRACE_TESTBENCH_FAULTY_PORT_H
#define MILLRACE_TESTBENCH_FAULTY_PORT_H

#include "base/error.h"
#include "testbench/usb_host/usb_port.h"

/* Wrap `port`, which is closed with it.  `text` is KIND:AT or KIND:AT:EVERY: the
 * fault befalls bulk packet AT, counted from 1 in its direction, and each EVERY
 * packets again:
 *
 *     stall-in, stall-out      the endpoint stalls until the host clears that
 *     error-in, error-out      the transfer ends with a bus error; the packet is lost
 *     corrupt-in, corrupt-out  a bit is flipped, unnoticed by the bus's CRC
 *     lose-in, lose-out        the packet is lost without a trace
 *     silent-in                nothing comes any more until a new conversation begins
 *     unplug-in, unplug-out    faulty_port_unplugged is true from then on, once
 *
 * NULL with ERROR_INPUT. */
struct usb_port *faulty_port_open(struct usb_port *port, const char *text, struct error *err);

/* True once after each fault of unplugging. */
bool faulty_port_unplugged(struct usb_port *port);

#endif
