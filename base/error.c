/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_write(struct error *err, enum error_code code, const char *format, ...)
{
    va_list args;

    err->code = code;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
}

/* As much of `text` as there is room for. */
static void append(struct error *err, const char *text)
{
    size_t at = strlen(err->message);

    while (*text != '\0' && at + 1 < sizeof err->message)
        err->message[at++] = *text++;
    err->message[at] = '\0';
}

void error_write_prefix(struct error *err, const char *format, ...)
{
    char rest[sizeof err->message];
    va_list args;

    memcpy(rest, err->message, sizeof rest);
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    append(err, ": ");
    append(err, rest);
}
