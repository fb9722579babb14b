/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of a .mill file, whatever kind of model they hold. */
#ifndef MILLRACE_GEN_MILL_CONTAINER_H
#define MILLRACE_GEN_MILL_CONTAINER_H

#include "base/error.h"
#include "base/mapped_file.h"
#include "gen/mill/mill_layout.h"

struct mill_section {
    const void *data; /* borrowed; NULL where the file has none of the kind */
    size_t size;
};

/* Find the sections of `file`, checked to lie in it. */
bool mill_read_sections(const struct mapped_file *file, struct mill_section section[SECTION_KINDS],
                        struct error *err);

/* Write those that have data to `path`: under another name first, then renamed,
 * so that a write that fails leaves what was there. */
bool mill_write_sections(const struct mill_section section[SECTION_KINDS], const char *path,
                         struct error *err);

#endif
