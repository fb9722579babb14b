/* SPDX-License-Identifier: Apache-2.0 */
/* A host controller's queues: USB request blocks, each cut into packets and moved
 * through a port by a thread of its own, in order for each endpoint. */
#ifndef MILLRACE_TESTBENCH_URB_QUEUE_H
#define MILLRACE_TESTBENCH_URB_QUEUE_H

#include "testbench/usb_host/usb_port.h"

/* Owned by whoever submits it, who must let it be until it is reaped. */
struct urb {
    uint64_t id;
    const void *owner; /* whoever submits and reaps it, to be told apart by */
    uint8_t endpoint;  /* 0: control; `data` then begins with the 8 bytes of setup */
    uint8_t *data;
    int length;       /* of the data, without setup */
    bool zero_packet; /* end a transfer out of whole packets with an empty one */
    int actual;       /* bytes moved, without setup */
    int status;       /* 0 or -errno */
    /* The queue's own */
    struct urb *next;
    bool cancelled;
    int cancelled_by; /* the status that it is to have */
    bool waited_for;  /* by urb_queue_control: not for urb_queue_reap */
};

struct urb_queue;

/* `done` is called in the queue's thread as each block ends.  The port is used by
 * that thread alone and closed with the queue.  NULL where memory is out. */
struct urb_queue *urb_queue_open(struct usb_port *port, void (*done)(void *user), void *user);
void urb_queue_close(struct urb_queue *queue);

void urb_queue_submit(struct urb_queue *queue, struct urb *urb);

/* The oldest block of this owner's that has ended, or NULL. */
struct urb *urb_queue_reap(struct urb_queue *queue, const void *owner);

/* Is a block of this owner's queued, or ended and not yet reaped? */
bool urb_queue_holds(struct urb_queue *queue, const void *owner);

/* Has none ended that is still to be reaped, by whomever? */
bool urb_queue_reaped(struct urb_queue *queue);

/* End the block of that id, where it is still queued, as soon as its packet is over;
 * or all of that owner's, NULL being everybody. */
bool urb_queue_cancel(struct urb_queue *queue, uint64_t id);
void urb_queue_cancel_all(struct urb_queue *queue, const void *owner, int status);

/* A control transfer that is waited for; bytes moved, or -errno. */
int urb_queue_control(struct urb_queue *queue, const uint8_t setup[8], uint8_t *data);

/* The same of a bus reset. */
void urb_queue_reset(struct urb_queue *queue, bool power);

#endif
