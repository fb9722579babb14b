/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two patterns by hand.  A regular expression's alternatives are tried in
 * their order, each as greedy as it can be, which the order of the tests below
 * mirrors.
 */
#include "host/tokenizer/pre_tokenise.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "host/tokenizer/unicode_class.h"

const char gpt2_pattern[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const char llama3_pattern[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

struct text {
    const char *data;
    size_t length;
};

/* Class and bytes of the character at `at`; false at the end. */
static bool class_at(const struct text *t, size_t at, enum unicode_class *class, size_t *bytes)
{
    uint32_t point;

    if (at >= t->length)
        return false;
    *bytes = utf8_decode(t->data + at, t->length - at, &point);
    *class = unicode_class(point);
    return true;
}

static bool is_class(const struct text *t, size_t at, enum unicode_class wanted)
{
    enum unicode_class class;
    size_t bytes;
    return class_at(t, at, &class, &bytes) && class == wanted;
}

/* The end of the run of `wanted` that begins at `at`, `most` characters at most. */
static size_t run_end(const struct text *t, size_t at, enum unicode_class wanted, size_t most)
{
    enum unicode_class class;
    size_t bytes;

    while (most-- > 0 && class_at(t, at, &class, &bytes) && class == wanted)
        at += bytes;
    return at;
}

/* 's 't 're 've 'm 'll 'd: bytes, or 0. */
static size_t contraction(const struct text *t, bool any_case)
{
    static const char *const endings[] = {"s", "t", "re", "ve", "m", "ll", "d"};
    int (*compare)(const char *, const char *, size_t) = any_case ? strncasecmp : strncmp;

    if (t->data[0] != '\'')
        return 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t bytes = strlen(endings[i]);
        if (t->length > bytes && compare(t->data + 1, endings[i], bytes) == 0)
            return 1 + bytes;
    }
    return 0;
}

/* \s+(?!\S)|\s+ : white space, of which the last character is left to the word
 * that follows, unless it is the only one. */
static size_t spaces(const struct text *t)
{
    size_t last = 0, end = 0, bytes;
    enum unicode_class class;

    while (class_at(t, end, &class, &bytes) && class == UNICODE_SPACE) {
        last = end;
        end += bytes;
    }
    return end == t->length || last == 0 ? end : last;
}

static size_t gpt2(const struct text *t)
{
    size_t bytes = contraction(t, false);
    if (bytes)
        return bytes;
    size_t start = t->data[0] == ' ' ? 1 : 0;
    enum unicode_class class;
    if (class_at(t, start, &class, &bytes) && class != UNICODE_SPACE)
        return run_end(t, start, class, SIZE_MAX);
    return spaces(t);
}

/* To GPT-2's pattern the text ends before a number, so that white space there
 * is one piece. */
static size_t gpt2_digits(const struct text *t)
{
    size_t number = run_end(t, 0, UNICODE_SPACE, SIZE_MAX);

    if (!is_class(t, number, UNICODE_NUMBER))
        return gpt2(t);
    return number ? number : run_end(t, 0, UNICODE_NUMBER, 1);
}

static bool is_line_end(const struct text *t, size_t at)
{
    return at < t->length && (t->data[at] == '\r' || t->data[at] == '\n');
}

/* \s*[\r\n]+ : white space up to its last line end; 0 where it has none. */
static size_t lines(const struct text *t)
{
    size_t end = 0, at = 0, bytes;
    enum unicode_class class;

    while (class_at(t, at, &class, &bytes) && class == UNICODE_SPACE) {
        if (is_line_end(t, at))
            end = at + bytes;
        at += bytes;
    }
    return end;
}

static size_t llama3(const struct text *t)
{
    size_t first, end = contraction(t, true);
    uint32_t point;

    if (end > 0)
        return end;
    first = utf8_decode(t->data, t->length, &point);
    enum unicode_class class = unicode_class(point);
    bool joins_word = class == UNICODE_OTHER || (class == UNICODE_SPACE && !is_line_end(t, 0));
    size_t word = joins_word ? first : 0;
    if (is_class(t, word, UNICODE_LETTER))
        return run_end(t, word, UNICODE_LETTER, SIZE_MAX);
    if (class == UNICODE_NUMBER)
        return run_end(t, 0, UNICODE_NUMBER, 3);
    size_t start = t->data[0] == ' ' ? 1 : 0;
    if (is_class(t, start, UNICODE_OTHER)) {
        end = run_end(t, start, UNICODE_OTHER, SIZE_MAX);
        while (is_line_end(t, end))
            end++;
        return end;
    }
    end = lines(t);
    return end ? end : spaces(t);
}

size_t pre_token_length(enum pre_tokeniser kind, const char *text, size_t length)
{
    const struct text t = {text, length};

    switch (kind) {
    case PRE_GPT2:
        return gpt2(&t);
    case PRE_GPT2_DIGITS:
        return gpt2_digits(&t);
    case PRE_LLAMA3:
        return llama3(&t);
    default:
        return length;
    }
}
