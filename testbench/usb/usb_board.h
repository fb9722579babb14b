/* SPDX-License-Identifier: Apache-2.0 */
/* A Verilated board with a USB device, its cable and a host controller's transactions: what
 * stands below a kernel's URBs.  testbench/usb/board.mk builds it of an emitted folder.
 *
 * The bus is UTMI's, byte by byte; tokens, checks, toggles, handshakes, PING and retries are
 * as in USB 2.0, chapter 8.  A device that breaks the rules ends the program with a message.
 * Nothing is shared between boards; a board belongs to one thread at a time. */
#ifndef MILLRACE_TESTBENCH_USB_USB_BOARD_H
#define MILLRACE_TESTBENCH_USB_USB_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct usb_board;

struct usb_board_options {
    const char *tape_path;    /* the memory's content at power on; NULL: zeros */
    bool high_speed;          /* the hub answers chirps */
    unsigned fault_per_mille; /* of packets, either way, that are damaged or lost */
    unsigned seed;            /* of these faults */
    unsigned long memory_latency, memory_burst, memory_gap; /* in cycles; all 0: the design's */
    bool true_time; /* packets take as long as on a real bus, which costs simulated cycles */
};

/* A board with power, attached, not yet reset.  NULL with a message on standard error where
 * tape_path cannot be read.  The caller frees it. */
struct usb_board *usb_board_new(const struct usb_board_options *options);
void usb_board_free(struct usb_board *board);

/* A bus reset with the detection of high speed; the device has address 0 then.  Is it at high
 * speed? */
bool usb_board_reset(struct usb_board *board);

/* A control transfer: wLength bytes at `data` come from the device or go to it.  The bytes
 * moved; -EPIPE: stalled; -EPROTO: three errors in a row.  The host keeps to what it has asked
 * for: the address of SET_ADDRESS, toggles after SET_CONFIGURATION, SET_INTERFACE and
 * CLEAR_FEATURE(ENDPOINT_HALT). */
int usb_board_control(struct usb_board *board, const uint8_t setup[8], uint8_t *data);

/* One packet of 0 to usb_board_packet_size() bytes to endpoint 1.  `size` where it was taken;
 * -EAGAIN: not now; -EPIPE, -EPROTO as above. */
int usb_board_out(struct usb_board *board, const uint8_t *data, int size);

/* One packet of endpoint 1 into `data`, which holds usb_board_packet_size() bytes.  Its size;
 * -EAGAIN: there is none now; -EPIPE, -EPROTO as above. */
int usb_board_in(struct usb_board *board, uint8_t *data);

/* 64, or 512 at high speed. */
int usb_board_packet_size(const struct usb_board *board);

/* Let time pass, in cycles of 60 MHz, with a start of frame every 125 us. */
void usb_board_run(struct usb_board *board, unsigned cycles);

/* Cycles of 60 MHz since power on: the bus's time, somewhat less at high speed, where
 * stuffed bits and transceivers take none, and much less at full speed, where packets are as
 * quick as at high speed; unless the options ask for true time. */
uint64_t usb_board_cycles(const struct usb_board *board);

/* Other faults from now on. */
void usb_board_set_faults(struct usb_board *board, unsigned per_mille);

#ifdef __cplusplus
}
#endif

#endif
