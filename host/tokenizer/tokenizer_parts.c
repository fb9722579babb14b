/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/tokenizer_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/tokenizer/byte_map.h"
#include "host/tokenizer/internal.h"

/* Names that llama.cpp has given to pre-tokenisers, of those that are here. */
static const struct {
    const char *name;
    enum pre_tokeniser kind;
    bool ignore_merges;
} pre_names[] = {
    {"gpt-2", PRE_GPT2, false},      {"smollm", PRE_GPT2_DIGITS, false},
    {"llama-bpe", PRE_LLAMA3, true}, {"llama3", PRE_LLAMA3, true},
    {"llama-v3", PRE_LLAMA3, true},
};

static bool fault(const struct tokenizer_parts *p, uint32_t id, const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: token %u: %s", p->name, id, what);
}

static bool set_rules(struct tokenizer_rules *rules, const struct tokenizer_parts *p,
                      struct error *err)
{
    bool scores = strcmp(p->model, "llama") == 0;

    *rules = (struct tokenizer_rules){.unknown = p->unknown < p->count ? p->unknown : TOKEN_NONE,
                                      .bos = p->bos < p->count ? p->bos : TOKEN_NONE,
                                      .eos = p->eos < p->count ? p->eos : TOKEN_NONE,
                                      .kind = scores ? KIND_SENTENCEPIECE : KIND_BYTE_LEVEL,
                                      .pre_tokeniser = PRE_WHOLE};
    if (!scores && strcmp(p->model, "gpt2") != 0)
        return error_set(err, ERROR_INPUT, "%s: a tokenizer \"%s\" is not supported", p->name,
                         p->model);
    if (scores && !p->score)
        return error_set(err, ERROR_INPUT, "%s: the tokens have no scores", p->name);
    if (scores) {
        rules->prefix = p->add_space_prefix ? PREFIX_ALWAYS : PREFIX_NEVER;
        return true;
    }
    for (size_t i = 0; i < sizeof pre_names / sizeof *pre_names; i++)
        if (p->pre && strcmp(p->pre, pre_names[i].name) == 0) {
            rules->pre_tokeniser = pre_names[i].kind;
            rules->ignore_merges = pre_names[i].ignore_merges;
            return true;
        }
    return error_set(err, ERROR_INPUT, "%s: pre-tokeniser \"%s\" is not supported", p->name,
                     p->pre ? p->pre : "");
}

/* The bytes that `part` stands for into `out`; TOKEN_TEXT_MAX + 1 of them where
 * they are too many. */
static size_t plain_text(const struct tokenizer *t, const struct tokenizer_part *part,
                         char out[TOKEN_TEXT_MAX + 1])
{
    char mapped[2 * TOKEN_TEXT_MAX];
    size_t length;

    if (part->length > sizeof mapped)
        return TOKEN_TEXT_MAX + 1;
    if (t->rules.kind == KIND_BYTE_LEVEL) {
        if (!byte_map_decode(part->text, part->length, mapped, &length)) {
            length = part->length;
            memcpy(mapped, part->text, length);
        }
    } else {
        length = plain_spaces(part->text, part->length, mapped);
    }
    if (length > TOKEN_TEXT_MAX)
        return TOKEN_TEXT_MAX + 1;
    memcpy(out, mapped, length);
    return length;
}

static bool token_type(const struct tokenizer_parts *p, uint32_t id, enum token_type *type,
                       struct error *err)
{
    static const enum token_type types[] = {
        [PART_NORMAL] = TOKEN_TEXT,     [PART_UNKNOWN] = TOKEN_CONTROL,
        [PART_CONTROL] = TOKEN_CONTROL, [PART_USER_DEFINED] = TOKEN_ADDED,
        [PART_UNUSED] = TOKEN_HIDDEN,   [PART_BYTE] = TOKEN_BYTE,
    };
    uint32_t part = p->type ? p->type[id] : PART_NORMAL;

    if (part < PART_NORMAL || part > PART_BYTE)
        return fault(p, id, "its type is none", err);
    *type = types[part];
    return true;
}

