/* SPDX-License-Identifier: Apache-2.0 */
#include "host/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/device_checked.h"

bool workplace_open(struct workplace *w, const char *mill, const char *device,
                    enum device_load load, bool check, struct error *err)
{
    const struct device_options options = {
        .load = load, .progress = command_progress, .notice = command_notice};

    if (!mill_open(&w->mill, mill, err))
        return false;
    w->device = device_open(device, &w->mill, &options, err);
    if (w->device && check)
        w->device = device_checked_open(w->device, &w->mill, err);
    if (!w->device) {
        mill_close(&w->mill);
        return false;
    }
    return true;
}

void workplace_close(struct workplace *w)
{
    device_close(w->device);
    mill_close(&w->mill);
}

int command_fail(const struct error *err)
{
    fprintf(stderr, "millrace: %s\n", err->message);
    return err->code;
}

void command_progress(void *user, uint64_t done, uint64_t total)
{
    enum { WIDTH = 40 };
    static const char bar[] = "########################################";
    int filled = (int)(done * WIDTH / total);

    (void)user;
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\rloading [%-*.*s] %3d %%%s", WIDTH, filled, bar, (int)(done * 100 / total),
            done == total ? "\n" : "");
}

void command_notice(void *user, const char *text)
{
    (void)user;
    fprintf(stderr, "\nmillrace: %s\n", text);
}

double command_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool command_flush(struct error *err)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return error_set(err, ERROR_FAILED, "standard output: %s", strerror(errno));
    return true;
}
