/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_IMAGE_INTEGER_CONV_H
#define MILLRACE_GEN_IMAGE_INTEGER_CONV_H

#include "gen/image/integer.h"

/* The CONV `index` on `in`.  False where memory is short. */
bool image_convolve_integer(const struct integer_network *network, uint32_t index,
                            const struct image_tensor *in, struct image_tensor *out);

#endif
