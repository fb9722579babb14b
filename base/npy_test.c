/* SPDX-License-Identifier: Apache-2.0 */
#include "base/npy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A file of `values`, its header as written here, padded as NumPy does. */
static size_t make(uint8_t *out, unsigned version, const char *header, const void *values,
                   size_t size)
{
    size_t at = version == 1 ? 10 : 12, length = strlen(header);

    memcpy(out, "\x93NUMPY", 6);
    out[6] = (uint8_t)version;
    out[7] = 0;
    memset(out + 8, 0, 4);
    out[8] = (uint8_t)(length & 255);
    out[9] = (uint8_t)(length >> 8);
    memcpy(out + at, header, length);
    memcpy(out + at + length, values, size);
    return at + length + size;
}

static const float value[6] = {1, -2.5F, 3, 0, 1e-3F, 7};

static void test_taken(void **state)
{
    const double wide[6] = {1, -2.5, 3, 0, 1e-3, 7};
    const struct {
        unsigned version;
        const char *header;
        bool doubles;
    } file[] = {
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", false},
        {2, "{'shape':(2,3),'fortran_order':False,'descr':'<f4'}\n", false},
        {3, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", true},
    };
    (void)state;

    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        uint8_t data[256];
        struct arena arena = {0};
        struct npy_matrix m;
        struct error err = {0};
        size_t size = make(data, file[i].version, file[i].header,
                           file[i].doubles ? (const void *)wide : value,
                           file[i].doubles ? sizeof wide : sizeof value);
        if (!npy_read(&m, data, size, "a.npy", &arena, &err))
            fail_msg("file %zu: %s", i, err.message);
        assert_int_equal(m.rows, 2);
        assert_int_equal(m.columns, 3);
        for (int v = 0; v < 6; v++)
            if (m.value[v] != value[v])
                fail_msg("file %zu, value %d: %g, not %g", i, v, (double)m.value[v],
                         (double)value[v]);
        arena_free(&arena);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *header, *why;
    } file[] = {
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", "'<f4'"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "order"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", "two dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 1), }", "two dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", "bytes of values"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", "two dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", "two dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 3), }", "two dimensions"},
        {"{'descr': '<f4', 'shape': (2, 3), }", "order"},
        {"", "'<f4'"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        uint8_t data[256];
        struct arena arena = {0};
        struct npy_matrix m;
        struct error err = {0};
        size_t size = make(data, 1, file[i].header, value, sizeof value);
        if (npy_read(&m, data, size, "a.npy", &arena, &err))
            fail_msg("taken: %s", file[i].header);
        assert_int_equal(err.code, ERROR_INPUT);
        if (!strstr(err.message, "a.npy") || !strstr(err.message, file[i].why))
            fail_msg("%s: '%s' does not say %s", file[i].header, err.message, file[i].why);
        arena_free(&arena);
    }
}

/* Every file that is cut short is refused, and so is a value that is no number. */
static void test_damaged(void **state)
{
    const char *header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
    const float bad[6] = {1, 2, 3, 4, INFINITY, 6};
    uint8_t data[256];
    struct arena arena = {0};
    struct npy_matrix m;
    struct error err = {0};
    size_t size = make(data, 1, header, value, sizeof value);
    (void)state;

    for (size_t i = 0; i < size; i++)
        if (npy_read(&m, data, i, "a.npy", &arena, &err))
            fail_msg("taken: %zu of %zu bytes", i, size);
    size = make(data, 1, header, bad, sizeof bad);
    assert_false(npy_read(&m, data, size, "a.npy", &arena, &err));
    assert_non_null(strstr(err.message, "value 4 is not finite"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
