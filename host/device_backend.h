/* SPDX-License-Identifier: Apache-2.0 */
/* How the devices are made: what stands behind host/device.h. */
#ifndef MILLRACE_HOST_DEVICE_BACKEND_H
#define MILLRACE_HOST_DEVICE_BACKEND_H

#include "gen/mill/mill.h"
#include "host/device.h"
#include "host/transport.h"

/* Sequences that the devices without columns of their own work on at once. */
enum { SOFTWARE_COLUMNS = 32, SOFTWARE_TOP_K = 8 };

struct device_ops {
    /* The pass has been checked against `info` and the model's shape. */
    bool (*run)(struct device *device, const struct pass *pass, struct pass_output *output,
                struct error *err);
    void (*close)(struct device *device);
};

/* The first member of every device. */
struct device {
    const struct device_ops *ops;
    const struct mill *mill; /* borrowed */
    struct device_info info;
    struct device_counters counters; /* passes and macs are counted in device.c */
};

struct device *device_float_open(const struct mill *mill, struct error *err);
struct device *device_ref_open(const struct mill *mill, struct error *err);

/* A device behind `transport`, which is closed with it, and also where this
 * fails.  `name` is for messages.  The clock and the memory's width are left 0:
 * they are no part of the protocol. */
struct device *device_stream_open(const char *name, struct transport *transport,
                                  const struct mill *mill, const struct device_options *options,
                                  struct error *err);

/* The board on USB of that serial number, or the only one where `serial` is "". */
struct device *device_usb_open(const char *serial, const struct mill *mill,
                               const struct device_options *options, struct error *err);

/* The simulation that `millgen emit` wrote into `folder`, built where it is not
 * up to date, with the clock and memory that its design.json states. */
struct device *device_sim_open(const char *folder, const struct mill *mill,
                               const struct device_options *options, struct error *err);

/* Verilate what is new in such a folder: make knows, and it may have been emitted again. */
bool device_sim_build(const char *folder, struct error *err);

#endif
