/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and their replies over a transport: host/protocol.h spoken by the
 * host, with what it takes to get past lost and damaged bytes. */
#ifndef MILLRACE_HOST_EXCHANGE_H
#define MILLRACE_HOST_EXCHANGE_H

#include "host/protocol.h"
#include "host/tape_stream.h"
#include "host/transport.h"

struct exchange {
    struct transport *transport; /* owned by whoever made it */
    uint8_t *request;            /* the longest, FRAME_OVERHEAD included, tails not; the caller's */
    uint8_t *reply;              /* [reply_room]; the caller's */
    size_t reply_room;
    uint8_t tag;               /* of the last request */
    struct tape_stream stream; /* what goes out while a reply is awaited */
};

/* How long a reply may take, in ms, over what its bytes take. */
enum { PATIENCE_MS = 2000, PASS_PATIENCE_MS = 60000 };

/* Requests that are damaged so often are given up. */
enum { ATTEMPTS = 4 };

/* Damage is what sending again may mend; a device that is lost may be opened again. */
enum outcome { ANSWERED, DAMAGED, LOST };

/* What was received is of no use, as `what` says: the transport is drained. */
enum outcome exchange_damaged(struct exchange *x, struct error *err, const char *what);

/* Send the request of `type` whose payload of `length` bytes is at request +
 * FRAME_HEAD, with the next tag.  Its payload goes on with `tail_length` bytes at
 * `tail`, which stay as they are until the transport is closed. */
enum outcome exchange_send(struct exchange *x, uint8_t type, size_t length, const uint8_t *tail,
                           size_t tail_length, struct error *err);

/* Receive the reply to the request `type` that was sent with `tag`, of `length`
 * bytes, into *frame, which points into `reply`.  Replies with other tags, to
 * requests that were given up, are passed over.  After damage the transport has
 * been drained.  What x->stream holds is sent meanwhile. */
enum outcome exchange_receive(struct exchange *x, uint8_t type, uint8_t tag, uint64_t length,
                              int patience_ms, struct frame *frame, struct error *err);

/* Both, once, without a tail. */
enum outcome exchange_ask(struct exchange *x, uint8_t type, size_t length, uint64_t reply_length,
                          int patience_ms, struct frame *frame, struct error *err);

/* The same, ATTEMPTS times at most where it comes to harm. */
enum outcome exchange_ask_often(struct exchange *x, uint8_t type, size_t length,
                                uint64_t reply_length, int patience_ms, struct frame *frame,
                                struct error *err);

/* What the device says of itself; a device that speaks another version of the
 * protocol is an error.  The exchange's own buffers are enough. */
enum outcome exchange_identify(struct exchange *x, struct identity *identity, struct error *err);

/* The same of a device that nothing else is wanted of. */
bool transport_identify(struct transport *transport, struct identity *identity, struct error *err);

#endif
