/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form in which a .mill file holds a tokenizer.  Little-endian:
 *
 *     uint32   version, 1
 *     uint32   the nine members of struct tokenizer_rules, in their order
 *     uint32   vocab, merges, bytes of text
 *     vocab x  float score; uint16 length; uint8 type; uint8 0
 *     merges x uint32 left, right, result
 *     texts    back to back, in the order of the ids
 */
#include "host/tokenizer/tokenizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "host/tokenizer/internal.h"

enum { VERSION = 1, RULES = sizeof(struct tokenizer_rules) / 4, TOKEN_BYTES = 8, MERGE_BYTES = 12 };

static uint8_t *put_u32(uint8_t *out, uint32_t value)
{
    memcpy(out, &value, sizeof value);
    return out + sizeof value;
}

static uint8_t *put_header(uint8_t *out, const struct tokenizer *t, size_t texts)
{
    out = put_u32(out, VERSION);
    memcpy(out, &t->rules, sizeof t->rules);
    out = put_u32(out + sizeof t->rules, t->vocabulary.count);
    out = put_u32(out, t->merges.count);
    return put_u32(out, (uint32_t)texts);
}

static uint8_t *put_token(uint8_t *out, const struct token *token)
{
    memcpy(out, &token->score, 4);
    memcpy(out + 4, &token->length, 2);
    out[6] = token->type;
    out[7] = 0;
    return out + TOKEN_BYTES;
}

uint8_t *tokenizer_save(const struct tokenizer *t, size_t *size)
{
    const struct vocabulary *v = &t->vocabulary;
    size_t texts = 0;

    for (uint32_t id = 0; id < v->count; id++)
        texts += v->token[id].length;
    *size = (size_t)4 * (1 + RULES + 3) + (size_t)v->count * TOKEN_BYTES +
            (size_t)t->merges.count * MERGE_BYTES + texts;
    uint8_t *data = malloc(*size);
    if (!data)
        return NULL;
    uint8_t *out = put_header(data, t, texts);
    for (uint32_t id = 0; id < v->count; id++)
        out = put_token(out, &v->token[id]);
    if (t->merges.count)
        memcpy(out, t->merges.merge, (size_t)t->merges.count * MERGE_BYTES);
    out += (size_t)t->merges.count * MERGE_BYTES;
    for (uint32_t id = 0; id < v->count; id++) {
        if (v->token[id].length)
            memcpy(out, vocabulary_text(v, id), v->token[id].length);
        out += v->token[id].length;
    }
    return data;
}

