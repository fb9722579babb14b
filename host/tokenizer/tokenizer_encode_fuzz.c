/* SPDX-License-Identifier: Apache-2.0 */
/* Any text through one small tokenizer of each kind: what is encoded must decode
 * to the text again, for all of them have a token for every byte. */
#include "host/tokenizer/internal.h"
#include "testbench/fuzz_support.h"

/* Bytes 0 to 255, then a few words; with three tokens before for llama2.c. */
static struct tokenizer *make(enum tokenizer_kind kind, enum pre_tokeniser pre)
{
    static const char *const words[] = {" ", "a", "b", " a", "ab", "\xc3\xa9", " \xc3\xa9", "  "};
    enum { FIRST = 3, WORDS = sizeof words / sizeof *words };
    bool bytes_are_text = kind == KIND_BYTE_LEVEL;
    struct tokenizer *t = calloc(1, sizeof *t);
    struct error err = {0};

    if (!t || !vocabulary_init(&t->vocabulary, &t->arena, FIRST + 256 + WORDS, 512))
        abort();
    t->rules = (struct tokenizer_rules){.kind = kind,
                                        .pre_tokeniser = pre,
                                        .prefix = bytes_are_text ? PREFIX_NEVER : PREFIX_ALWAYS,
                                        .unknown = TOKEN_NONE,
                                        .bos = 1,
                                        .eos = 2};
    for (uint32_t byte = 0; byte < 256; byte++) {
        char text = (char)byte;
        vocabulary_set(&t->vocabulary, FIRST + byte, &text, 1,
                       bytes_are_text ? TOKEN_TEXT : TOKEN_BYTE, 0);
    }
    for (uint32_t i = 0; i < WORDS; i++)
        vocabulary_set(&t->vocabulary, FIRST + 256 + i, words[i], strlen(words[i]), TOKEN_TEXT,
                       -(float)i);
    static struct bpe_merge merges[] = {{3 + 0xc3, 3 + 0xa9, 264}, {3 + ' ', 3 + 'a', 262}};
    if (bytes_are_text)
        t->merges = (struct bpe_merges){.count = 2, .merge = merges};
    if (!tokenizer_finish(t, &err))
        abort();
    return t;
}

static void round_trip(const struct tokenizer *t, const uint8_t *data, size_t size)
{
    struct error err = {0};
    uint32_t *ids, previous = TOKEN_NONE;
    size_t count, used = 0;
    char *text = malloc(size + TOKEN_TEXT_MAX);

    if (!text || !tokenizer_encode(t, (const char *)data, size, &ids, &count, &err))
        abort();
    for (size_t i = 0; i < count; i++) {
        used += tokenizer_decode(t, previous, ids[i], text + used);
        previous = ids[i];
        if (used > size)
            abort();
    }
    if (used != size || (size && memcmp(text, data, size) != 0))
        abort();
    free(ids);
    free(text);
}

static bool has_visible_space(const uint8_t *data, size_t size)
{
    return size && memmem(data, size, VISIBLE_SPACE, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        enum tokenizer_kind kind;
        enum pre_tokeniser pre;
    } kinds[] = {{KIND_LLAMA2C, PRE_WHOLE},          {KIND_SENTENCEPIECE, PRE_WHOLE},
                 {KIND_CHARACTERS, PRE_WHOLE},       {KIND_BYTE_LEVEL, PRE_GPT2},
                 {KIND_BYTE_LEVEL, PRE_GPT2_DIGITS}, {KIND_BYTE_LEVEL, PRE_LLAMA3}};
    /* Made once and kept: making one takes longer than most inputs. */
    static struct tokenizer *made[sizeof kinds / sizeof *kinds];

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool keeps_all = kinds[i].kind == KIND_LLAMA2C || kinds[i].kind == KIND_BYTE_LEVEL;
        if (!keeps_all && has_visible_space(data, size))
            continue; /* these take it for a space */
        if (!made[i])
            made[i] = make(kinds[i].kind, kinds[i].pre);
        round_trip(made[i], data, size);
    }
    return 0;
}
