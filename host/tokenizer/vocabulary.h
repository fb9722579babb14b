/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of a vocabulary: their bytes, and the way back from bytes to ids. */
#ifndef MILLRACE_HOST_TOKENIZER_VOCABULARY_H
#define MILLRACE_HOST_TOKENIZER_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum token_type {
    TOKEN_UNUSED,  /* an id without a text; never found, decodes to nothing */
    TOKEN_TEXT,    /* found by its text */
    TOKEN_CONTROL, /* BOS and the like: never found in a text, decodes to nothing */
    TOKEN_BYTE,    /* stands for the one byte of `text`; not found by it */
    TOKEN_HIDDEN,  /* never found in a text, but decodes to its own */
    TOKEN_ADDED,   /* found in a text before anything else is done to it */
    TOKEN_TYPES
};

struct token {
    uint32_t start;  /* offset of its text in vocabulary.texts */
    uint16_t length; /* bytes; 0 to TOKEN_TEXT_MAX */
    uint8_t type;    /* enum token_type */
    float score;     /* log probability; 0 where the vocabulary has merges instead */
};

struct vocabulary {
    uint32_t count;
    struct token *token; /* [count] */
    char *texts;
    size_t texts_used, texts_size;
    uint32_t *slot; /* hash table of ids, open addressing */
    uint32_t slot_mask;
};

/* Room for `count` tokens, all TOKEN_UNUSED, and `texts_size` bytes of text.
 * False where memory is short. */
bool vocabulary_init(struct vocabulary *v, struct arena *arena, uint32_t count, size_t texts_size);

/* Give token `id` its text.  False where the text is too long for a token or
 * the room that was asked for is used up. */
bool vocabulary_set(struct vocabulary *v, uint32_t id, const char *text, size_t length,
                    enum token_type type, float score);

const char *vocabulary_text(const struct vocabulary *v, uint32_t id);

/* Build the hash table over all TOKEN_TEXT tokens with a text, once they are
 * all set.  Of two with one text the lower id is found. */
bool vocabulary_index(struct vocabulary *v, struct arena *arena);

/* The token with this text, or TOKEN_NONE. */
uint32_t vocabulary_find(const struct vocabulary *v, const char *text, size_t length);

#endif
