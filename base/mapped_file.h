/* SPDX-License-Identifier: Apache-2.0 */
/* A file mapped read-only into memory; mapped, not slurped. */
#ifndef MILLRACE_BASE_MAPPED_FILE_H
#define MILLRACE_BASE_MAPPED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mapped_file {
    const uint8_t *data; /* NULL for an empty file */
    size_t size;         /* bytes */
};

/* Map `path`.  ERROR_INPUT with the path and the system's reason otherwise. */
bool mapped_file_open(struct mapped_file *file, const char *path, struct error *err);

void mapped_file_close(struct mapped_file *file);

#endif
