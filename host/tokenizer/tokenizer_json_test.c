/* SPDX-License-Identifier: Apache-2.0 */
/* Hugging Face's tokenizer.json, and the form that a .mill file holds: ids
 * against those of the tokenizers library (testbench/data/tokenizer_cases.py). */
#include <jansson.h>

#include "host/tokenizer/tokenizer.h"
#include "testbench/test_support.h"

static const char cases_path[] = "testbench/data/tokenizer_cases.json";

/* From a file made of `text`; NULL and *err where it is refused. */
static struct tokenizer *open_text(const char *text, uint32_t vocab, struct error *err)
{
    const char *folder = make_folder();
    char path[128];
    write_file(folder, "tokenizer.json", text, strlen(text));
    snprintf(path, sizeof path, "%s/tokenizer.json", folder);
    struct tokenizer *t = tokenizer_open(path, vocab, err);
    remove_folder(folder);
    return t;
}

static struct tokenizer *open_case(const json_t *entry)
{
    struct error err = {0};
    char *text = json_dumps(json_object_get(entry, "tokenizer"), 0);
    struct tokenizer *t = open_text(text, 0, &err);
    free(text);
    if (!t)
        fail_msg("%s: %s", json_string_value(json_object_get(entry, "name")), err.message);
    return t;
}

static void check_text(const struct tokenizer *t, const char *name, const json_t *entry)
{
    const char *text = json_string_value(json_object_get(entry, "text"));
    const json_t *want = json_object_get(entry, "ids");
    struct error err = {0};
    uint32_t *ids;
    size_t count;

    if (!tokenizer_encode(t, text, strlen(text), &ids, &count, &err))
        fail_msg("%s, \"%s\": %s", name, text, err.message);
    for (size_t i = 0; i < count || i < json_array_size(want); i++)
        if (i >= count || i >= json_array_size(want) ||
            ids[i] != json_integer_value(json_array_get(want, i)))
            fail_msg("%s, \"%s\": %zu tokens, not %zu, and number %zu differs", name, text, count,
                     json_array_size(want), i);
    free(ids);
}

static void for_each_case(void (*check)(const struct tokenizer *t, const json_t *entry))
{
    json_t *cases = json_load_file(cases_path, 0, NULL), *entry;
    size_t i;

    assert_non_null(cases); /* tests run in the project's folder */
    json_array_foreach(cases, i, entry)
    {
        struct tokenizer *t = open_case(entry);
        check(t, entry);
        tokenizer_free(t);
    }
    json_decref(cases);
}

static void check_texts(const struct tokenizer *t, const json_t *entry)
{
    json_t *text;
    size_t i;
    json_array_foreach(json_object_get(entry, "texts"), i, text)
        check_text(t, json_string_value(json_object_get(entry, "name")), text);
}

static void test_ids(void **state)
{
    (void)state;
    for_each_case(check_texts);
}

/* Saved and loaded it must give the same ids, and be refused cut or damaged. */
static void check_saved(const struct tokenizer *t, const json_t *entry)
{
    size_t size;
    struct error err = {0};
    uint8_t *blob = tokenizer_save(t, &size);

    assert_non_null(blob);
    struct tokenizer *copy = tokenizer_load(blob, size, &err);
    if (!copy)
        fail_msg("%s", err.message);
    assert_int_equal(tokenizer_vocab(copy), tokenizer_vocab(t));
    check_texts(copy, entry);
    tokenizer_free(copy);
    for (size_t cut = 0; cut < size; cut++) {
        struct mapped_file exact = exact_copy(blob, cut);
        copy = tokenizer_load(exact.data, cut, &err);
        free((void *)(uintptr_t)exact.data);
        if (copy)
            fail_msg("accepted when cut to %zu of %zu bytes", cut, size);
        assert_int_equal(err.code, ERROR_INPUT);
    }
    free(blob);
}

static void test_saved(void **state)
{
    (void)state;
    for_each_case(check_saved);
}

