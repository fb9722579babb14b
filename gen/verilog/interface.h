/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hand-written Verilog module asks of those who use it, read from its
 * own header (IEEE 1364-2005, 12.2.2 and 12.3.4: ANSI style), so that an
 * instance is checked against the file itself and not against a copy.
 */
#ifndef MILLRACE_GEN_VERILOG_INTERFACE_H
#define MILLRACE_GEN_VERILOG_INTERFACE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct verilog_parameter {
    const char *name;
    const char *fallback; /* the text of its default value */
    const char *value;    /* what an instance gives it, or NULL */
};

struct verilog_port {
    const char *name;
    const char *range; /* "K*16-1:0", or NULL for one bit */
    bool is_output;
};

struct verilog_interface {
    const char *name;
    struct verilog_parameter *parameter;
    struct verilog_port *port;
    unsigned parameters, ports;
};

/* Read the header of module `name` in the text `source`. Everything in *out is
 * the arena's. */
bool verilog_interface_parse(struct verilog_interface *out, const char *name, const char *source,
                             struct arena *arena, struct error *err);

struct verilog_parameter *verilog_interface_parameter(const struct verilog_interface *interface,
                                                      const char *name);
const struct verilog_port *verilog_interface_port(const struct verilog_interface *interface,
                                                  const char *name);

/* The bits of `port`, with the values that the parameters have now: integers,
 * parameters, + - * / and parentheses are understood. */
bool verilog_port_width(const struct verilog_interface *interface, const struct verilog_port *port,
                        unsigned *width, struct error *err);

#endif
