/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_HOST_IMAGE_STRIPS_H
#define MILLRACE_HOST_IMAGE_STRIPS_H

#include "host/image/picture_device.h"

/* Run a picture of any width: in strips as wide as the device's rows, each with
 * `reach` pixels to either side that only keep every bit what the whole picture's
 * would be; or as it is where the device keeps its strips' edges. */
bool strips_run(struct picture_device *device, uint32_t reach, enum image_subnet subnet,
                const struct image_tensor *in, struct image_tensor *out, struct error *err);

#endif
