/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces against those that the tokenizers library cuts by the patterns. */
#include "host/tokenizer/pre_tokenise.h"
#include "host/tokenizer/unicode_class.h"
#include "testbench/test_support.h"

/* `pieces` has a bar between pieces and no other bars. */
static void check(enum pre_tokeniser kind, const char *pieces)
{
    char text[256];
    size_t length = 0, at = 0;

    for (const char *p = pieces; *p; p++)
        if (*p != '|')
            text[length++] = *p;
    for (const char *p = pieces; at < length;) {
        size_t wanted = strcspn(p, "|"), got = pre_token_length(kind, text + at, length - at);
        if (got != wanted)
            fail_msg("kind %d, \"%s\": %zu bytes at byte %zu, not %zu", kind, pieces, got, at,
                     wanted);
        at += got;
        p += wanted + 1;
    }
}

static void test_gpt2(void **state)
{
    static const char *const texts[] = {
        "Once| upon| a| time",
        "it|'s| I|'ll| don|'t| we|'ve| they|'re| I|'m| he|'d",
        "IT|'|S",
        "'|x",
        "a| | b",
        "a|  | b",
        "a|\n|\n|b",
        "a| \n| b",
        "end|  ",
        " ",
        "\t|x",
        "12|ab| 34|,| ?!...",
        "\xc3\xa9\xe6\x97\xa5| \xd0\xb6", /* letters beyond ASCII */
        "a|\xc2\xb2\xe2\x85\xa7| 3",      /* superscript two, Roman eight */
        "a|\xc2\xa0|b",                   /* a no-break space is white, not ' ' */
        "e|\xcc\x81|x",                   /* a combining accent is no letter */
        "x|\xff\xfe|y",                   /* no UTF-8 */
        "\xf0\x9f\x98\x80!|a",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(PRE_GPT2, texts[i]);
}

static void test_gpt2_digits(void **state)
{
    static const char *const texts[] = {
        "ab|1|2| c", "a| |1", "a|  |1| b", "a| | b", "1|,|2|'s", "\xc2\xb2|\xe2\x85\xa7|x",
        "a|\n|1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(PRE_GPT2_DIGITS, texts[i]);
}

static void test_llama3(void **state)
{
    static const char *const texts[] = {
        "IT|'S| It|'s",
        "\tx|.y| z",
        "123|456|7| |89",
        "a|\n\n|b",
        "a| \n\n| b",
        "a|  \n| | b",
        "!!\n\n|x",
        " ?\r\n|x",
        "a|  | b",
        "a|   ",
        "(a|)b|(|1|)",
        "'x",
        "\xe2\x80\x9c\xc3\xa9",
        "\n|x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(PRE_LLAMA3, texts[i]);
}

static void test_whole(void **state)
{
    (void)state;
    check(PRE_WHOLE, "a b\nc 12");
}

/* Every byte of any text is in a piece, and pieces are not empty. */
static void test_any_bytes(void **state)
{
    enum { SEED = 5 };
    static const char bytes[] = "ab 1\n\r\t'.\xc3\xa9\xff\xe6\x97\xa5s";
    uint64_t seed = SEED;
    char text[64];
    (void)state;

    for (int n = 0; n < 20000; n++) {
        size_t length = 1 + next_random(&seed) % sizeof text, at;
        for (size_t i = 0; i < length; i++)
            text[i] = bytes[next_random(&seed) % (sizeof bytes - 1)];
        enum pre_tokeniser kind = next_random(&seed) % PRE_TOKENISERS;
        for (at = 0; at < length;) {
            size_t piece = pre_token_length(kind, text + at, length - at);
            if (piece == 0 || piece > length - at)
                fail_msg("kind %d: a piece of %zu bytes of %zu (seed %d, round %d)", kind, piece,
                         length - at, SEED, n);
            at += piece;
        }
    }
}

static void test_utf8(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        uint32_t point;
    } cases[] = {
        {"A", 1, 'A'},
        {"\xc3\xa9", 2, 0xe9},
        {"\xe2\x96\x81", 3, 0x2581},
        {"\xf0\x9f\x98\x80", 4, 0x1f600},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\xf4\x90\x80\x80", 1, 0xfffd}, /* beyond the last */
        {"\xc0\x80", 1, 0xfffd},         /* too long for what it is */
        {"\xe0\x9f\xbf", 1, 0xfffd},
        {"\xed\xa0\x80", 1, 0xfffd}, /* a surrogate */
        {"\xe2\x96", 1, 0xfffd},     /* cut short */
        {"\x80", 1, 0xfffd},
        {"\xff", 1, 0xfffd},
    };
    uint32_t point;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t bytes = utf8_decode(cases[i].text, strlen(cases[i].text), &point);
        if (bytes != cases[i].bytes || point != cases[i].point)
            fail_msg("case %zu: %zu bytes, U+%04X", i, bytes, point);
    }
}

static void test_classes(void **state)
{
    static const struct {
        uint32_t point;
        enum unicode_class class;
    } cases[] = {
        {'a', UNICODE_LETTER},    {'Z', UNICODE_LETTER},     {'@', UNICODE_OTHER},
        {'[', UNICODE_OTHER},     {'5', UNICODE_NUMBER},     {'_', UNICODE_OTHER},
        {0xaa, UNICODE_LETTER},   {0xd7, UNICODE_OTHER},     {0x2b0, UNICODE_LETTER},
        {0x660, UNICODE_NUMBER},  {0x2167, UNICODE_NUMBER},  {0xbd, UNICODE_NUMBER},
        {0x4e00, UNICODE_LETTER}, {0x10ffff, UNICODE_OTHER}, {0x3000, UNICODE_SPACE},
        {0x85, UNICODE_SPACE},    {0x200b, UNICODE_OTHER},   {0x1d400, UNICODE_LETTER},
        {0x1c, UNICODE_OTHER},    {0x301, UNICODE_OTHER},    {0x31350, UNICODE_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (unicode_class(cases[i].point) != cases[i].class)
            fail_msg("U+%04X: class %d, not %d", cases[i].point, unicode_class(cases[i].point),
                     cases[i].class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gpt2),      cmocka_unit_test(test_gpt2_digits),
        cmocka_unit_test(test_llama3),    cmocka_unit_test(test_whole),
        cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
