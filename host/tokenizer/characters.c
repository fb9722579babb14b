/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SentencePiece's way (Kudo and Richardson 2018): a space is put before the
 * text, characters are the first symbols, those that the vocabulary lacks
 * become a token a byte, and merges run over the whole text.
 */
#include "host/tokenizer/internal.h"

#include <stdlib.h>
#include <string.h>

static bool is_continuation(char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the character at text[0] as llama2.c cuts it: one byte and up to
 * three continuation bytes, whatever the first one is. */
static size_t character_length(const char *text, size_t length)
{
    size_t n = 1;
    while (n < 4 && n < length && is_continuation(text[n]))
        n++;
    return n;
}

static bool push_bytes(const struct tokenizer *t, struct bpe_work *work, const char *text,
                       size_t at, size_t length, struct error *err)
{
    for (size_t i = at; i < at + length; i++) {
        uint32_t id = t->byte_token[(uint8_t)text[i]];
        if (id == TOKEN_NONE)
            return error_set(err, ERROR_INPUT, "text: byte %zu: no token for 0x%02x", i - 1,
                             (uint8_t)text[i]);
        if (!bpe_push(work, id, (uint32_t)i, 0))
            return tokenizer_no_memory(err);
    }
    return true;
}

/* `text` begins with the space that was put before it. */
static bool push_characters(const struct tokenizer *t, struct bpe_work *work, const char *text,
                            size_t length, struct error *err)
{
    for (size_t at = 0, n; at < length; at += n) {
        n = at == 0 ? 1 : character_length(text + at, length - at);
        uint32_t id = vocabulary_find(&t->vocabulary, text + at, n);
        if (id == TOKEN_NONE) {
            if (!push_bytes(t, work, text, at, n, err))
                return false;
        } else if (!bpe_push(work, id, (uint32_t)at, (uint32_t)n)) {
            return tokenizer_no_memory(err);
        }
    }
    return true;
}

bool encode_characters(const struct tokenizer *t, const char *text, size_t length,
                       struct id_list *ids, struct error *err)
{
    struct bpe_work work = {0};
    bool done = false;
    char *spaced = malloc(length + 1);

    if (!spaced)
        return tokenizer_no_memory(err);
    spaced[0] = ' ';
    memcpy(spaced + 1, text, length);
    if (!push_characters(t, &work, spaced, length + 1, err))
        goto out;
    done = bpe_merge(&work, &t->vocabulary, NULL, spaced);
    for (uint32_t i = 0; done && i != TOKEN_NONE; i = work.symbol[i].next)
        done = id_list_add(ids, work.symbol[i].id);
    if (!done)
        tokenizer_no_memory(err);
out:
    bpe_work_free(&work);
    free(spaced);
    return done;
}
