/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte-level byte-pair encoding, GPT-2's way (Radford et al. 2019): the text is
 * cut into words, whose first symbols are bytes.
 */
#include "host/tokenizer/internal.h"

#include <stdlib.h>
#include <string.h>

/* False on a byte that no token stands for, with *bad its index, and where
 * memory is short. */
static bool push_bytes(const struct tokenizer *t, struct bpe_work *work, const char *text,
                       size_t length, size_t *bad)
{
    work->count = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t id = t->byte_token[(uint8_t)text[i]];
        if (id == TOKEN_NONE)
            id = t->rules.unknown;
        if (id == TOKEN_NONE) {
            *bad = i;
            return false;
        }
        if (!bpe_push(work, id, (uint32_t)i, 1))
            return false;
    }
    return true;
}

static bool encode_piece(const struct tokenizer *t, struct bpe_work *work, const char *text,
                         size_t length, struct id_list *ids, size_t *bad)
{
    uint32_t whole = TOKEN_NONE;

    if (t->rules.ignore_merges)
        whole = vocabulary_find(&t->vocabulary, text, length);
    if (whole != TOKEN_NONE)
        return id_list_add(ids, whole);
    if (!push_bytes(t, work, text, length, bad) ||
        !bpe_merge(work, &t->vocabulary, &t->merges, text))
        return false;
    for (uint32_t i = 0; i != TOKEN_NONE; i = work->symbol[i].next)
        if (!id_list_add(ids, work->symbol[i].id))
            return false;
    return true;
}

bool encode_bytes(const struct tokenizer *t, const struct segment *segment, struct id_list *ids,
                  struct error *err)
{
    size_t prefix = wants_space(t, segment) ? 1 : 0, length = segment->length + prefix;
    size_t at = 0, piece, bad = SIZE_MAX;
    struct bpe_work work = {0};
    bool done = true;
    char *text = malloc(length + 1);

    if (!text)
        return tokenizer_no_memory(err);
    text[0] = ' ';
    memcpy(text + prefix, segment->text, segment->length);
    for (; at < length; at += piece) {
        piece = pre_token_length(t->rules.pre_tokeniser, text + at, length - at);
        done = encode_piece(t, &work, text + at, piece, ids, &bad);
        if (!done)
            break;
    }
    bpe_work_free(&work);
    free(text);
    if (!done && bad != SIZE_MAX) {
        size_t offset = at + bad;
        return no_token(segment, segment->offset + (offset > prefix ? offset - prefix : 0), err);
    }
    return done ? true : tokenizer_no_memory(err);
}
