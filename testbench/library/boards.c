/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: boards CHANGES
 *
 * An example of libmillrace: prints boards on USB as they are plugged in and pulled out,
 * first those that are there, until there have been so many changes.
 */
#include <libmillrace.h>

#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 1000 };

int main(int argc, char **argv)
{
    long changes = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    struct millrace_error error;
    struct millrace_board board;

    millrace_watch *watch = millrace_watch_open(&error);
    if (!watch) {
        fprintf(stderr, "boards: %s\n", error.message);
        return EXIT_FAILURE;
    }
    while (changes > 0) {
        enum millrace_change change = millrace_watch_next(watch, PATIENCE_MS, &board);
        if (change == MILLRACE_NO_CHANGE)
            continue;
        printf("%s %s, %s\n", board.name, change == MILLRACE_ARRIVED ? "arrived" : "left",
               board.speed);
        fflush(stdout);
        changes--;
    }
    millrace_watch_close(watch);
    return EXIT_SUCCESS;
}
