/* SPDX-License-Identifier: Apache-2.0 */
/* A device beside the reference: what --check is. */
#ifndef MILLRACE_HOST_DEVICE_CHECKED_H
#define MILLRACE_HOST_DEVICE_CHECKED_H

#include "host/device.h"

/* A device that runs every pass on `device` and on the reference and fails with
 * ERROR_FAILED at the first logit that differs, naming its position, token and
 * both values.  It owns `device`, also where this fails.  Its info and counters
 * are those of `device`; a pass has at most the columns that both have. */
struct device *device_checked_open(struct device *device, const struct mill *mill,
                                   struct error *err);

#endif
