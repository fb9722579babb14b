/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .mill file, little endian:
 *
 *   0   8 bytes  "MILLRACE"
 *   8   u32      version, 1
 *   12  u32      number of sections
 *   16  sections: u32 kind, u32 0, u64 offset, u64 size; offsets are multiples
 *       of 64 and count from the start of the file
 *
 * Sections, each at most once.  Of a language model: shape (mill_layout.h),
 * tape, embedding mantissas, embedding scales, rope table, tokenizer, floats
 * (may be absent), mixer (of a Mamba model alone, which has an empty rope table),
 * features (of a classifier alone, which has no tokenizer and an empty embedding).
 * Of an image network: network, integers, floats
 * (image_mill.c).
 */
#include "gen/mill/container.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/little_endian.h"

bool mill_read_sections(const struct mapped_file *file, struct mill_section section[SECTION_KINDS],
                        struct error *err)
{
    if (file->size < MILL_HEADER_BYTES || memcmp(file->data, MILL_MAGIC, 8) != 0)
        return error_set(err, ERROR_INPUT, "not a .mill file");
    if (load_u32(file->data + 8) != MILL_VERSION)
        return error_set(err, ERROR_INPUT, "version %u of the format; this program reads %u",
                         load_u32(file->data + 8), MILL_VERSION);
    uint32_t count = load_u32(file->data + 12);
    if (count > SECTION_KINDS ||
        file->size < MILL_HEADER_BYTES + (size_t)count * MILL_SECTION_BYTES)
        return error_set(err, ERROR_INPUT, "byte 12: %u sections do not fit", count);

    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = file->data + MILL_HEADER_BYTES + (size_t)i * MILL_SECTION_BYTES;
        uint32_t kind = load_u32(entry);
        uint64_t offset = load_u64(entry + 8), size = load_u64(entry + 16);
        if (kind >= SECTION_KINDS || section[kind].data)
            return error_set(err, ERROR_INPUT, "section %u: kind %u is unknown or twice", i, kind);
        if (offset % MILL_ALIGNMENT != 0 || offset > file->size || size > file->size - offset)
            return error_set(err, ERROR_INPUT, "section %u: bytes %llu+%llu are not in the file", i,
                             (unsigned long long)offset, (unsigned long long)size);
        section[kind] = (struct mill_section){file->data + offset, (size_t)size};
    }
    return true;
}

static uint64_t align_up(uint64_t offset)
{
    return (offset + MILL_ALIGNMENT - 1) / MILL_ALIGNMENT * MILL_ALIGNMENT;
}

static bool write_parts(FILE *file, const struct mill_section part[SECTION_KINDS])
{
    uint8_t head[MILL_HEADER_BYTES + SECTION_KINDS * MILL_SECTION_BYTES] = MILL_MAGIC;
    static const uint8_t zero[MILL_ALIGNMENT];
    uint64_t offset = align_up(sizeof head), at = sizeof head;
    uint32_t count = 0;

    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        if (!part[kind].data)
            continue;
        uint8_t *entry = head + MILL_HEADER_BYTES + (size_t)count++ * MILL_SECTION_BYTES;
        store_u32(entry, (uint32_t)kind);
        store_u64(entry + 8, offset);
        store_u64(entry + 16, part[kind].size);
        offset = align_up(offset + part[kind].size);
    }
    store_u32(head + 8, MILL_VERSION);
    store_u32(head + 12, count);
    fwrite(head, 1, sizeof head, file);
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        if (!part[kind].data)
            continue;
        fwrite(zero, 1, (size_t)(align_up(at) - at), file);
        fwrite(part[kind].data, 1, part[kind].size, file);
        at = align_up(at) + part[kind].size;
    }
    return !ferror(file);
}

bool mill_write_sections(const struct mill_section section[SECTION_KINDS], const char *path,
                         struct error *err)
{
    char temporary[4096];

    if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", path);
    FILE *file = fopen(temporary, "wb");
    if (!file)
        return error_set(err, ERROR_FAILED, "%s: %s", temporary, strerror(errno));
    bool written = write_parts(file, section);
    if (fclose(file) != 0 || !written || rename(temporary, path) != 0) {
        error_set(err, ERROR_FAILED, "%s: cannot write: %s", path, strerror(errno));
        unlink(temporary);
        return false;
    }
    return true;
}
