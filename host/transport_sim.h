/* SPDX-License-Identifier: Apache-2.0 */
/* A simulator as a device: a child process whose standard input and output are
 * the link. */
#ifndef MILLRACE_HOST_TRANSPORT_SIM_H
#define MILLRACE_HOST_TRANSPORT_SIM_H

#include "host/transport.h"

/* Start `program`, in `folder`, where its memory images are.  Its messages go to
 * our standard error.  It is killed when the transport is closed, and by the
 * kernel where we die first.  NULL with ERROR_FAILED. */
struct transport *transport_sim_open(const char *folder, const char *program, struct error *err);

#endif