static bool check_rules(const struct tokenizer *t, const char *name, uint32_t vocab,
                        uint32_t merges, struct error *err)
{
    const struct tokenizer_rules *rules = &t->rules;
    bool has_merges = rules->kind == KIND_CHARACTERS || rules->kind == KIND_BYTE_LEVEL;
    const struct {
        const char *what;
        uint32_t value, limit;
    } fields[] = {
        {"kind", rules->kind, TOKENIZER_KINDS},
        {"space prefix", rules->prefix, SPACE_PREFIXES},
        {"pre-tokeniser", rules->pre_tokeniser, PRE_TOKENISERS},
        {"split_at_spaces", rules->split_at_spaces, 2},
        {"ignore_merges", rules->ignore_merges, 2},
        {"fuse_unknown", rules->fuse_unknown, 2},
        {"unknown token", rules->unknown + 1, vocab + 1}, /* so that TOKEN_NONE is 0 */
        {"BOS", rules->bos + 1, vocab + 1},
        {"EOS", rules->eos + 1, vocab + 1},
    };

    if (vocab == 0 || vocab > INT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: a vocabulary of %u", name, vocab);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value >= fields[i].limit)
            return error_set(err, ERROR_INPUT, "%s: byte %zu: %s is out of range", name, 4 + 4 * i,
                             fields[i].what);
    if (merges > 0 && !has_merges)
        return error_set(err, ERROR_INPUT, "%s: merges beside scores", name);
    return true;
}

static bool take_merges(struct tokenizer *t, struct reader *r, uint32_t count, struct error *err)
{
    const uint8_t *bytes;
    size_t at = r->at;

    if (!reader_take(r, count, MERGE_BYTES, "merges", &bytes, err))
        return false;
    t->merges.count = count;
    t->merges.merge = arena_alloc(&t->arena, count, sizeof *t->merges.merge);
    if (!t->merges.merge)
        return tokenizer_no_memory(err);
    if (count)
        memcpy(t->merges.merge, bytes, (size_t)count * MERGE_BYTES);
    for (uint32_t i = 0; i < count; i++) {
        const struct bpe_merge *m = &t->merges.merge[i];
        if (m->left >= t->vocabulary.count || m->right >= t->vocabulary.count ||
            m->result >= t->vocabulary.count)
            return error_set(err, ERROR_INPUT, "%s: byte %zu: merge %u names no token", r->name,
                             at + (size_t)i * MERGE_BYTES, i);
    }
    return true;
}

/* `tokens` are those of the header above; the cursor is at the texts. */
static bool take_texts(struct tokenizer *t, struct reader *r, const uint8_t *tokens,
                       struct error *err)
{
    for (uint32_t id = 0; id < t->vocabulary.count; id++) {
        const uint8_t *p = tokens + (size_t)id * TOKEN_BYTES, *text;
        float score = load_f32(p);
        uint16_t length = load_u16(p + 4);
        uint8_t type = p[6];

        if (!reader_take(r, length, 1, "texts", &text, err))
            return false;
        if (!isfinite(score) || type >= TOKEN_TYPES || p[7] != 0 ||
            (type == TOKEN_BYTE && length != 1) ||
            !vocabulary_set(&t->vocabulary, id, (const char *)text, length, type, score))
            return error_set(err, ERROR_INPUT, "%s: token %u is not valid", r->name, id);
    }
    if (t->vocabulary.texts_used != t->vocabulary.texts_size)
        return error_set(err, ERROR_INPUT, "%s: %zu bytes of text, not %zu", r->name,
                         t->vocabulary.texts_used, t->vocabulary.texts_size);
    return reader_at_end(r, err);
}

bool tokenizer_from_blob(struct tokenizer *t, struct reader *r, struct error *err)
{
    const uint8_t *rules, *tokens;
    uint32_t version, vocab, merges, texts;

    if (!reader_u32(r, "version", &version, err) ||
        !reader_take(r, RULES, 4, "rules", &rules, err) ||
        !reader_u32(r, "size of the vocabulary", &vocab, err) ||
        !reader_u32(r, "number of merges", &merges, err) ||
        !reader_u32(r, "bytes of text", &texts, err))
        return false;
    if (version != VERSION)
        return error_set(err, ERROR_INPUT, "%s: byte 0: version %u, not %d", r->name, version,
                         VERSION);
    memcpy(&t->rules, rules, sizeof t->rules);
    if (!check_rules(t, r->name, vocab, merges, err) ||
        !reader_take(r, vocab, TOKEN_BYTES, "tokens", &tokens, err))
        return false;
    if (texts > r->size)
        return error_set(err, ERROR_INPUT, "%s: %u bytes of text in %zu", r->name, texts, r->size);
    if (!vocabulary_init(&t->vocabulary, &t->arena, vocab, texts))
        return tokenizer_no_memory(err);
    return take_merges(t, r, merges, err) && take_texts(t, r, tokens, err) &&
           tokenizer_finish(t, err);
}

struct tokenizer *tokenizer_load(const uint8_t *data, size_t size, struct error *err)
{
    struct reader r = {.name = "tokenizer", .data = data, .size = size};
    struct tokenizer *t = calloc(1, sizeof *t);

    if (!t) {
        tokenizer_no_memory(err);
    } else if (!tokenizer_from_blob(t, &r, err)) {
        tokenizer_free(t);
        t = NULL;
    }
    return t;
}
