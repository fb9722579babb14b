/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an emitted folder.  Each failure is ERROR_FAILED with the path. */
#ifndef MILLRACE_GEN_VERILOG_FILE_H
#define MILLRACE_GEN_VERILOG_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

enum { LONGEST_PATH = 4096 };

/* One that is there already is good. */
bool make_folder(const char *path, struct error *err);

/* DIRECTORY/NAME opened for writing; its path goes to `path`. */
FILE *open_file(const char *directory, const char *name, char path[LONGEST_PATH],
                struct error *err);

/* Close it; what failed to be written is an error. */
bool close_file(FILE *file, const char *path, struct error *err);

bool write_bytes(const char *directory, const char *name, const void *data, size_t size,
                 struct error *err);

#endif
