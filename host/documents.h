/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text file as documents, which lines that hold only <|endoftext|> part.
 * White space around a document is not a part of it, and what is then empty is
 * no document.
 */
#ifndef MILLRACE_HOST_DOCUMENTS_H
#define MILLRACE_HOST_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct documents {
    const char *text; /* borrowed */
    size_t size, at;
};

struct document {
    const char *text; /* borrowed */
    size_t size;
};

/* The next one; false after the last. */
bool documents_next(struct documents *d, struct document *document);

/* How many there are from here on. */
size_t documents_count(struct documents d);

#endif