static void test_damaged_blobs(void **state)
{
    static const struct {
        size_t at;
        uint32_t value;
        const char *wanted;
    } faults[] = {
        {0, 2, "version 2, not 1"},
        {4, 4, "byte 4: kind is out of range"},
        {8, 4, "byte 8: space prefix is out of range"},
        {12, 4, "byte 12: pre-tokeniser is out of range"},
        {16, 2, "byte 16: split_at_spaces is out of range"},
        {20, 2, "byte 20: ignore_merges is out of range"},
        {24, 2, "byte 24: fuse_unknown is out of range"},
        {28, 1000, "byte 28: unknown token is out of range"},
        {32, 1000, "byte 32: BOS is out of range"},
        {36, 0xfffffffe, "byte 36: EOS is out of range"},
        {40, 0, "a vocabulary of 0"},
        {40, 0xffffffff, "a vocabulary of 4294967295"},
        {40, 0x7fffffff, "the file ends in the tokens"},
        {44, 0xffffffff, "the file ends in the merges"},
        {48, 0xffffffff, "4294967295 bytes of text"},
        {48, 300, "bytes of text, not 300"},
        {48, 1, "is not valid"},
        {52, 0x7fc00000, "token 0 is not valid"}, /* its score */
        {56, 0x00070001, "token 0 is not valid"}, /* its type */
        {56, 0x01010001, "token 0 is not valid"},
        {56, 0x00030002, "token 0 is not valid"}, /* a byte of two bytes */
        {236, 23, "merge 0 names no token"},      /* after 23 tokens of 8 bytes */
        {240, 0xffffffff, "merge 0 names no token"},
        {244, 23, "merge 0 names no token"},
    };
    json_t *cases = json_load_file(cases_path, 0, NULL);
    size_t size;
    (void)state;

    assert_non_null(cases);
    struct tokenizer *t = open_case(json_array_get(cases, 0));
    uint8_t *blob = tokenizer_save(t, &size);
    assert_non_null(blob);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct error err = {0};
        struct mapped_file bad = exact_copy(blob, size);
        memcpy((uint8_t *)(uintptr_t)bad.data + faults[i].at, &faults[i].value, 4);
        struct tokenizer *copy = tokenizer_load(bad.data, size, &err);
        bool accepted = copy != NULL;
        tokenizer_free(copy);
        free((void *)(uintptr_t)bad.data);
        assert_refused(accepted, &err, faults[i].wanted);
    }
    free(blob);
    tokenizer_free(t);
    json_decref(cases);
}

static void test_special_tokens(void **state)
{
    json_t *cases = json_load_file(cases_path, 0, NULL);
    char out[TOKEN_TEXT_MAX];
    (void)state;

    assert_non_null(cases);
    struct tokenizer *t = open_case(json_array_get(cases, 0));
    assert_int_equal(tokenizer_bos(t), TOKEN_NONE);
    tokenizer_set_special(t, 0, 1000);
    assert_int_equal(tokenizer_bos(t), 0);
    assert_int_equal(tokenizer_eos(t), TOKEN_NONE);
    assert_int_equal(tokenizer_decode(t, 1, 0, out), 0);
    assert_int_equal(tokenizer_decode(t, 0, 12, out), 2); /* byte level: the space stays */
    assert_memory_equal(out, " a", 2);
    assert_int_equal(tokenizer_decode(t, 0, 16, out), 2);
    assert_memory_equal(out, "\xc3\xa9", 2);
    tokenizer_free(t);
    json_decref(cases);
}

#define MODEL "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2}"
#define BYTE_LEVEL "{\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false},"
#define SPACES                                                                                     \
    "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\" "                             \
    "\"},\"content\":\"\xe2\x96\x81\"}"

