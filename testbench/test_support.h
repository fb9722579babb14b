/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What unit tests of parsers share: building files byte by byte, folders to put
 * them in, the shared models where they are present, and what an error must say.
 */
#ifndef MILLRACE_TESTBENCH_TEST_SUPPORT_H
#define MILLRACE_TESTBENCH_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/mapped_file.h"

/* A file on its way to being written. */
struct bytes {
    uint8_t *data; /* malloc'd */
    size_t size, room;
};

static inline void put(struct bytes *b, const void *data, size_t size)
{
    if (b->room - b->size < size) {
        b->room = 2 * (b->room + size);
        b->data = realloc(b->data, b->room);
        assert_non_null(b->data);
    }
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
}

static inline void put_u8(struct bytes *b, uint8_t value)
{
    put(b, &value, sizeof value);
}

static inline void put_u16(struct bytes *b, uint16_t value)
{
    put(b, &value, sizeof value);
}

static inline void put_u32(struct bytes *b, uint32_t value)
{
    put(b, &value, sizeof value);
}

static inline void put_u64(struct bytes *b, uint64_t value)
{
    put(b, &value, sizeof value);
}

static inline void put_f32(struct bytes *b, float value)
{
    put(b, &value, sizeof value);
}

static inline void put_text(struct bytes *b, const char *text)
{
    put(b, text, strlen(text));
}

static inline void bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}

/* The first `size` bytes in memory of exactly that size, so that AddressSanitizer
 * sees a read behind the end.  Free the data. */
static inline struct mapped_file exact_copy(const void *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size)
        memcpy(copy, data, size);
    return (struct mapped_file){.data = copy, .size = size};
}

/* xorshift64*, for values that a seed repeats. */
static inline uint32_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 2685821657736338717u >> 32);
}

/* -1 to 1 */
static inline float next_float(uint64_t *state)
{
    return (float)(int32_t)next_random(state) / 2147483648.0f;
}

/* The path of `name` in the folder of shared models and data, or NULL where it
 * is not there: then skip().  Static memory. */
static inline const char *shared_path(const char *name)
{
    static char path[4096];
    const char *folder = getenv("MILLRACE_SHARED");

    snprintf(path, sizeof path, "%s/%s", folder ? folder : "../shared", name);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* A whole file in malloc'd memory. */
static inline char *read_all(const char *path, size_t *size)
{
    struct mapped_file file;
    struct error err = {0};

    if (!mapped_file_open(&file, path, &err))
        fail_msg("%s", err.message);
    char *data = malloc(file.size + 1);
    assert_non_null(data);
    if (file.size)
        memcpy(data, file.data, file.size);
    data[file.size] = '\0';
    *size = file.size;
    mapped_file_close(&file);
    return data;
}

/* A new empty folder; static memory.  remove_folder() deletes it and its files. */
static inline const char *make_folder(void)
{
    static char folder[64];
    snprintf(folder, sizeof folder, "/tmp/millrace-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static inline void remove_folder(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static inline void write_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The input was refused, and the message has `wanted` in it. */
static inline void assert_refused(bool accepted, const struct error *err, const char *wanted)
{
    if (accepted)
        fail_msg("accepted, not refused with \"%s\"", wanted);
    if (err->code != ERROR_INPUT || !strstr(err->message, wanted))
        fail_msg("error %d \"%s\", not %d with \"%s\"", err->code, err->message, ERROR_INPUT,
                 wanted);
}

#endif
