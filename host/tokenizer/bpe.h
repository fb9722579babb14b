/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte-pair encoding (Sennrich et al. 2016): of all adjacent symbols that may
 * merge, merge the best, the leftmost of equals, until none may.  A heap of
 * candidates makes that n log n.
 *
 * A vocabulary ranks merges in one of two ways: by the score of the token that
 * has the text of both (SentencePiece), or by a list of pairs of tokens.
 */
#ifndef MILLRACE_HOST_TOKENIZER_BPE_H
#define MILLRACE_HOST_TOKENIZER_BPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/tokenizer/vocabulary.h"

struct bpe_symbol {
    uint32_t id;             /* TOKEN_NONE: no token has this text */
    uint32_t start, length;  /* its bytes in the text; length 0: merges with nothing */
    uint32_t previous, next; /* in the chain; bpe_merge sets them */
};

struct bpe_merge {
    uint32_t left, right, result;
};

/* Merges in the order of their rank, and a hash table to find them. */
struct bpe_merges {
    uint32_t count;
    struct bpe_merge *merge;
    uint32_t *slot;
    uint32_t slot_mask;
};

struct bpe_candidate;

/* Symbols of one piece of text, and memory that is used again for the next. */
struct bpe_work {
    struct bpe_symbol *symbol;
    size_t count, size;
    struct bpe_candidate *heap;
    size_t heap_count, heap_size;
};

/* Add a symbol at the end of the piece.  False where memory is short. */
bool bpe_push(struct bpe_work *work, uint32_t id, uint32_t start, uint32_t length);

/* Merge the symbols of the piece; those left are chained from symbol 0 on by
 * `next`, ended by TOKEN_NONE.  `merges` NULL: by score, and `text` is what
 * the symbols' start counts from.  False where memory is short. */
bool bpe_merge(struct bpe_work *work, const struct vocabulary *v, const struct bpe_merges *merges,
               const char *text);

void bpe_work_free(struct bpe_work *work);

/* Build the hash table, once `merge` is filled in.  Of two merges of one pair
 * the earlier is found.  False where memory is short. */
bool bpe_merges_index(struct bpe_merges *merges, struct arena *arena);

#endif
