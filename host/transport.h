/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of bytes to a device and back: what differs between a simulation
 * and a board. */
#ifndef MILLRACE_HOST_TRANSPORT_H
#define MILLRACE_HOST_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct transport;

enum transport_result {
    TRANSPORT_DONE,
    TRANSPORT_SILENT,  /* it works, but nothing comes */
    TRANSPORT_DAMAGED, /* bytes were lost on the way; `drain` mends it */
    TRANSPORT_LOST,    /* the other side is gone; only `reopen` may mend that */
};

/* A part of what is sent.  What is `lasting` stays where and as it is until the
 * transport is closed, and may be sent from there without being copied. */
struct transport_piece {
    const uint8_t *data;
    size_t size;
    bool lasting;
};

/* What is to be sent, and room for what is received; both shrink as bytes move. */
struct transport_traffic {
    struct transport_piece out;
    uint8_t *in;
    size_t in_size;
};

struct transport_ops {
    /* All of `count` pieces, one after the other; *err says why not.  They may still
     * be on their way when this returns. */
    enum transport_result (*send)(struct transport *transport, const struct transport_piece *piece,
                                  size_t count, struct error *err);
    /* Whatever can move of `traffic`, either way, some of it at least; *err says why not.
     * With nothing to be sent, what was kept back to fill a packet goes.
     * TRANSPORT_SILENT after `patience_ms` without a byte, unless the transport cannot
     * lose any and so waits for ever. */
    enum transport_result (*move)(struct transport *transport, struct transport_traffic *traffic,
                                  int patience_ms, struct error *err);
    /* Throw away what arrives until nothing more does: after a damaged head no
     * one knows how long the rest of the frame is. */
    void (*drain)(struct transport *transport);
    /* After TRANSPORT_LOST: wait up to `patience_ms` for the other side to be there
     * again, which may have forgotten all.  NULL where it cannot come back. */
    bool (*reopen)(struct transport *transport, int patience_ms, struct error *err);
    void (*close)(struct transport *transport);
};

/* The first member of every transport. */
struct transport {
    const struct transport_ops *ops;
    uint32_t load_lines; /* lines of a tape to put into one request, 1..LOAD_LINES */
    uint32_t window;     /* requests that may be on their way at once, at least 1 */
};

#endif
