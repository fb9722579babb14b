/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hugging Face's tokenizer.json (the tokenizers library): "model" has the
 * tokens and merges, "added_tokens" some more tokens; the rest is read by
 * tokenizer_json_rules.c.
 */
#include "host/tokenizer/tokenizer_json.h"

#include <stdio.h>
#include <string.h>

#include "host/tokenizer/byte_map.h"

/* A token of the vocabulary or an added one, before it has its type. */
struct entry {
    const char *text;
    size_t length;
    uint32_t id;
};

static bool read_id(const struct json_tokenizer *j, const char *text, const json_t *value,
                    uint32_t *id, struct error *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) >= INT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: token \"%s\": its id is not a whole number",
                         j->name, text);
    *id = (uint32_t)json_integer_value(value);
    return true;
}

static bool read_added(const struct json_tokenizer *j, const json_t *item, struct entry *entry,
                       struct error *err)
{
    entry->text = json_string_value(json_object_get(item, "content"));
    if (!entry->text || !*entry->text)
        return error_set(err, ERROR_INPUT, "%s: an added token has no content", j->name);
    entry->length = strlen(entry->text);
    return read_id(j, entry->text, json_object_get(item, "id"), &entry->id, err);
}

/* Tokens that there must be room for, and bytes of their texts. */
static bool measure(const struct json_tokenizer *j, uint32_t *count, size_t *bytes,
                    struct error *err)
{
    const char *text;
    json_t *value;
    size_t i;
    struct entry entry;

    *count = 0;
    *bytes = 0;
    json_object_foreach(j->vocab, text, value)
    {
        uint32_t id;
        if (!read_id(j, text, value, &id, err))
            return false;
        *count = id >= *count ? id + 1 : *count;
        *bytes += strlen(text);
    }
    json_array_foreach(j->added, i, value)
    {
        if (!read_added(j, value, &entry, err))
            return false;
        *count = entry.id >= *count ? entry.id + 1 : *count;
        *bytes += entry.length;
    }
    return true;
}

static bool set_text(struct tokenizer *t, const struct json_tokenizer *j, const struct entry *entry,
                     enum token_type type, const char *text, size_t length, struct error *err)
{
    if (vocabulary_set(&t->vocabulary, entry->id, text, length, type, 0))
        return true;
    return error_set(err, ERROR_INPUT, "%s: token %u is longer than %d bytes", j->name, entry->id,
                     TOKEN_TEXT_MAX);
}

/* Undo what the format does to make bytes and spaces visible. */
static bool set_token(struct tokenizer *t, const struct json_tokenizer *j,
                      const struct entry *entry, enum token_type type, struct error *err)
{
    char text[2 * TOKEN_TEXT_MAX], byte;
    size_t length = entry->length;

    if (length > sizeof text)
        return set_text(t, j, entry, type, entry->text, length, err);
    if (t->rules.kind == KIND_BYTE_LEVEL) {
        if (!byte_map_decode(entry->text, length, text, &length))
            return set_text(t, j, entry, type, entry->text, entry->length, err);
        return set_text(t, j, entry, type, text, length, err);
    }
    if (type != TOKEN_TEXT)
        return set_text(t, j, entry, type, entry->text, length, err);
    int value = j->byte_fallback ? byte_of_text(entry->text, length) : -1;
    if (value >= 0) {
        byte = (char)value;
        return set_text(t, j, entry, TOKEN_BYTE, &byte, 1, err);
    }
    /* A plain space is never in a text whose spaces are made visible. */
    if (memchr(entry->text, ' ', length))
        type = TOKEN_HIDDEN;
    length = plain_spaces(entry->text, length, text);
    return set_text(t, j, entry, type, text, length, err);
}

static bool set_vocabulary(struct tokenizer *t, const struct json_tokenizer *j, struct error *err)
{
    const char *text;
    json_t *value;

    json_object_foreach(j->vocab, text, value)
    {
        struct entry entry = {text, strlen(text), (uint32_t)json_integer_value(value)};
        if (t->vocabulary.token[entry.id].type != TOKEN_UNUSED)
            return error_set(err, ERROR_INPUT, "%s: two tokens have the id %u", j->name, entry.id);
        if (!set_token(t, j, &entry, TOKEN_TEXT, err))
            return false;
    }
    return true;
}

static bool set_added(struct tokenizer *t, const struct json_tokenizer *j, struct error *err)
{
    static const char *const flags[] = {"lstrip", "rstrip", "single_word"};
    json_t *item;
    size_t i;

    json_array_foreach(j->added, i, item)
    {
        struct entry entry;
        bool special = false;
        if (!read_added(j, item, &entry, err) ||
            !json_read_flag(item, j->name, "special", &special, err))
            return false;
        for (size_t f = 0; f < sizeof flags / sizeof *flags && !special; f++)
            if (json_is_true(json_object_get(item, flags[f])))
                return error_set(err, ERROR_INPUT, "%s: added token \"%s\": %s is not supported",
                                 j->name, entry.text, flags[f]);
        if (!set_token(t, j, &entry, special ? TOKEN_CONTROL : TOKEN_ADDED, err))
            return false;
    }
    return true;
}

