/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/tokenizer_parts.h"

#include <math.h>

#include "testbench/test_support.h"

#define G "\xc4\xa0" /* a space, as GPT-2 writes it */
#define SPACE "\xe2\x96\x81"
#define PART(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* SentencePiece with scores, a byte, a user's token; "xa" is there but not "x". */
static const struct tokenizer_part pieces[] = {
    PART("<unk>"), PART("<s>"), PART("</s>"), PART("<0xC3>"), PART(SPACE),     PART("a"),
    PART("b"),     PART("ab"),  PART("xa"),   PART("<|u|>"),  PART(SPACE "a"), PART("zz"),
};
static const uint32_t piece_types[] = {2, 3, 3, 6, 1, 1, 1, 1, 1, 4, 1, 5};
static const float piece_scores[] = {0, 0, 0, 0, -1, -2, -3, -4, -5, 0, -6, -7};

/* Byte-level with merges. */
static const struct tokenizer_part letters[] = {
    PART("<|x|>"),
    PART("a"),
    PART("b"),
    PART("\xc4\xa0"),
    PART("\xc4\xa0"
         "a"),
    PART("1"),
    PART("2"),
    PART("12"),
    PART("A"),
};
static const uint32_t letter_types[] = {3, 1, 1, 1, 1, 1, 1, 1, 1};
static const struct tokenizer_part merges[] = {PART("\xc4\xa0 a"), PART("1 2")};

static struct tokenizer_parts scored(void)
{
    return (struct tokenizer_parts){.name = "test.gguf",
                                    .model = "llama",
                                    .add_space_prefix = true,
                                    .count = COUNT(pieces),
                                    .token = pieces,
                                    .type = piece_types,
                                    .score = piece_scores,
                                    .unknown = 0,
                                    .bos = 1,
                                    .eos = 2};
}

static struct tokenizer_parts merged(const char *pre)
{
    return (struct tokenizer_parts){.name = "test.gguf",
                                    .model = "gpt2",
                                    .pre = pre,
                                    .count = COUNT(letters),
                                    .token = letters,
                                    .type = letter_types,
                                    .merges = COUNT(merges),
                                    .merge = merges,
                                    .unknown = TOKEN_NONE,
                                    .bos = TOKEN_NONE,
                                    .eos = 0};
}

static void check(const struct tokenizer_parts *parts, const char *text, const uint32_t *want,
                  size_t wanted)
{
    struct error err = {0};
    struct tokenizer *t = tokenizer_from_parts(parts, &err);
    uint32_t *ids;
    size_t count, i = 0;

    if (!t)
        fail_msg("%s", err.message);
    if (!tokenizer_encode(t, text, strlen(text), &ids, &count, &err))
        fail_msg("%s", err.message);
    while (i < count && i < wanted && want[i] == ids[i])
        i++;
    if (i < count || i < wanted)
        fail_msg("\"%s\": %zu tokens, not %zu, and number %zu differs", text, count, wanted, i);
    free(ids);
    tokenizer_free(t);
}

#define WANT(...) (const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / 4

static void test_scores(void **state)
{
    struct tokenizer_parts p = scored();
    (void)state;
    check(&p, "ab", WANT(4, 7)); /* "ab" scores higher than " a" */
    check(&p, "a ab", WANT(10, 4, 7));
    check(&p, "xa", WANT(4, 8));          /* "x" has no token, but what it merges to has */
    check(&p, "xb", WANT(4, 0, 6));       /* unknown: there is no byte for "x" */
    check(&p, "\xc3\xc3", WANT(4, 3, 3)); /* bytes */
    check(&p, "a<|u|>b", WANT(10, 9, 4, 6));
    check(&p, "zz", WANT(4, 0, 0)); /* an unused token is not found */
    p.add_space_prefix = false;
    check(&p, "ab", WANT(7));
}

static void test_merges(void **state)
{
    struct tokenizer_parts p = merged("gpt-2");
    (void)state;
    check(&p, "a a12", WANT(1, 4, 7));
    p = merged("smollm"); /* digits alone: 1 and 2 never meet */
    check(&p, "a a12", WANT(1, 4, 5, 6));
    p = merged("llama-bpe");
    check(&p, "12A", WANT(7, 8));
}

static void refuse(const struct tokenizer_parts *p, const char *wanted)
{
    struct error err = {0};
    struct tokenizer *t = tokenizer_from_parts(p, &err);
    bool accepted = t != NULL;
    tokenizer_free(t);
    assert_refused(accepted, &err, "test.gguf: ");
    assert_refused(accepted, &err, wanted);
}

static void test_refused(void **state)
{
    static const struct tokenizer_part no_space[] = {PART("ab")}, unknown[] = {PART("a zz")};
    static const uint32_t no_types[COUNT(pieces)] = {1, 0}, no_byte[COUNT(pieces)] = {6};
    static const float not_finite[COUNT(pieces)] = {0, INFINITY};
    struct tokenizer_parts p = scored();
    (void)state;

    p.model = "bert";
    refuse(&p, "a tokenizer \"bert\" is not supported");
    p = scored();
    p.score = NULL;
    refuse(&p, "the tokens have no scores");
    p = scored();
    p.score = not_finite;
    refuse(&p, "token 1: its score is not a number");
    p = scored();
    p.type = no_types;
    refuse(&p, "token 1: its type is none");
    p.type = no_byte;
    refuse(&p, "token 0: it is no byte");
    p = merged(NULL);
    refuse(&p, "pre-tokeniser \"\" is not supported");
    p = merged("gpt-2");
    p.merge = no_space;
    p.merges = 1;
    refuse(&p, "merge 0: not two tokens");
    p.merge = unknown;
    refuse(&p, "merge 0: names a token that the vocabulary lacks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
