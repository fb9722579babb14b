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
    TRANSPORT_SILENT, /* it works, but nothing comes */
    TRANSPORT_LOST,   /* the other side is gone, for good */
};

struct transport_ops {
    /* All of `size` bytes, or ERROR_FAILED with what became of the other side. */
    bool (*send)(struct transport *transport, const uint8_t *data, size_t size, struct error *err);
    /* All of `size` bytes; *err says why not.  TRANSPORT_SILENT after `patience_ms`
     * without one, unless the transport cannot lose any and so waits for ever. */
    enum transport_result (*receive)(struct transport *transport, uint8_t *data, size_t size,
                                     int patience_ms, struct error *err);
    /* Throw away what arrives until nothing more does: after a damaged head no
     * one knows how long the rest of the frame is. */
    void (*drain)(struct transport *transport);
    void (*close)(struct transport *transport);
};

/* The first member of every transport. */
struct transport {
    const struct transport_ops *ops;
    uint32_t load_lines; /* lines of a tape to put into one request, 1..LOAD_LINES */
    uint32_t window;     /* requests that may be on their way at once, at least 1 */
};

#endif
