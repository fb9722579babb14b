/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_HOST_PROGRESS_H
#define MILLRACE_HOST_PROGRESS_H

/* Draw a bar for `part`, 0 to 1, over the last one, on standard error where that
 * is a terminal; at 1 the line is cleared. */
void progress_draw(double part);

#endif
