/* SPDX-License-Identifier: Apache-2.0 */
/* Image networks in floating point: the yardstick of quality. */
#ifndef MILLRACE_GEN_IMAGE_FLOAT_H
#define MILLRACE_GEN_IMAGE_FLOAT_H

#include "gen/image/run.h"

/* Run on a picture of levels; the result is not held to 0..255.  `watch` may be
 * NULL; it gets `context` and every node's value. */
bool image_run_float(const struct image_network *network, enum image_subnet subnet,
                     const struct image_tensor *in, struct image_tensor *out,
                     void (*watch)(void *context, uint32_t index, const struct image_tensor *value),
                     void *context, struct error *err);

#endif
