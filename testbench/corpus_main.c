/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target once on each file of the folders named, without libFuzzer:
 *
 *     corpus_main FOLDER...
 *
 * A target that fails aborts the program; the last line says which file it was.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/mapped_file.h"
#include "testbench/fuzz_support.h"

static int run_file(const char *path)
{
    struct mapped_file file;
    struct error err = {0};

    if (!mapped_file_open(&file, path, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%s\n", path);
    fflush(stdout);
    /* Memory of exactly its size, so that AddressSanitizer sees a read behind it. */
    uint8_t *copy = malloc(file.size ? file.size : 1);
    if (!copy)
        return 1;
    if (file.size)
        memcpy(copy, file.data, file.size);
    LLVMFuzzerTestOneInput(copy, file.size);
    free(copy);
    mapped_file_close(&file);
    return 0;
}

/* The number of files that were run, or -1. */
static int run_folder(const char *folder)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort), run = 0;

    if (count < 0) {
        perror(folder);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && run >= 0)
            run = run_file(path) == 0 ? run + 1 : -1;
        free(entry[i]);
    }
    free(entry);
    return run;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (run_folder(argv[i]) <= 0)
            return 1; /* an empty corpus proves nothing */
    return argc > 1 ? 0 : 2;
}
