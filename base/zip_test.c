/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives: written here, stored and deflated, with and without zip64's
 * sizes; then damaged at every byte. */
#include "base/zip.h"

#include <zlib.h>

#include "testbench/test_support.h"

enum { TEXT = 3000 };

static uint8_t text[TEXT];

struct layout {
    bool deflate, zip64;
};

static void put_member(struct bytes *b, struct bytes *directory, const char *name,
                       const uint8_t *data, uint32_t size, uint16_t method, uint32_t full,
                       bool zip64)
{
    uint32_t at = (uint32_t)b->size, crc = (uint32_t)crc32(0, text, full);
    uint16_t length = (uint16_t)strlen(name);

    put_u32(b, 0x04034b50);
    put_u16(b, 20), put_u16(b, 0), put_u16(b, method), put_u32(b, 0);
    put_u32(b, crc), put_u32(b, size), put_u32(b, full);
    put_u16(b, length), put_u16(b, 3);
    put_text(b, name);
    put(b, "pad", 3);
    put(b, data, size);
    put_u32(directory, 0x02014b50);
    put_u16(directory, 20), put_u16(directory, 20), put_u16(directory, 0);
    put_u16(directory, method), put_u32(directory, 0), put_u32(directory, crc);
    put_u32(directory, zip64 ? UINT32_MAX : size), put_u32(directory, zip64 ? UINT32_MAX : full);
    put_u16(directory, length), put_u16(directory, zip64 ? 20 : 0), put_u16(directory, 0);
    put_u16(directory, 0), put_u16(directory, 0), put_u32(directory, 0), put_u32(directory, at);
    put_text(directory, name);
    if (zip64) {
        put_u16(directory, 1), put_u16(directory, 16);
        put_u64(directory, full), put_u64(directory, size);
    }
}

static struct bytes write_zip(struct layout layout)
{
    struct bytes b = {0}, directory = {0};
    uint8_t packed[2 * TEXT];
    z_stream stream = {
        .next_in = text, .avail_in = TEXT, .next_out = packed, .avail_out = sizeof packed};

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, 0), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    put_member(&b, &directory, "first", text, 10, 0, 10, layout.zip64);
    if (layout.deflate)
        put_member(&b, &directory, "folder/second", packed, (uint32_t)stream.total_out, 8, TEXT,
                   layout.zip64);
    deflateEnd(&stream);
    uint64_t at = b.size, count = layout.deflate ? 2 : 1;
    put(&b, directory.data, directory.size);
    if (layout.zip64) {
        uint64_t end = b.size;
        put_u32(&b, 0x06064b50), put_u64(&b, 44), put_u16(&b, 45), put_u16(&b, 45);
        put_u32(&b, 0), put_u32(&b, 0), put_u64(&b, count), put_u64(&b, count);
        put_u64(&b, directory.size), put_u64(&b, at);
        put_u32(&b, 0x07064b50), put_u32(&b, 0), put_u64(&b, end), put_u32(&b, 1);
    }
    put_u32(&b, 0x06054b50), put_u32(&b, 0);
    put_u16(&b, (uint16_t)count), put_u16(&b, (uint16_t)count);
    put_u32(&b, (uint32_t)directory.size), put_u32(&b, (uint32_t)at);
    put_u16(&b, 4), put(&b, "note", 4);
    bytes_free(&directory);
    return b;
}

/* Every member read; false where any is refused. */
static bool read_whole(const struct mapped_file *file, struct error *err)
{
    struct arena arena = {0};
    struct zip zip;
    const uint8_t *data;
    bool ok = zip_read(&zip, file, "a.zip", &arena, err);

    for (size_t i = 0; ok && i < zip.count; i++)
        ok = zip_member_read(&zip, &zip.member[i], &arena, &data, err) &&
             memcmp(data, text, (size_t)zip.member[i].size) == 0;
    arena_free(&arena);
    return ok;
}

static const struct layout layouts[] = {{false, false}, {true, false}, {true, true}};

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < TEXT; i++)
        text[i] = (uint8_t)(i * i / 7 % 50);
    return 0;
}

static void test_good(void **state)
{
    (void)state;

    for (size_t l = 0; l < sizeof layouts / sizeof *layouts; l++) {
        struct bytes b = write_zip(layouts[l]);
        struct mapped_file file = {b.data, b.size};
        struct arena arena = {0};
        struct error err = {0};
        struct zip zip = {0};
        assert_true(zip_is(&file));
        if (!read_whole(&file, &err) || !zip_read(&zip, &file, "a.zip", &arena, &err))
            fail_msg("layout %zu: %s", l, err.message);
        assert_int_equal(zip.count, layouts[l].deflate ? 2 : 1);
        assert_int_equal(zip_find(&zip, "first")->size, 10);
        assert_true((zip_find(&zip, "folder/second") != NULL) == layouts[l].deflate);
        assert_null(zip_find(&zip, "third"));
        arena_free(&arena);
        bytes_free(&b);
    }
}

/* Nothing may be read outside, which AddressSanitizer sees; and what is cut is
 * refused. */
static void test_damaged(void **state)
{
    (void)state;

    for (size_t l = 0; l < sizeof layouts / sizeof *layouts; l++) {
        struct bytes b = write_zip(layouts[l]);
        struct error err = {0};
        for (size_t size = 0; size < b.size; size++) {
            struct mapped_file file = exact_copy(b.data, size);
            assert_refused(read_whole(&file, &err), &err, "a.zip");
            free((void *)(uintptr_t)file.data);
        }
        for (size_t at = 0; at < b.size; at++) {
            struct mapped_file file = exact_copy(b.data, b.size);
            ((uint8_t *)(uintptr_t)file.data)[at] ^= 0xFF;
            read_whole(&file, &err);
            free((void *)(uintptr_t)file.data);
        }
        bytes_free(&b);
    }
}

static void test_wrong_crc(void **state)
{
    struct bytes b = write_zip(layouts[1]);
    struct mapped_file file = {b.data, b.size};
    struct error err = {0};
    (void)state;

    b.data[30 + 5 + 3] ^= 1; /* the first byte of the first member */
    assert_refused(read_whole(&file, &err), &err, "member first: its CRC does not match");
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_wrong_crc),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
