/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama2.c's tokenizer.bin: uint32 length of the longest token; then, for each
 * id, float score, uint32 length and the text (llama2.c, tokenizer.py, export).
 * The file does not say how many tokens there are.
 */
#include "host/tokenizer/internal.h"

#include <math.h>
#include <string.h>

enum { BOS = 1, EOS = 2 };

static bool take_token(struct reader *r, uint32_t longest, float *score, const char **text,
                       uint32_t *length, struct error *err)
{
    const uint8_t *bytes;
    size_t at = r->at;

    if (!reader_f32(r, "score of a token", score, err) ||
        !reader_u32(r, "length of a token", length, err))
        return false;
    if (!isfinite(*score))
        return error_set(err, ERROR_INPUT, "%s: byte %zu: the score of a token is not a number",
                         r->name, at);
    if (*length > longest || *length > TOKEN_TEXT_MAX)
        return error_set(err, ERROR_INPUT, "%s: byte %zu: a token of %u bytes, of %u at most",
                         r->name, at + 4, *length,
                         longest < TOKEN_TEXT_MAX ? longest : TOKEN_TEXT_MAX);
    if (!reader_take(r, *length, 1, "text of a token", &bytes, err))
        return false;
    *text = (const char *)bytes;
    return true;
}

static bool count_tokens(struct reader r, uint32_t longest, uint32_t *count, struct error *err)
{
    for (*count = 0; r.at < r.size; ++*count) {
        const char *text;
        uint32_t length;
        float score;
        if (!take_token(&r, longest, &score, &text, &length, err))
            return false;
    }
    return true;
}

static bool set_token(struct tokenizer *t, uint32_t id, const char *text, uint32_t length,
                      float score)
{
    int byte = byte_of_text(text, length);
    char byte_text = (char)byte;

    if (id == BOS || id == EOS)
        return vocabulary_set(&t->vocabulary, id, text, length, TOKEN_CONTROL, score);
    if (byte >= 0)
        return vocabulary_set(&t->vocabulary, id, &byte_text, 1, TOKEN_BYTE, score);
    return vocabulary_set(&t->vocabulary, id, text, length, TOKEN_TEXT, score);
}

static bool set_tokens(struct tokenizer *t, struct reader *r, uint32_t longest, struct error *err)
{
    for (uint32_t id = 0; id < t->vocabulary.count; id++) {
        const char *text;
        uint32_t length;
        float score;
        if (!take_token(r, longest, &score, &text, &length, err))
            return false;
        if (!set_token(t, id, text, length, score))
            return tokenizer_no_memory(err);
    }
    return true;
}

bool tokenizer_from_bin(struct tokenizer *t, struct reader *r, uint32_t vocab, struct error *err)
{
    uint32_t longest, count;

    if (!reader_u32(r, "length of the longest token", &longest, err) ||
        !count_tokens(*r, longest, &count, err))
        return false;
    if (vocab != 0 && count != vocab)
        return error_set(err, ERROR_INPUT, "%s: holds %u tokens, not %u", r->name, count, vocab);
    if (count <= EOS)
        return error_set(err, ERROR_INPUT, "%s: %u tokens are too few", r->name, count);
    if (!vocabulary_init(&t->vocabulary, &t->arena, count, r->size))
        return tokenizer_no_memory(err);
    t->rules = (struct tokenizer_rules){.kind = KIND_LLAMA2C,
                                        .prefix = PREFIX_ALWAYS,
                                        .unknown = TOKEN_NONE,
                                        .bos = BOS,
                                        .eos = EOS};
    return set_tokens(t, r, longest, err) && tokenizer_finish(t, err);
}
