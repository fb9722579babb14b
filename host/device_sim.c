/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation in a folder that `millgen emit` wrote. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "host/device_backend.h"
#include "host/interrupt.h"
#include "host/transport_sim.h"

enum { PATH_BYTES = 4096 };

static bool join(char path[PATH_BYTES], const char *folder, const char *file, struct error *err)
{
    int n = snprintf(path, PATH_BYTES, "%s/%s", folder, file);
    if (n < 0 || n >= PATH_BYTES)
        return error_set(err, ERROR_INPUT, "%s: the name is too long", folder);
    return true;
}

/* What a board's design states, in design.json. */
static bool read_design(const char *folder, struct device_info *info, struct error *err)
{
    char path[PATH_BYTES];
    if (!join(path, folder, "design.json", err))
        return false;
    json_t *design = json_open(path, err);
    if (!design)
        return error_prefix(err, "sim");
    bool read = json_read_number(design, path, "clock_hz", &info->clock_hz, err) &&
                json_read_number(design, path, "memory_bytes_per_cycle",
                                 &info->memory_bytes_per_cycle, err);
    json_decref(design);
    if (read && !(info->clock_hz > 0 && info->memory_bytes_per_cycle > 0))
        return error_set(err, ERROR_INPUT, "%s: clock_hz and memory_bytes_per_cycle are needed",
                         path);
    return read;
}

/* In the child: make, whose output is messages to us, or silent where it only asks. */
static _Noreturn void become_make(const char *folder, bool ask)
{
    interrupt_release();
    if (ask) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(2);
    }
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (ask)
        execlp("make", "make", "-q", "-C", folder, "sim", (char *)NULL);
    else
        execlp("make", "make", "-s", "--no-print-directory", "-C", folder, "sim", (char *)NULL);
    fprintf(stderr, "make: %s\n", strerror(errno));
    _exit(2);
}

/* make's exit status, or -1 with *err filled in. */
static int run_make(const char *folder, bool ask, struct error *err)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        become_make(folder, ask);
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        error_set(err, ERROR_FAILED, "sim: make: %s", strerror(errno));
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

bool device_sim_build(const char *folder, struct error *err)
{
    int status = run_make(folder, true, err);
    if (status > 0) {
        fprintf(stderr, "millrace: building the simulator in %s\n", folder);
        status = run_make(folder, false, err);
        if (status > 0)
            error_set(err, ERROR_FAILED, "sim: %s: the simulator could not be built (make: %d)",
                      folder, status);
    }
    return status == 0;
}

struct device *device_sim_open(const char *folder, const struct mill *mill,
                               const struct device_options *options, struct error *err)
{
    struct device_info stated = {.clock_hz = 0};
    char name[PATH_BYTES];
    struct stat status;

    if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode)) {
        error_set(err, ERROR_INPUT, "sim: %s: no such folder; `millgen emit --board sim` writes it",
                  folder);
        return NULL;
    }
    if (!read_design(folder, &stated, err) || !device_sim_build(folder, err))
        return NULL;

    struct transport *transport = transport_sim_open(folder, "./sim", err);
    if (!transport)
        return NULL;
    snprintf(name, sizeof name, "sim:%s", folder);
    struct device *device = device_stream_open(name, transport, mill, options, err);
    if (device) {
        device->info.clock_hz = stated.clock_hz;
        device->info.memory_bytes_per_cycle = stated.memory_bytes_per_cycle;
    }
    return device;
}
