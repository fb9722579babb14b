/* SPDX-License-Identifier: Apache-2.0 */
/* A board on USB as a device's transport. */
#ifndef MILLRACE_HOST_USB_TRANSPORT_USB_H
#define MILLRACE_HOST_USB_TRANSPORT_USB_H

#include "host/transport.h"

/* Open the board of that serial number, or the only one where `serial` is "".  A
 * damaged stream is mended by beginning a new conversation with the board; a board
 * that was unplugged is opened again by its serial number.  NULL with ERROR_FAILED,
 * or ERROR_INPUT where the board is not said and there are several. */
struct transport *transport_usb_open(const char *serial, struct error *err);

/* The open board's, while the transport is open. */
const char *transport_usb_serial(const struct transport *transport);

#endif
