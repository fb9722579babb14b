/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SentencePiece's way (Kudo and Richardson 2018): a space is put before the
 * text, characters are the first symbols, merges run over the whole text, and
 * characters that the vocabulary lacks become a token a byte.
 *
 * Where SentencePiece writes a space as U+2581, the vocabulary and the text
 * here have a space.
 */
#include "host/tokenizer/internal.h"

#include <stdlib.h>
#include <string.h>

#include "host/tokenizer/unicode_class.h"

static bool is_continuation(char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the character at text[at].  llama2.c takes one byte and up to three
 * continuation bytes, whatever the first one is, but for the space it puts
 * before the text. */
static size_t character_length(const struct tokenizer *t, const char *text, size_t at, size_t end)
{
    uint32_t point;
    size_t n = 1;

    if (t->rules.kind != KIND_LLAMA2C)
        return utf8_decode(text + at, end - at, &point);
    while (at > 0 && n < 4 && at + n < end && is_continuation(text[at + n]))
        n++;
    return n;
}

static bool is_visible_space(const struct tokenizer *t, const struct segment *segment, size_t at)
{
    return t->rules.kind != KIND_LLAMA2C && segment->length - at >= 3 &&
           memcmp(segment->text + at, VISIBLE_SPACE, 3) == 0;
}

/* The segment with its space in front and its visible spaces made plain.
 * malloc'd; NULL where memory is short. */
static char *normalise(const struct tokenizer *t, const struct segment *segment, size_t *length)
{
    char *text = calloc(segment->length + 1, 1);
    size_t used = 0;

    if (!text)
        return NULL;
    if (wants_space(t, segment))
        text[used++] = ' ';
    for (size_t i = 0; i < segment->length; i++) {
        bool visible = is_visible_space(t, segment, i);
        text[used++] = visible ? ' ' : segment->text[i];
        i += visible ? 2 : 0;
    }
    *length = used;
    return text;
}

/* Where byte `at` of the normalised segment was in the text it came from. */
static size_t original_offset(const struct tokenizer *t, const struct segment *segment, size_t at)
{
    size_t i = 0;

    if (wants_space(t, segment) && at > 0)
        at--;
    for (; at > 0; at--)
        i += is_visible_space(t, segment, i) ? 3 : 1;
    return segment->offset + i;
}

/* The tokens of a character that the vocabulary lacks: one for each of its
 * bytes, else the unknown token.  How many; 0 where there is neither. */
static size_t fallback(const struct tokenizer *t, const char *text, size_t length, uint32_t id[4])
{
    for (size_t i = 0; i < length; i++) {
        id[i] = t->byte_token[(uint8_t)text[i]];
        if (id[i] == TOKEN_NONE) {
            id[0] = t->rules.unknown;
            return id[0] == TOKEN_NONE ? 0 : 1;
        }
    }
    return length;
}

static bool push_fallback(const struct tokenizer *t, struct bpe_work *work, size_t at,
                          const uint32_t *id, size_t count)
{
    /* Merges name tokens, so that bytes may merge; scores are those of texts. */
    uint32_t length = t->rules.kind == KIND_CHARACTERS && id[0] != t->rules.unknown ? 1 : 0;

    if (t->rules.fuse_unknown && id[0] == t->rules.unknown && work->count > 0 &&
        work->symbol[work->count - 1].id == id[0])
        return true;
    for (size_t i = 0; i < count; i++)
        if (!bpe_push(work, id[i], (uint32_t)(at + i), length))
            return false;
    return true;
}

/* The first symbols of text[start] up to text[end].  On text that no token
 * covers *bad is where; elsewhere a failure is one of memory. */
static bool push_characters(const struct tokenizer *t, struct bpe_work *work, const char *text,
                            size_t start, size_t end, size_t *bad)
{
    work->count = 0;
    for (size_t at = start, n; at < end; at += n) {
        uint32_t ids[4];
        n = character_length(t, text, at, end);
        uint32_t id = vocabulary_find(&t->vocabulary, text + at, n);
        size_t count = id == TOKEN_NONE ? fallback(t, text + at, n, ids) : 1;
        if (count == 0) {
            *bad = at;
            return false;
        }
        bool as_it_is = id != TOKEN_NONE || t->rules.kind == KIND_SENTENCEPIECE;
        if (as_it_is ? !bpe_push(work, id, (uint32_t)at, (uint32_t)n)
                     : !push_fallback(t, work, at, ids, count))
            return false;
    }
    return true;
}

/* The ids of the symbols that merging left. */
static bool add_symbols(const struct tokenizer *t, const struct bpe_work *work, const char *text,
                        struct id_list *ids)
{
    for (uint32_t i = work->count ? 0 : TOKEN_NONE; i != TOKEN_NONE; i = work->symbol[i].next) {
        const struct bpe_symbol *symbol = &work->symbol[i];
        uint32_t id[4] = {symbol->id};
        size_t count = 1;
        if (symbol->id == TOKEN_NONE)
            count = fallback(t, text + symbol->start, symbol->length, id);
        for (size_t j = 0; j < count; j++)
            if (!id_list_add(ids, id[j]))
                return false;
    }
    return true;
}

/* A space begins a new piece, where the rules say so. */
static size_t piece_end(const struct tokenizer *t, const char *text, size_t start, size_t length)
{
    const char *space = NULL;
    if (t->rules.split_at_spaces && start + 1 < length)
        space = memchr(text + start + 1, ' ', length - start - 1);
    return space ? (size_t)(space - text) : length;
}

static bool encode_pieces(const struct tokenizer *t, const char *text, size_t length,
                          struct id_list *ids, size_t *bad)
{
    const struct bpe_merges *merges = t->rules.kind == KIND_CHARACTERS ? &t->merges : NULL;
    struct bpe_work work = {0};
    bool done = true;

    for (size_t at = 0, end; done && at < length; at = end) {
        end = piece_end(t, text, at, length);
        uint32_t whole = TOKEN_NONE;
        if (t->rules.ignore_merges)
            whole = vocabulary_find(&t->vocabulary, text + at, end - at);
        done = whole != TOKEN_NONE ? id_list_add(ids, whole)
                                   : push_characters(t, &work, text, at, end, bad) &&
                                         bpe_merge(&work, &t->vocabulary, merges, text) &&
                                         add_symbols(t, &work, text, ids);
    }
    bpe_work_free(&work);
    return done;
}

bool encode_characters(const struct tokenizer *t, const struct segment *segment,
                       struct id_list *ids, struct error *err)
{
    size_t length, bad = SIZE_MAX;
    char *text = normalise(t, segment, &length);

    if (!text)
        return tokenizer_no_memory(err);
    bool done = encode_pieces(t, text, length, ids, &bad);
    free(text);
    if (!done && bad != SIZE_MAX)
        return no_token(segment, original_offset(t, segment, bad), err);
    return done ? true : tokenizer_no_memory(err);
}
