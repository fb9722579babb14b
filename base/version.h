/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_BASE_VERSION_H
#define MILLRACE_BASE_VERSION_H

/* Of both programs, which are released together. */
#define MILLRACE_VERSION "0.1.0"

#endif
