/* SPDX-License-Identifier: Apache-2.0 */
#include "host/documents.h"

#include <string.h>

static const char separator[] = "<|endoftext|>";

/* The line at `at`, without its end; moves on to the next one. */
static struct document next_line(struct documents *d)
{
    const char *start = d->text + d->at;
    const char *end = memchr(start, '\n', d->size - d->at);
    size_t size = end ? (size_t)(end - start) : d->size - d->at;

    d->at += size + (end != NULL);
    if (size > 0 && start[size - 1] == '\r')
        size--;
    return (struct document){start, size};
}

static bool is_separator(const struct document *line)
{
    return line->size == sizeof separator - 1 && memcmp(line->text, separator, line->size) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static struct document strip(struct document document)
{
    while (document.size > 0 && is_space(*document.text)) {
        document.text++;
        document.size--;
    }
    while (document.size > 0 && is_space(document.text[document.size - 1]))
        document.size--;
    return document;
}

bool documents_next(struct documents *d, struct document *document)
{
    while (d->at < d->size) {
        size_t start = d->at;
        size_t end = start;
        while (d->at < d->size) {
            struct document line = next_line(d);
            if (is_separator(&line))
                break;
            end = d->at;
        }
        *document = strip((struct document){d->text + start, end - start});
        if (document->size > 0)
            return true;
    }
    return false;
}

size_t documents_count(struct documents d)
{
    struct document document;
    size_t count = 0;

    while (documents_next(&d, &document))
        count++;
    return count;
}
