/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of bytes each way over a board's two bulk endpoints.  Many transfers
 * are in flight at once, so that the bus is never idle for want of one: those of
 * IN all the time, those of OUT as long as there is something to send.
 *
 * All work is done in the caller's thread, in the calls below.
 */
#ifndef MILLRACE_HOST_USB_USB_LINK_H
#define MILLRACE_HOST_USB_USB_LINK_H

#include <stdint.h>

#include "host/usb/usb_board.h"

struct usb_link;

/* Over an open board, which must outlive the link.  NULL with ERROR_FAILED. */
struct usb_link *usb_link_open(struct usb_board_handle *board, struct error *err);

/* What is in flight is cancelled and waited for. */
void usb_link_close(struct usb_link *link);

/* What became of a transfer that failed, or LIBUSB_TRANSFER_COMPLETED.  A transfer
 * out that was cut short counts as LIBUSB_TRANSFER_ERROR.  After a failure nothing
 * goes either way until the link has begun anew. */
enum libusb_transfer_status usb_link_fault(const struct usb_link *link);

/* Send up to `size` bytes; returns how many will go, which is 0 while every
 * transfer is in flight.  What is `lasting` must stay until the link is closed
 * and is sent from where it lies, the rest is copied. */
size_t usb_link_send(struct usb_link *link, const uint8_t *data, size_t size, bool lasting);

/* Send what has been copied, be the packet full or not. */
void usb_link_flush(struct usb_link *link);

/* Take up to `size` bytes that have come; 0 where none have. */
size_t usb_link_receive(struct usb_link *link, uint8_t *data, size_t size);

/* Let the bus work for up to `ms`, less where something happens.  True where bytes
 * have moved, in either direction. */
bool usb_link_work(struct usb_link *link, int ms);

/* Cancel what is in flight, and begin a new conversation. */
void usb_link_restart(struct usb_link *link);

#endif
