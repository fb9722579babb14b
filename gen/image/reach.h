/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_IMAGE_REACH_H
#define MILLRACE_GEN_IMAGE_REACH_H

#include "gen/image/network.h"

/* The most pixels of the picture, to any side, that an output pixel depends on,
 * rounded up: a part of the picture with such a margin gives that part of the
 * output, every bit of it. */
bool image_reach(const struct image_network *network, uint32_t *reach, struct error *err);

#endif