static void test_refused(void **state)
{
    static const struct {
        const char *text, *wanted;
    } faults[] = {
        {"{", "line 1, column 1"},
        {"{\"a\":\"\xff\"}", "unable to decode byte 0xff"},
        {"{}", "model is not an object"},
        {"{\"model\":{\"type\":\"Unigram\"}}", "model: Unigram is not supported"},
        {"{\"model\":{\"type\":\"WordPiece\"}}", "model: WordPiece is not supported"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":[]}}", "vocab is not an object"},
        {"{" MODEL "}}", "merges no array"},
        {"{" MODEL ",\"dropout\":0.1,\"merges\":[]}}", "dropout is not supported"},
        {"{" MODEL ",\"end_of_word_suffix\":\"</w>\",\"merges\":[]}}", "a prefix or suffix"},
        {"{" MODEL ",\"merges\":[]}}", "normalizer: spaces that stay spaces"},
        {"{\"normalizer\":{\"type\":\"NFC\"}," MODEL ",\"merges\":[]}}", "normalizer: NFC is not"},
        {"{\"pre_tokenizer\":{\"type\":\"Whitespace\"}," MODEL ",\"merges\":[]}}",
         "pre_tokenizer: Whitespace is not supported"},
        {"{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[]}," MODEL
         ",\"merges\":[]}}",
         "a sequence that ByteLevel does not end"},
        {"{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","
         "\"pattern\":{\"Regex\":\"x\"},\"behavior\":\"Isolated\"},{\"type\":\"ByteLevel\","
         "\"add_prefix_space\":false,\"use_regex\":false}]}," MODEL ",\"merges\":[]}}",
         "this pattern is not supported"},
        {"{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":\"ByteLevel\"}," MODEL
         ",\"merges\":[]}}",
         "normalizer: NFC is not supported"},
        {BYTE_LEVEL MODEL ",\"merges\":[\"ab\"]}}", "merge 0: not two tokens"},
        {BYTE_LEVEL MODEL ",\"merges\":[\"a b\",\"a b b\"]}}", "merge 1: not two tokens"},
        {BYTE_LEVEL MODEL ",\"merges\":[[\"a\"]]}}", "merge 0: not two tokens"},
        {BYTE_LEVEL MODEL ",\"merges\":[[\"a\",1]]}}", "merge 0: not two tokens"},
        {BYTE_LEVEL MODEL ",\"merges\":[\"b a\"]}}", "merge 0: names a token that the vocab"},
        {BYTE_LEVEL MODEL ",\"merges\":[],\"unk_token\":\"x\"}}", "unk_token \"x\" is not in"},
        {BYTE_LEVEL MODEL ",\"merges\":[]},\"added_tokens\":[{\"id\":3}]}",
         "an added token has no content"},
        {BYTE_LEVEL MODEL ",\"merges\":[]},\"added_tokens\":[{\"content\":\"c\"}]}",
         "token \"c\": its id is not a whole number"},
        {BYTE_LEVEL MODEL ",\"merges\":[]},\"added_tokens\":[{\"id\":3,\"content\":\"c\","
                          "\"lstrip\":true}]}",
         "added token \"c\": lstrip is not supported"},
        {BYTE_LEVEL MODEL
         ",\"merges\":[]},\"added_tokens\":[{\"id\":2000000000,\"content\":\"c\"}]}",
         "token 2000000000 in a vocabulary of 8"},
        {BYTE_LEVEL "\"model\":{\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}",
         "two tokens have the id 0"},
        {BYTE_LEVEL "\"model\":{\"vocab\":{\"a\":-1},\"merges\":[]}}",
         "token \"a\": its id is not a whole number"},
        {BYTE_LEVEL "\"model\":{\"vocab\":{\"a\":8},\"merges\":[]}}",
         "token 8 in a vocabulary of 8"},
        {BYTE_LEVEL "\"model\":{\"vocab\":{},\"merges\":[]}}", "no tokens"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct error err = {0};
        struct tokenizer *t = open_text(faults[i].text, 8, &err);
        bool accepted = t != NULL;
        tokenizer_free(t);
        assert_refused(accepted, &err, "tokenizer.json: ");
        assert_refused(accepted, &err, faults[i].wanted);
    }
}

static void test_long_token(void **state)
{
    struct bytes b = {0};
    struct error err = {0};
    (void)state;

    put_text(&b, "{" SPACES ",\"model\":{\"vocab\":{\"");
    for (int i = 0; i < TOKEN_TEXT_MAX + 1; i++)
        put_u8(&b, 'a');
    put_text(&b, "\":0},\"merges\":[]}}");
    put_u8(&b, 0);
    struct tokenizer *t = open_text((const char *)b.data, 0, &err);
    bool accepted = t != NULL;
    tokenizer_free(t);
    bytes_free(&b);
    assert_refused(accepted, &err, "token 0 is longer than 1024 bytes");
}

/* A model may have more tokens than its tokenizer; the rest decode to nothing. */
static void test_padded_vocabulary(void **state)
{
    struct error err = {0};
    char out[TOKEN_TEXT_MAX];
    struct tokenizer *t = open_text(BYTE_LEVEL MODEL ",\"merges\":[\"a b\"]}}", 100, &err);
    (void)state;

    if (!t)
        fail_msg("%s", err.message);
    assert_int_equal(tokenizer_vocab(t), 100);
    assert_int_equal(tokenizer_decode(t, 0, 2, out), 2);
    assert_int_equal(tokenizer_decode(t, 0, 99, out), 0);
    tokenizer_free(t);
}

static void test_real_text(void **state)
{
    static const char *const texts[] = {"data/text/tinystories-pieces/tinystories_b.txt",
                                        "data/text/wikitext-2/valid.txt"};
    const char *path = shared_path("models/transformer/llama-4m/tokenizer.json");
    struct error err = {0};
    (void)state;

    if (!path)
        skip();
    struct tokenizer *t = tokenizer_open(path, 4096, &err);
    if (!t)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && shared_path(texts[i]); i++) {
        size_t length, count, used = 0;
        uint32_t *ids, previous = TOKEN_NONE;
        char *text = read_all(shared_path(texts[i]), &length);
        if (!tokenizer_encode(t, text, length, &ids, &count, &err))
            fail_msg("%s: %s", texts[i], err.message);
        char *decoded = malloc(length + TOKEN_TEXT_MAX);
        assert_non_null(decoded);
        for (size_t k = 0; k < count && used <= length; k++) {
            used += tokenizer_decode(t, previous, ids[k], decoded + used);
            previous = ids[k];
        }
        if (used != length || memcmp(text, decoded, length) != 0)
            fail_msg("%s: %zu bytes of %zu came back, or others", texts[i], used, length);
        free(decoded);
        free(ids);
        free(text);
    }
    tokenizer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_saved),
        cmocka_unit_test(test_damaged_blobs),
        cmocka_unit_test(test_special_tokens),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_token),
        cmocka_unit_test(test_padded_vocabulary),
        cmocka_unit_test(test_real_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
