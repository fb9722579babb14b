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

/* Fill in *err and be false, so that a caller can `return error_set(...)`:
 * error_set(struct error *err, enum error_code code, const char *format, ...) */
#define error_set(...) (error_write(__VA_ARGS__), error_is_false())

/* Put "prefix: " before the message of an error on its way up and be false:
 * error_prefix(struct error *err, const char *format, ...) */
#define error_prefix(...) (error_write_prefix(__VA_ARGS__), error_is_false())

/* Behind the macros, which let a compiler and an analyser, that see one file at
 * a time, know that what follows an error's return is not reached. */
__attribute__((format(printf, 3, 4))) void error_write(struct error *err, enum error_code code,
                                                       const char *format, ...);
__attribute__((format(printf, 2, 3))) void error_write_prefix(struct error *err, const char *format,
                                                              ...);
static inline bool error_is_false(void)
{
    return false;
}

#endif
