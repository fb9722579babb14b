/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_MILL_WRITE_H
#define MILLRACE_GEN_MILL_WRITE_H

#include "gen/mill/mill.h"

/* Write `mill` to `path`: under another name first, then renamed, so that a
 * write that fails leaves what was there.  Reads every field but `op` and
 * `file`. */
bool mill_write(const struct mill *mill, const char *path, struct error *err);

#endif
