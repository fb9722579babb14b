/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded files against the tree that they come from (run in its root). */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mapped_file.h"
#include "gen/verilog/embedded.h"

static void assert_same_as_on_disk(const struct embedded_file *file)
{
    struct mapped_file disk;
    struct error err;

    if (!mapped_file_open(&disk, file->name, &err))
        fail_msg("%s", err.message);
    if (disk.size != file->size)
        fail_msg("%s: %zu bytes embedded, %zu on disk", file->name, file->size, disk.size);
    for (size_t i = 0; i < disk.size; i++)
        if ((uint8_t)file->data[i] != disk.data[i])
            fail_msg("%s: byte %zu differs", file->name, i);
    if (file->data[file->size] != '\0')
        fail_msg("%s: no NUL after the last byte", file->name);
    mapped_file_close(&disk);
}

static void test_every_file_is_as_on_disk(void **state)
{
    (void)state;
    for (size_t i = 0; i < embedded_file_count; i++)
        assert_same_as_on_disk(&embedded_files[i]);
}

static void test_names_are_sorted_and_ended(void **state)
{
    (void)state;
    for (size_t i = 1; i < embedded_file_count; i++)
        if (strcmp(embedded_files[i - 1].name, embedded_files[i].name) >= 0)
            fail_msg("%s is not before %s", embedded_files[i - 1].name, embedded_files[i].name);
    assert_null(embedded_files[embedded_file_count].name);
}

static void test_no_file_is_left_out(void **state)
{
    glob_t found = {0};

    (void)state;
    glob("rtl/*.v", 0, NULL, &found);
    glob("testbench/sim/*.cpp", GLOB_APPEND, NULL, &found);
    glob("testbench/sim/*.h", GLOB_APPEND, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t at = 0;
        while (at < embedded_file_count && strcmp(embedded_files[at].name, found.gl_pathv[i]) != 0)
            at++;
        if (at == embedded_file_count)
            fail_msg("%s is not embedded", found.gl_pathv[i]);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_file_is_as_on_disk),
        cmocka_unit_test(test_names_are_sorted_and_ended),
        cmocka_unit_test(test_no_file_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
