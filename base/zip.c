/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zip.h"

#include <string.h>
#include <zlib.h>

#include "base/little_endian.h"
#include "base/reader.h"

enum {
    MEMBER_MAGIC = 0x04034b50,    /* APPNOTE 4.3.7 */
    DIRECTORY_MAGIC = 0x02014b50, /* 4.3.12 */
    END64_MAGIC = 0x06064b50,     /* 4.3.14 */
    LOCATOR_MAGIC = 0x07064b50,   /* 4.3.15 */
    END_MAGIC = 0x06054b50,       /* 4.3.16 */
    MEMBER_BYTES = 30,
    DIRECTORY_BYTES = 46,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    END_BYTES = 22,
    LONGEST_COMMENT = 65535,
    ZIP64_FIELD = 1, /* 4.5.3 */
    ENCRYPTED = 1,
    DEFLATED = 8,
    MOST_INFLATION = 1032, /* deflate's limit: 258 bytes for 2 bits */
};

struct directory {
    uint64_t count, offset;
};

bool zip_is(const struct mapped_file *file)
{
    return file->size >= 4 && load_u32(file->data) == MEMBER_MAGIC;
}

/* The last record of the file, before whose comment nothing else can stand. */
static const uint8_t *find_end(const struct mapped_file *file)
{
    for (size_t comment = 0; comment <= LONGEST_COMMENT; comment++) {
        if (file->size < END_BYTES + comment)
            return NULL;
        const uint8_t *end = file->data + file->size - END_BYTES - comment;
        if (load_u32(end) == END_MAGIC && load_u16(end + 20) == comment)
            return end;
    }
    return NULL;
}

static bool find_directory(const struct mapped_file *file, const char *path,
                           struct directory *directory, struct error *err)
{
    const uint8_t *end = find_end(file);

    if (!end)
        return error_set(err, ERROR_INPUT, "%s: a zip archive without its end", path);
    *directory = (struct directory){load_u16(end + 10), load_u32(end + 16)};
    if (end - file->data < LOCATOR_BYTES || load_u32(end - LOCATOR_BYTES) != LOCATOR_MAGIC)
        return true;
    uint64_t at = load_u64(end - LOCATOR_BYTES + 8);
    if (at > file->size || file->size - at < END64_BYTES ||
        load_u32(file->data + at) != END64_MAGIC)
        return error_set(err, ERROR_INPUT, "%s: byte %zu: zip64's end is not where this says", path,
                         (size_t)(end - LOCATOR_BYTES - file->data));
    *directory = (struct directory){load_u64(file->data + at + 32), load_u64(file->data + at + 48)};
    return true;
}

/* The 64-bit values stand in this order, each only where its 32 bits are full. */
static bool read_zip64(const uint8_t *extra, size_t size, uint64_t *const value[3])
{
    struct reader r = {.name = "", .data = extra, .size = size};

    while (r.size - r.at >= 4) {
        uint16_t id = load_u16(extra + r.at), length = load_u16(extra + r.at + 2);
        r.at += 4;
        if (length > r.size - r.at)
            return false;
        size_t next = r.at + length;
        for (int i = 0; id == ZIP64_FIELD && i < 3; i++) {
            if (*value[i] != UINT32_MAX)
                continue;
            if (next - r.at < 8)
                return false;
            *value[i] = load_u64(extra + r.at);
            r.at += 8;
        }
        r.at = next;
    }
    return true;
}

/* Where the member's bytes are: behind its own header, whose extra field may
 * differ from the directory's. */
static bool find_bytes(const struct mapped_file *file, uint64_t offset, struct zip_member *member)
{
    if (offset > file->size || file->size - offset < MEMBER_BYTES ||
        load_u32(file->data + offset) != MEMBER_MAGIC)
        return false;
    const uint8_t *header = file->data + offset;
    uint64_t skip = (uint64_t)MEMBER_BYTES + load_u16(header + 26) + load_u16(header + 28);
    if (skip > file->size - offset || member->packed_size > file->size - offset - skip)
        return false;
    member->bytes = header + skip;
    return true;
}

static bool read_member(struct zip *zip, struct reader *r, const struct mapped_file *file,
                        struct arena *arena, struct error *err)
{
    struct zip_member *member = &zip->member[zip->count];
    const uint8_t *entry, *name, *rest;