static bool set_token(struct tokenizer *t, const struct tokenizer_parts *p, uint32_t id,
                      struct error *err)
{
    const struct tokenizer_part *part = &p->token[id];
    char text[TOKEN_TEXT_MAX + 1];
    float score = p->score ? p->score[id] : 0;
    enum token_type type;

    if (!token_type(p, id, &type, err))
        return false;
    if (!isfinite(score))
        return fault(p, id, "its score is not a number", err);
    size_t length = plain_text(t, part, text);
    if (type == TOKEN_BYTE) {
        int byte = byte_of_text(part->text, part->length);
        if (byte < 0)
            return fault(p, id, "it is no byte", err);
        text[0] = (char)byte;
        length = 1;
    }
    if (!vocabulary_set(&t->vocabulary, id, text, length, type, score))
        return fault(p, id, "it is too long", err);
    return true;
}

static bool set_merge(struct tokenizer *t, const struct tokenizer_parts *p, uint32_t rank,
                      struct error *err)
{
    const struct tokenizer_part *both = &p->merge[rank];
    const char *space = both->length ? memchr(both->text + 1, ' ', both->length - 1) : NULL;
    struct bpe_merge *m = &t->merges.merge[rank];
    char text[2 * TOKEN_TEXT_MAX + 2];

    if (!space)
        return error_set(err, ERROR_INPUT, "%s: merge %u: not two tokens", p->name, rank);
    size_t left_length = (size_t)(space - both->text);
    const struct tokenizer_part left = {both->text, left_length};
    const struct tokenizer_part right = {space + 1, both->length - left_length - 1};
    size_t left_bytes = plain_text(t, &left, text);
    size_t right_bytes = plain_text(t, &right, text + left_bytes);
    if (left_bytes > TOKEN_TEXT_MAX || right_bytes > TOKEN_TEXT_MAX)
        return error_set(err, ERROR_INPUT, "%s: merge %u: too long", p->name, rank);
    m->left = vocabulary_find(&t->vocabulary, text, left_bytes);
    m->right = vocabulary_find(&t->vocabulary, text + left_bytes, right_bytes);
    m->result = vocabulary_find(&t->vocabulary, text, left_bytes + right_bytes);
    if (m->left == TOKEN_NONE || m->right == TOKEN_NONE || m->result == TOKEN_NONE)
        return error_set(err, ERROR_INPUT, "%s: merge %u: names a token that the vocabulary lacks",
                         p->name, rank);
    return true;
}

static bool set_merges(struct tokenizer *t, const struct tokenizer_parts *p, struct error *err)
{
    if (t->rules.kind != KIND_BYTE_LEVEL)
        return true;
    t->merges.count = p->merges;
    t->merges.merge = arena_alloc(&t->arena, p->merges, sizeof *t->merges.merge);
    if (!t->merges.merge)
        return tokenizer_no_memory(err);
    for (uint32_t rank = 0; rank < p->merges; rank++)
        if (!set_merge(t, p, rank, err))
            return false;
    return true;
}

static bool build(struct tokenizer *t, const struct tokenizer_parts *p, struct error *err)
{
    size_t bytes = 0;

    for (uint32_t id = 0; id < p->count; id++)
        bytes += p->token[id].length;
    if (!vocabulary_init(&t->vocabulary, &t->arena, p->count, bytes))
        return tokenizer_no_memory(err);
    for (uint32_t id = 0; id < p->count; id++)
        if (!set_token(t, p, id, err))
            return false;
    if (!vocabulary_index(&t->vocabulary, &t->arena))
        return tokenizer_no_memory(err);
    return set_merges(t, p, err) && tokenizer_finish(t, err);
}

struct tokenizer *tokenizer_from_parts(const struct tokenizer_parts *p, struct error *err)
{
    struct tokenizer *t = calloc(1, sizeof *t);

    if (!t) {
        tokenizer_no_memory(err);
    } else if (!set_rules(&t->rules, p, err) || !build(t, p, err)) {
        tokenizer_free(t);
        t = NULL;
    }
    return t;
}
