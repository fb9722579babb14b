/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for libFuzzer's main: runs the harness that it is linked with on
 * each file named on the command line.  A fault ends the program by its
 * sanitizer; the file that did it is the last one named.
 */
#include <stdio.h>

#include "base/mapped_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct mapped_file input;
        struct error err;

        printf("# %s\n", argv[i]);
        fflush(stdout);
        if (!mapped_file_open(&input, argv[i], &err)) {
            fprintf(stderr, "%s\n", err.message);
            return err.code;
        }
        LLVMFuzzerTestOneInput(input.data, input.size);
        mapped_file_close(&input);
    }
    return 0;
}
