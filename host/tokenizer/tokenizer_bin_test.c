/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama2.c's tokenizer.bin.  Encoding is held to a plain transcription of what
 * llama2.c's run.c does: quadratic, no heap.
 */
#include <math.h>

#include "host/tokenizer/tokenizer.h"
#include "testbench/test_support.h"

#define E_ACUTE "\303\251"
#define E_ACUTE_A "\303\251a"

enum { SEED = 31415 };

/* A vocabulary as the test knows it, apart from the code under test. */
struct words {
    uint32_t count;
    float score[1024];
    char text[1024][32];
};

static void add_word(struct words *w, const char *text, float score)
{
    w->score[w->count] = score;
    snprintf(w->text[w->count++], sizeof w->text[0], "%s", text);
}

/* Control tokens, bytes, and words that overlap; scores collide on purpose. */
static void make_words(struct words *w)
{
    static const char *const texts[] = {
        " ",  "a",  "b",  "c",  "ab",  "bc", "abc", " a", " ab", "aa",    "aaa",
        "ba", "cc", "  ", "a ", "b a", "bb", "cab", "ca", "\n",  E_ACUTE, E_ACUTE_A,
    };
    char byte[8];

    w->count = 0;
    add_word(w, "<unk>", 0);
    add_word(w, "\n<s>\n", 0);
    add_word(w, "\n</s>\n", 0);
    for (unsigned i = 0; i < 256; i++) {
        snprintf(byte, sizeof byte, "<0x%02X>", i);
        add_word(w, byte, 0);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_word(w, texts[i], -(float)(i % 7));
}

static struct bytes make_file(const struct words *w)
{
    struct bytes b = {0};
    uint32_t longest = 0;
    for (uint32_t i = 0; i < w->count; i++)
        longest = strlen(w->text[i]) > longest ? (uint32_t)strlen(w->text[i]) : longest;
    put_u32(&b, longest);
    for (uint32_t i = 0; i < w->count; i++) {
        put_f32(&b, w->score[i]);
        put_u32(&b, (uint32_t)strlen(w->text[i]));
        put_text(&b, w->text[i]);
    }
    return b;
}

/* From a file made of `data`; NULL and *err where it is refused. */
static struct tokenizer *open_bytes(const void *data, size_t size, uint32_t vocab,
                                    struct error *err)
{
    const char *folder = make_folder();
    char path[128];
    write_file(folder, "tokenizer.bin", data, size);
    snprintf(path, sizeof path, "%s/tokenizer.bin", folder);
    struct tokenizer *t = tokenizer_open(path, vocab, err);
    remove_folder(folder);
    return t;
}

static int find_word(const struct words *w, const char *text, size_t length)
{
    for (uint32_t i = 3; i < w->count; i++)
        if (strlen(w->text[i]) == length && memcmp(w->text[i], text, length) == 0)
            return (int)i;
    return -1;
}

/* run.c's encode: characters or their bytes, then the best pair until none is left. */
static size_t run_c_encode(const struct words *w, const char *text, size_t length, uint32_t *ids)
{
    size_t count = 0;

    if (length == 0)
        return 0;
    ids[count++] = (uint32_t)find_word(w, " ", 1);
    for (size_t at = 0; at < length;) {
        size_t n = 1;
        while (at + n < length && (text[at + n] & 0xc0) == 0x80 && n < 4)
            n++;
        int id = find_word(w, text + at, n);
        if (id >= 0)
            ids[count++] = (uint32_t)id;
        for (size_t i = 0; id < 0 && i < n; i++)
            ids[count++] = (uint8_t)text[at + i] + 3u;
        at += n;
    }
    for (;;) {
        float best = -1e10f;
        int best_id = -1;
        size_t best_at = 0;
        for (size_t i = 0; i + 1 < count; i++) {
            char both[64];
            int used = snprintf(both, sizeof both, "%s%s", w->text[ids[i]], w->text[ids[i + 1]]);
            int id = find_word(w, both, (size_t)used);
            if (id >= 0 && w->score[id] > best) {
                best = w->score[id];
                best_id = id;
                best_at = i;
            }
        }
        if (best_id < 0)
            return count;
        ids[best_at] = (uint32_t)best_id;
        memmove(ids + best_at + 1, ids + best_at + 2, (count - best_at - 2) * sizeof *ids);
        count--;
    }
}

static void compare(const struct tokenizer *t, const struct words *w, const char *text,
                    size_t length)
{
    static char decoded[8192];
    uint32_t want[1024], *got, previous = tokenizer_bos(t);
    size_t count, wanted = run_c_encode(w, text, length, want), used = 0;
    struct error err = {0};

    if (!tokenizer_encode(t, text, length, &got, &count, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < wanted || i < count; i++)
        if (i >= wanted || i >= count || got[i] != want[i])
            fail_msg("\"%.*s\" (seed %d): token %zu of %zu is %u, not %u of %zu", (int)length, text,
                     SEED, i, count, i < count ? got[i] : 0, i < wanted ? want[i] : 0, wanted);
    for (size_t i = 0; i < count; i++) {
        used += tokenizer_decode(t, previous, got[i], decoded + used);
        previous = got[i];
    }
    assert_int_equal(used, length);
    assert_memory_equal(decoded, text, length);
    free(got);
}

static void test_against_run_c(void **state)
{
    static const char bytes[] = "aaabbbccc   \n\xc3\xa9\xa9x\xff";
    static struct words w;
    uint64_t seed = SEED;
    struct error err = {0};
    (void)state;

    make_words(&w);
    struct bytes b = make_file(&w);
    struct tokenizer *t = open_bytes(b.data, b.size, w.count, &err);
    if (!t)
        fail_msg("%s", err.message);
    for (int n = 0; n < 3000; n++) {
        char text[100];
        size_t length = next_random(&seed) % sizeof text;
        for (size_t i = 0; i < length; i++)
            text[i] = bytes[next_random(&seed) % (sizeof bytes - 1)];
        compare(t, &w, text, length);
    }
    tokenizer_free(t);
    bytes_free(&b);
}

static void test_decode(void **state)
{
    static struct words w;
    struct error err = {0};
    char out[TOKEN_TEXT_MAX];
    (void)state;

    make_words(&w);
    struct bytes b = make_file(&w);
    struct tokenizer *t = open_bytes(b.data, b.size, 0, &err);
    assert_non_null(t);
    assert_int_equal(tokenizer_vocab(t), w.count);
    uint32_t space_a = (uint32_t)find_word(&w, " a", 2);
    assert_int_equal(tokenizer_decode(t, 1, space_a, out), 1); /* after BOS */
    assert_int_equal(out[0], 'a');
    assert_int_equal(tokenizer_decode(t, TOKEN_NONE, space_a, out), 1);
    assert_int_equal(tokenizer_decode(t, space_a, space_a, out), 2);
    assert_int_equal(tokenizer_decode(t, 1, 3 + ' ', out), 1); /* a byte stays */
    assert_int_equal(tokenizer_decode(t, 5, 3 + 0xc3, out), 1);
    assert_int_equal((uint8_t)out[0], 0xc3);
    assert_int_equal(tokenizer_decode(t, 5, 1, out), 0); /* BOS, EOS and no token at all */
    assert_int_equal(tokenizer_decode(t, 5, 2, out), 0);
    assert_int_equal(tokenizer_decode(t, 5, w.count, out), 0);
    tokenizer_free(t);
    bytes_free(&b);
}

static void refuse(const void *data, size_t size, uint32_t vocab, const char *wanted)
{
    struct error err = {0};
    struct tokenizer *t = open_bytes(data, size, vocab, &err);
    bool accepted = t != NULL;
    tokenizer_free(t);
    assert_refused(accepted, &err, "tokenizer.bin: ");
    assert_refused(accepted, &err, wanted);
}

static void test_bad_files(void **state)
{
    struct words w = {0};
    (void)state;

    for (int i = 0; i < 4; i++)
        add_word(&w, "word", 0);
    struct bytes b = make_file(&w);
    for (size_t size = 0; size < b.size; size++)
        refuse(b.data, size, 4, "");
    refuse(b.data, b.size, 5, "holds 4 tokens, not 5");
    refuse(b.data, b.size, 3, "holds 4 tokens, not 3");
    refuse(b.data, 4 + 2 * 12, 0, "2 tokens are too few");
    put_u8(&b, 0);
    refuse(b.data, b.size, 0, "byte 52: the file ends in the score of a token");
    b.size--;
    uint32_t huge = UINT32_MAX, nan = 0x7fc00000;
    memcpy(b.data + 8, &huge, 4);
    refuse(b.data, b.size, 0, "byte 8: a token of 4294967295 bytes, of 4 at most");
    memcpy(b.data, &huge, 4);
    refuse(b.data, b.size, 0, "byte 8: a token of 4294967295 bytes, of 1024 at most");
    memcpy(b.data + 4, &nan, 4);
    refuse(b.data, b.size, 0, "byte 4: the score of a token is not a number");
    bytes_free(&b);
}

static void test_text_without_tokens(void **state)
{
    struct words w = {0};
    struct error err = {0};
    uint32_t *ids;
    size_t count;
    (void)state;

    add_word(&w, "<unk>", 0);
    add_word(&w, "<s>", 0);
    add_word(&w, "</s>", 0);
    add_word(&w, " ", 0);
    add_word(&w, "a", 0);
    struct bytes b = make_file(&w);
    struct tokenizer *t = open_bytes(b.data, b.size, 5, &err);
    assert_non_null(t);
    assert_refused(tokenizer_encode(t, "aaxa", 4, &ids, &count, &err), &err,
                   "text: byte 2: the vocabulary has no token for 0x78");
    assert_true(tokenizer_encode(t, "", 0, &ids, &count, &err));
    assert_int_equal(count, 0);
    free(ids);
    tokenizer_free(t);
    bytes_free(&b);
}

/* Real text through the real 512 tokens, against run.c, and a whole file there and back. */
static void test_tok512(void **state)
{
    const char *path = shared_path("models/tokenizer/llama2c-tok512/tok512.bin");
    struct error err = {0};
    static struct words w;
    size_t size, length, at = 4, count, used = 0;
    uint32_t *ids, previous = TOKEN_NONE;
    (void)state;

    if (!path)
        skip();
    char *file = read_all(path, &size);
    for (w.count = 0; at < size; w.count++) {
        uint32_t n;
        memcpy(&w.score[w.count], file + at, 4);
        memcpy(&n, file + at + 4, 4);
        memcpy(w.text[w.count], file + at + 8, n);
        at += 8 + n;
    }
    struct tokenizer *t = tokenizer_open(path, 512, &err);
    if (!t)
        fail_msg("%s", err.message);
    path = shared_path("data/text/tinystories-pieces/tinystories_b.txt");
    if (!path)
        skip();
    char *text = read_all(path, &length);
    for (size_t start = 0; start + 400 < length && start < 40000; start += 400)
        compare(t, &w, text + start, 400);
    assert_true(tokenizer_encode(t, text, length, &ids, &count, &err));
    char *decoded = malloc(length + TOKEN_TEXT_MAX);
    assert_non_null(decoded);
    for (size_t i = 0; i < count && used <= length; i++) {
        used += tokenizer_decode(t, previous, ids[i], decoded + used);
        previous = ids[i];
    }
    assert_int_equal(used, length);
    assert_memory_equal(decoded, text, length);
    free(decoded);
    free(ids);
    free(text);
    free(file);
    tokenizer_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_run_c), cmocka_unit_test(test_decode),
        cmocka_unit_test(test_bad_files),     cmocka_unit_test(test_text_without_tokens),
        cmocka_unit_test(test_tok512),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