/* The id of the vocabulary's token, not of an added one: merges name no others. */
static uint32_t id_of(const struct json_tokenizer *j, const char *text)
{
    const json_t *value = json_object_get(j->vocab, text);
    return value ? (uint32_t)json_integer_value(value) : TOKEN_NONE;
}

static bool bad_merge(const struct json_tokenizer *j, size_t rank, const char *what,
                      struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: model: merge %zu: %s", j->name, rank, what);
}

/* "left right" or ["left", "right"], each NUL-ended in `parts`. */
static bool read_merge(const struct json_tokenizer *j, size_t rank, const json_t *item,
                       char parts[2][JSON_TOKEN_MAX], struct error *err)
{
    const char *both = json_string_value(item), *space = both ? strchr(both, ' ') : NULL;
    const char *left = both, *right = space ? space + 1 : NULL;
    size_t left_length = space ? (size_t)(space - both) : 0;

    if (json_is_array(item) && json_array_size(item) == 2) {
        left = json_string_value(json_array_get(item, 0));
        right = json_string_value(json_array_get(item, 1));
        left_length = left ? strlen(left) : 0;
    } else if (right && strchr(right, ' ')) {
        right = NULL;
    }
    if (!left || !right)
        return bad_merge(j, rank, "not two tokens", err);
    if (left_length >= JSON_TOKEN_MAX || strlen(right) >= JSON_TOKEN_MAX)
        return bad_merge(j, rank, "its tokens are too long", err);
    snprintf(parts[0], JSON_TOKEN_MAX, "%.*s", (int)left_length, left);
    snprintf(parts[1], JSON_TOKEN_MAX, "%s", right);
    return true;
}

static bool set_merges(struct tokenizer *t, const struct json_tokenizer *j, struct error *err)
{
    char parts[2][JSON_TOKEN_MAX], both[2 * JSON_TOKEN_MAX];
    size_t count = json_array_size(j->merges);

    if (count >= INT32_MAX)
        return bad_merge(j, count, "too many", err);
    t->merges.count = (uint32_t)count;
    t->merges.merge = arena_alloc(&t->arena, count, sizeof *t->merges.merge);
    if (!t->merges.merge)
        return tokenizer_no_memory(err);
    for (size_t rank = 0; rank < count; rank++) {
        struct bpe_merge *m = &t->merges.merge[rank];
        if (!read_merge(j, rank, json_array_get(j->merges, rank), parts, err))
            return false;
        snprintf(both, sizeof both, "%s%s", parts[0], parts[1]);
        m->left = id_of(j, parts[0]);
        m->right = id_of(j, parts[1]);
        m->result = id_of(j, both);
        if (m->left == TOKEN_NONE || m->right == TOKEN_NONE || m->result == TOKEN_NONE)
            return bad_merge(j, rank, "names a token that the vocabulary lacks", err);
    }
    return true;
}

static bool build(struct tokenizer *t, const struct json_tokenizer *j, uint32_t vocab,
                  struct error *err)
{
    uint32_t count;
    size_t bytes;

    if (!measure(j, &count, &bytes, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_INPUT, "%s: no tokens", j->name);
    if (vocab == 0 && count > 16 * (json_object_size(j->vocab) + json_array_size(j->added)))
        return error_set(err, ERROR_INPUT, "%s: ids up to %u for few tokens", j->name, count - 1);
    if (vocab != 0 && count > vocab)
        return error_set(err, ERROR_INPUT, "%s: token %u in a vocabulary of %u", j->name, count - 1,
                         vocab);
    if (!vocabulary_init(&t->vocabulary, &t->arena, vocab ? vocab : count, bytes))
        return tokenizer_no_memory(err);
    if (!set_vocabulary(t, j, err))
        return false;
    if (j->unknown) {
        t->rules.unknown = id_of(j, j->unknown);
        if (t->rules.unknown == TOKEN_NONE)
            return error_set(err, ERROR_INPUT, "%s: model: unk_token \"%s\" is not in vocab",
                             j->name, j->unknown);
    }
    return set_added(t, j, err) && set_merges(t, j, err) && tokenizer_finish(t, err);
}

bool tokenizer_from_json(struct tokenizer *t, const struct reader *r, uint32_t vocab,
                         struct error *err)
{
    struct json_tokenizer j = {.name = r->name};
    json_t *root = json_parse(r->name, r->data, r->size, err);

    if (!root)
        return false;
    bool done = tokenizer_json_rules(&j, root, &t->rules, err) && build(t, &j, vocab, err);
    json_decref(root);
    return done;
}
