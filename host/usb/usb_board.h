/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boards on USB, by libusb-1.0: which are plugged in, and opening one of them.
 * docs/usb.md describes the device: its identity, strings and endpoints.
 */
#ifndef MILLRACE_HOST_USB_USB_BOARD_H
#define MILLRACE_HOST_USB_USB_BOARD_H

#include <libusb-1.0/libusb.h>
#include <stddef.h>

#include "base/error.h"

enum {
    USB_VENDOR = 0x1209, /* pid.codes; 0001 is for tests, so the strings are looked at too */
    USB_PRODUCT = 0x0001,
    USB_INTERFACE = 0,
    USB_OUT = 0x01,
    USB_IN = 0x81,
};

enum { USB_SERIAL_BYTES = 64, USB_NODE_BYTES = 32, USB_BOARDS_MOST = 64 };

/* A board that is plugged in. */
struct usb_board_info {
    char serial[USB_SERIAL_BYTES]; /* "" where the board may not be opened */
    char node[USB_NODE_BYTES];     /* /dev/bus/usb/BUS/DEVICE */
    int speed;                     /* enum libusb_speed */
    bool openable;
};

/* The boards that are plugged in, at most USB_BOARDS_MOST; *count of them.
 * ERROR_FAILED where the system has no USB at all or none that we may look at. */
bool usb_board_list(struct usb_board_info board[USB_BOARDS_MOST], size_t *count, struct error *err);

/* The same again: those of board[*count] that are still where they were, and could be opened,
 * are not examined a second time.  Left as it was where this fails. */
bool usb_board_look(struct usb_board_info board[USB_BOARDS_MOST], size_t *count, struct error *err);

/* Its name for --device: "usb:SERIAL", or "usb" where it may not be opened. */
enum { USB_NAME_BYTES = USB_SERIAL_BYTES + 8 };
void usb_board_name(const struct usb_board_info *board, char name[USB_NAME_BYTES]);

/* Where a device is, /dev/bus/usb/BUS/DEVICE. */
void usb_board_node(libusb_device *device, char node[USB_NODE_BYTES]);

/* "full, 12 Mbit/s" and the like. */
const char *usb_board_speed(int speed);

/* An open board: its interface is ours, a new conversation has begun. */
struct usb_board_handle {
    libusb_context *context;
    libusb_device_handle *device;
    struct usb_board_info info;
};

/* Open the board of that serial number, or the only one where `serial` is "".
 * ERROR_FAILED where there is none, it may not be opened or another process has
 * it; ERROR_INPUT where there are several and `serial` is "". */
bool usb_board_open(struct usb_board_handle *handle, const char *serial, struct error *err);

/* Nothing may be on its way. */
void usb_board_close(struct usb_board_handle *handle);

/* Begin a new conversation: half a frame is forgotten, what the board was about to
 * say is not said, the data toggles are as at the start.  Nothing may be on its
 * way.  A libusb error code. */
int usb_board_restart(struct usb_board_handle *handle);

#endif
