/* SPDX-License-Identifier: Apache-2.0 */
/* tokenizer_encode: added tokens first, then what is between them. */
#include "host/tokenizer/internal.h"

#include <stdlib.h>
#include <string.h>

bool wants_space(const struct tokenizer *t, const struct segment *segment)
{
    switch (t->rules.prefix) {
    case PREFIX_ALWAYS:
        return true;
    case PREFIX_UNLESS_SPACE:
        return segment->text[0] != ' ';
    case PREFIX_FIRST:
        return segment->offset == 0 && segment->text[0] != ' ';
    default:
        return false;
    }
}

/* The longest added token that text[0] begins, or TOKEN_NONE. */
static uint32_t find_added(const struct tokenizer *t, const char *text, size_t length)
{
    const struct vocabulary *v = &t->vocabulary;
    uint32_t best = TOKEN_NONE;
    size_t best_length = 0;

    if (!t->added_start[(uint8_t)text[0]])
        return TOKEN_NONE;
    for (size_t i = 0; i < t->added_count; i++) {
        uint32_t id = t->added[i];
        size_t n = v->token[id].length;
        if (n > best_length && n <= length && memcmp(vocabulary_text(v, id), text, n) == 0) {
            best = id;
            best_length = n;
        }
    }
    return best;
}

static bool encode_segment(const struct tokenizer *t, const char *text, size_t start, size_t end,
                           struct id_list *ids, struct error *err)
{
    const struct segment segment = {text + start, end - start, start};

    if (start == end)
        return true;
    return t->rules.kind == KIND_BYTE_LEVEL ? encode_bytes(t, &segment, ids, err)
                                            : encode_characters(t, &segment, ids, err);
}

static bool encode(const struct tokenizer *t, const char *text, size_t length, struct id_list *ids,
                   struct error *err)
{
    size_t start = 0, at = 0;

    while (at < length) {
        uint32_t added = find_added(t, text + at, length - at);
        if (added == TOKEN_NONE) {
            at++;
            continue;
        }
        if (!encode_segment(t, text, start, at, ids, err))
            return false;
        if (!id_list_add(ids, added))
            return tokenizer_no_memory(err);
        at += t->vocabulary.token[added].length;
        start = at;
    }
    return encode_segment(t, text, start, length, ids, err);
}

bool tokenizer_encode(const struct tokenizer *t, const char *text, size_t length, uint32_t **ids,
                      size_t *count, struct error *err)
{
    struct id_list list = {0};

    *ids = NULL;
    *count = 0;
    if (length >= INT32_MAX)
        return error_set(err, ERROR_INPUT, "text: %zu bytes are too many to encode", length);
    if (!encode(t, text, length, &list, err)) {
        free(list.id);
        return false;
    }
    *ids = list.id;
    *count = list.count;
    return true;
}
