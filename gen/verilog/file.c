/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool make_folder(const char *path, struct error *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return true;
    return error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
}

FILE *open_file(const char *directory, const char *name, char path[LONGEST_PATH], struct error *err)
{
    int length = snprintf(path, LONGEST_PATH, "%s/%s", directory, name);
    FILE *file = length < LONGEST_PATH ? fopen(path, "wb") : NULL;

    if (!file)
        error_set(err, ERROR_FAILED, "%s/%s: %s", directory, name,
                  length < LONGEST_PATH ? strerror(errno) : "the path is too long");
    return file;
}

bool close_file(FILE *file, const char *path, struct error *err)
{
    bool bad = ferror(file) != 0;

    if (fclose(file) != 0 || bad)
        return error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    return true;
}

bool write_bytes(const char *directory, const char *name, const void *data, size_t size,
                 struct error *err)
{
    char path[LONGEST_PATH];
    FILE *file = open_file(directory, name, path, err);

    if (!file)
        return false;
    fwrite(data, 1, size, file);
    return close_file(file, path, err);
}
