/* SPDX-License-Identifier: Apache-2.0 */
/* Getting a model's tape into a device's memory, and knowing that it is there. */
#ifndef MILLRACE_HOST_TAPE_LOADER_H
#define MILLRACE_HOST_TAPE_LOADER_H

#include "gen/mill/mill.h"
#include "host/device.h"
#include "host/exchange.h"

/* See to it that the device, which said *identity of itself, holds the tape of
 * `mill`, verified by its CRCs: as it is, or loaded where options->load allows; or
 * that it can be sent one with each pass, where options->load asks for that.
 * *identity is renewed.  ERROR_FAILED where it cannot be, ERROR_INPUT where the
 * device holds another tape that is not to be replaced or cannot be. */
bool tape_ensure(struct exchange *exchange, const struct mill *mill,
                 const struct device_options *options, struct identity *identity,
                 struct error *err);

#endif
