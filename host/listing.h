/* SPDX-License-Identifier: Apache-2.0 */
/* The devices that could be opened here, and what is known of each. */
#ifndef MILLRACE_HOST_LISTING_H
#define MILLRACE_HOST_LISTING_H

#include <jansson.h>

#include "base/error.h"

/* An array of objects, the caller's.  Each has the texts `name` (for --device), `what`
 * and `state`, and the flag `available`.  First come float, ref, sim:DIR and usb; then
 * the simulations that `millgen emit` wrote into the current folder or below it, to the
 * second level, and the boards that are plugged in, which have more:
 *
 *     board, columns, lanes         of the design
 *     serial, node, speed           of a board on USB
 *     memory_bytes, fingerprint,    what a board says of itself, where it is not in
 *     tape_bytes, tape, streams     use: fingerprint in 8 hexadecimal digits, tape one of
 *                                   unknown, good, bad, streams whether it takes --stream
 */
json_t *listing_make(struct error *err);

#endif
