/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "testbench/test_support.h"

static void check(const char *text, const char *wanted)
{
    char *got = NULL;
    size_t size;
    FILE *file = open_memstream(&got, &size);

    assert_non_null(file);
    base64_write(file, (const uint8_t *)text, strlen(text));
    fclose(file);
    assert_string_equal(got, wanted);
    free(got);
}

/* The vectors of RFC 4648, section 10, and the last two digits. */
static void test_vectors(void **state)
{
    (void)state;
    check("", "");
    check("f", "Zg==");
    check("fo", "Zm8=");
    check("foo", "Zm9v");
    check("foob", "Zm9vYg==");
    check("fooba", "Zm9vYmE=");
    check("foobar", "Zm9vYmFy");
    check("\xfb\xef\xff", "++//");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
