/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as values.
 *
 * A function that can fail takes a `struct error *` last and returns false (or
 * NULL) after filling it in.  The message is built where the knowledge is and
 * names the thing and the fault: "model.bin: byte 28: vocabulary size is 0".
 * The code is the exit status of the program that reports it.
 */
#ifndef MILLRACE_BASE_ERROR_H
#define MILLRACE_BASE_ERROR_H

#include <stdbool.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_FAILED = 1, /* the work was well asked for and could not be done */
    ERROR_INPUT = 2,  /* bad usage or bad input: a file, a flag, a packet */
};

struct error {
    enum error_code code;
    char message[1024];
};

/* Fill in *err and return false, so that a caller can `return error_set(...)`. */
__attribute__((format(printf, 3, 4))) bool error_set(struct error *err, enum error_code code,
                                                     const char *format, ...);

/* Put "prefix: " before the message of an error on its way up; returns false. */
__attribute__((format(printf, 2, 3))) bool error_prefix(struct error *err, const char *format, ...);

#endif
