/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of millrace.  Each gets its own arguments, argv[0] being
 * "millrace COMMAND", and returns the program's exit status: 0 done, 1 failed,
 * 2 bad usage or input. */
#ifndef MILLRACE_HOST_COMMAND_H
#define MILLRACE_HOST_COMMAND_H

#include "base/error.h"
#include "gen/mill/mill.h"
#include "host/device.h"

int command_run(int argc, char **argv);
int command_eval(int argc, char **argv);
int command_load(int argc, char **argv);
int command_upscale(int argc, char **argv);
int command_devices(int argc, char **argv);

/* What the commands share. */

/* A model on a device, its tape loaded or not as `load` says, beside the reference where
 * `check` is set.  A bar on a terminal shows how far a loading is. */
struct workplace {
    struct mill mill;
    struct device *device;
};
bool workplace_open(struct workplace *w, const char *mill, const char *device,
                    enum device_load load, bool check, struct error *err);
void workplace_close(struct workplace *w);

/* Print "millrace: message" and return the exit status. */
int command_fail(const struct error *err);

/* device_options.progress: a bar on standard error, drawn again by each call and
 * ended at done == total; nothing where that is no terminal. */
void command_progress(void *user, uint64_t done, uint64_t total);

/* device_options.notice: a line on standard error. */
void command_notice(void *user, const char *text);

/* Seconds of a clock that only goes forward. */
double command_seconds(void);

/* Write out what is buffered; ERROR_FAILED with the system's reason. */
bool command_flush(struct error *err);

#endif
