/* SPDX-License-Identifier: Apache-2.0 */
#include "host/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

void progress_draw(double part)
{
    int done = (int)(part * WIDTH);

    if (!isatty(STDERR_FILENO))
        return;
    if (part >= 1) {
        fprintf(stderr, "\r%*s\r", WIDTH + 8, "");
        return;
    }
    fprintf(stderr, "\r[%.*s%*s] %3d %%", done, "########################################",
            WIDTH - done, "", (int)(100 * part));
    fflush(stderr);
}
