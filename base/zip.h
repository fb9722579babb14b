/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zip archives (PKWARE's APPNOTE.TXT 6.3): the central directory, with zip64's
 * sizes, and members that are stored or deflated.  No encryption, no parts.
 */
#ifndef MILLRACE_BASE_ZIP_H
#define MILLRACE_BASE_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/mapped_file.h"

struct zip_member {
    const char *name;     /* NUL-ended, in the arena */
    const uint8_t *bytes; /* as the file holds them, `packed_size` of them */
    uint64_t packed_size, size;
    uint32_t crc;
    uint16_t method; /* 0 stored, 8 deflated */
};

struct zip {
    const char *path; /* for messages; borrowed */
    struct zip_member *member;
    size_t count;
};

/* Is there a member's header at the file's start? */
bool zip_is(const struct mapped_file *file);

/* The members of `file`, which `path` names, into `arena`.  That all their bytes
 * are in the file is checked; their contents are for zip_member_read. */
bool zip_read(struct zip *zip, const struct mapped_file *file, const char *path,
              struct arena *arena, struct error *err);

/* NULL where there is none. */
const struct zip_member *zip_find(const struct zip *zip, const char *name);

/* The member's bytes, unpacked into `arena` where it is deflated, else in the
 * file.  ERROR_INPUT where they are not of the size or the CRC-32 that the
 * directory says. */
bool zip_member_read(const struct zip *zip, const struct zip_member *member, struct arena *arena,
                     const uint8_t **data, struct error *err);

#endif
