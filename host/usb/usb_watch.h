/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boards that are plugged in and pulled out while the program runs.
 *
 * libusb tells of both ("hotplug") where udev tells it.  In a container, or where libusb was
 * built without, nobody does: so there is a look at the bus every now and then as well,
 * seldom where libusb could know.  A board is examined once, when it is new.
 */
#ifndef MILLRACE_HOST_USB_USB_WATCH_H
#define MILLRACE_HOST_USB_USB_WATCH_H

#include "host/usb/usb_board.h"

struct usb_watch;

/* The boards that are there already are the first to arrive.  NULL with ERROR_FAILED. */
struct usb_watch *usb_watch_open(struct error *err);
void usb_watch_close(struct usb_watch *watch); /* NULL is allowed */

/* Wait up to `ms` for the bus to change; true where it has, or may have unseen. */
bool usb_watch_wait(struct usb_watch *watch, int ms);

enum usb_change { USB_NO_CHANGE, USB_ARRIVED, USB_LEFT };

/* Wait up to `ms` for a board to come or go, *board.  One that may be opened only after a
 * while leaves and arrives. */
enum usb_change usb_watch_next(struct usb_watch *watch, int ms, struct usb_board_info *board);

#endif