    if (!reader_take(r, DIRECTORY_BYTES, 1, "directory", &entry, err))
        return false;
    size_t at = r->at - DIRECTORY_BYTES;
    if (load_u32(entry) != DIRECTORY_MAGIC)
        return error_set(err, ERROR_INPUT, "%s: byte %zu: no entry of a directory", r->name, at);
    size_t name_size = load_u16(entry + 28), extra = load_u16(entry + 30);
    if (!reader_take(r, name_size, 1, "name of a member", &name, err) ||
        !reader_take(r, extra + load_u16(entry + 32), 1, "directory", &rest, err))
        return false;
    uint64_t offset = load_u32(entry + 42);
    *member = (struct zip_member){.name = arena_copy(arena, (const char *)name, name_size),
                                  .method = load_u16(entry + 10),
                                  .crc = load_u32(entry + 16),
                                  .packed_size = load_u32(entry + 20),
                                  .size = load_u32(entry + 24)};
    if (!member->name)
        return error_set(err, ERROR_FAILED, "%s: out of memory", r->name);
    uint64_t *const wide[3] = {&member->size, &member->packed_size, &offset};
    if (!read_zip64(rest, extra, wide) || !find_bytes(file, offset, member))
        return error_set(err, ERROR_INPUT, "%s: byte %zu: member %s: its bytes are not in the file",
                         r->name, at, member->name);
    if ((load_u16(entry + 8) & ENCRYPTED) || (member->method != 0 && member->method != DEFLATED))
        return error_set(err, ERROR_INPUT,
                         "%s: member %s: encryption or method %u is not supported", r->name,
                         member->name, member->method);
    zip->count++;
    return true;
}

bool zip_read(struct zip *zip, const struct mapped_file *file, const char *path,
              struct arena *arena, struct error *err)
{
    struct reader r = {.name = path, .data = file->data, .size = file->size};
    struct directory directory;

    *zip = (struct zip){.path = path};
    if (!find_directory(file, path, &directory, err))
        return false;
    if (directory.offset > file->size ||
        directory.count > (file->size - directory.offset) / DIRECTORY_BYTES)
        return error_set(err, ERROR_INPUT, "%s: a directory of %llu members is not in the file",
                         path, (unsigned long long)directory.count);
    r.at = (size_t)directory.offset;
    zip->member = arena_alloc(arena, (size_t)directory.count, sizeof *zip->member);
    if (!zip->member)
        return error_set(err, ERROR_FAILED, "%s: out of memory", path);
    while (zip->count < directory.count)
        if (!read_member(zip, &r, file, arena, err))
            return false;
    return true;
}

const struct zip_member *zip_find(const struct zip *zip, const char *name)
{
    for (size_t i = 0; i < zip->count; i++)
        if (strcmp(zip->member[i].name, name) == 0)
            return &zip->member[i];
    return NULL;
}

/* Inflate into exactly member->size bytes. */
static bool inflate_member(const struct zip_member *member, uint8_t *out)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)member->bytes,
                       .avail_in = (uInt)member->packed_size,
                       .avail_out = (uInt)member->size};

    stream.next_out = out;
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    bool done = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
    inflateEnd(&stream);
    return done;
}

static bool unpack(const struct zip_member *member, struct arena *arena, const uint8_t **data)
{
    if (member->method == 0) {
        *data = member->bytes;
        return member->size == member->packed_size;
    }
    if (member->size > UINT32_MAX || member->packed_size > UINT32_MAX ||
        member->size / MOST_INFLATION > member->packed_size)
        return false;
    uint8_t *out = arena_alloc(arena, (size_t)member->size, 1);
    *data = out;
    return out && inflate_member(member, out);
}

static uint32_t crc_of(const uint8_t *data, uint64_t size)
{
    uLong crc = crc32(0, NULL, 0);

    for (uint64_t at = 0; at < size;) {
        uint64_t part = size - at < UINT32_MAX ? size - at : UINT32_MAX;
        crc = crc32(crc, data + at, (uInt)part);
        at += part;
    }
    return (uint32_t)crc;
}

bool zip_member_read(const struct zip *zip, const struct zip_member *member, struct arena *arena,
                     const uint8_t **data, struct error *err)
{
    if (!unpack(member, arena, data))
        return error_set(err, ERROR_INPUT, "%s: member %s cannot be unpacked", zip->path,
                         member->name);
    if (crc_of(*data, member->size) != member->crc)
        return error_set(err, ERROR_INPUT, "%s: member %s: its CRC does not match", zip->path,
                         member->name);
    return true;
}
