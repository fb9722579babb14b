/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/import/safetensors.h"
#include "testbench/test_support.h"

/* A file of this header and `data` bytes of data. */
static struct bytes make_file(const char *header, size_t data)
{
    struct bytes b = {0};
    put_u64(&b, strlen(header));
    put_text(&b, header);
    for (size_t i = 0; i < data; i++)
        put_u8(&b, (uint8_t)i);
    return b;
}

static void refuse(const char *header, size_t data, const char *wanted)
{
    struct bytes b = make_file(header, data);
    struct mapped_file file = exact_copy(b.data, b.size);
    struct tensor_table table;
    struct arena arena = {0};
    struct error err = {0};

    bool accepted = safetensors_read(&table, &file, "bad.safetensors", &arena, &err);
    arena_free(&arena);
    free((void *)(uintptr_t)file.data);
    bytes_free(&b);
    assert_refused(accepted, &err, "bad.safetensors: ");
    assert_refused(accepted, &err, wanted);
}

static void test_good(void **state)
{
    struct bytes b = make_file("{\"__metadata__\":{\"format\":\"pt\"},"
                               "\"b\":{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[8,20]},"
                               "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                               "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[20,28]}}  ",
                               28);
    struct mapped_file file = {.data = b.data, .size = b.size};
    struct tensor_table table;
    struct arena arena = {0};
    struct error err = {0};
    struct weight w;
    float row[3];
    (void)state;

    if (!safetensors_read(&table, &file, "good", &arena, &err) || !tensor_table_sort(&table, &err))
        fail_msg("%s", err.message);
    assert_int_equal(table.count, 3);
    assert_true(tensor_take(&table, "good", "b", 2, 3, &w, &err));
    weight_row(&w, 1, row);
    assert_true(row[2] == 0.0008630752563476562f); /* bytes 18, 19 as binary16 */
    assert_true(tensor_take(&table, "good", "a", 1, 2, &w, &err));
    assert_refused(tensor_take(&table, "good", "a", 2, 1, &w, &err), &err,
                   "tensor a: shape [2], not [2, 1]");
    assert_refused(tensor_take(&table, "good", "c", 1, 1, &w, &err), &err,
                   "tensor c: type I64 is not supported");
    assert_refused(tensor_take(&table, "good", "d", 1, 1, &w, &err), &err,
                   "good: tensor d is missing");
    arena_free(&arena);
    bytes_free(&b);
}

static void test_bad_headers(void **state)
{
    static const struct {
        const char *header;
        size_t data;
        const char *wanted;
    } faults[] = {
        {"", 0, "line 1, column 0"},
        {"{", 0, "line 1, column 1"},
        {"[]", 0, "not a JSON object"},
        {"{} x", 0, "end of file expected"},
        {"{\"a\":\"\xff\"}", 0, "unable to decode byte 0xff"},
        {"{\"a\":1,\"a\":1}", 0, "duplicate"},
        {"{\"a\":1}", 0, "tensor a: dtype is not a string"},
        {"{\"a\":{\"dtype\":4}}", 0, "tensor a: dtype is not a string"},
        {"{\"a\":{\"dtype\":\"F32\"}}", 0, "tensor a: shape is not an array"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
         "tensor a: shape has something other"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4,
         "tensor a: shape has something other"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4,
         "too big integer"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0,
         "tensor a: shape overflows"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0,
         "tensor a: 0 bytes of data"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets is not two"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "is not two"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,-4]}}", 4, "is not two"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "[4, 0] in 4"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "[0, 4] in 3"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
         "4 bytes of data for 2 elements"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5,
         "1 bytes after the last tensor"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}", 5,
         "tensor a: begins at 1 where the one before ends at 0"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[2,6]}}",
         6, "tensor b: begins at 2 where the one before ends at 4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        refuse(faults[i].header, faults[i].data, faults[i].wanted);
}

static void test_truncated(void **state)
{
    struct bytes b =
        make_file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
    (void)state;
    for (size_t size = 0; size < b.size; size++) {
        struct mapped_file file = exact_copy(b.data, size);
        struct tensor_table table;
        struct arena arena = {0};
        struct error err = {0};
        bool accepted = safetensors_read(&table, &file, "bad", &arena, &err);
        arena_free(&arena);
        free((void *)(uintptr_t)file.data);
        assert_refused(accepted, &err, "bad: ");
    }
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
