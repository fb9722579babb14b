/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: many allocations with one lifetime.  Memory is zeroed and aligned
 * to 64 bytes, so that vector code may use aligned loads.
 */
#ifndef MILLRACE_BASE_ARENA_H
#define MILLRACE_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first; owned */
};

/* `count * size` zeroed bytes, or NULL where memory is short or the product
 * overflows.  The arena owns them; arena_free releases all at once. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes of `text` with a NUL after it, or NULL. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

void arena_free(struct arena *arena);

#endif
