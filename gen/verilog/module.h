/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builder of Verilog modules that a model shapes: ports, wires, assignments
 * and instances of the modules in rtl/.
 *
 * What is built is checked as it is built: names that are not there, widths
 * that differ, bits with two drivers; and at the end bits without any, and
 * ports of an instance that nothing is connected to.  The first fault is kept,
 * later calls do nothing, and verilog_write reports it: a builder needs one
 * check, not one a line.
 *
 * Expressions are Verilog's own, as far as wiring needs them: names with a bit
 * or a part select, sized decimal constants, concatenations, ~ & | and the
 * reductions by & and |.
 */
#ifndef MILLRACE_GEN_VERILOG_MODULE_H
#define MILLRACE_GEN_VERILOG_MODULE_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"

enum verilog_direction { VERILOG_WIRE, VERILOG_INPUT, VERILOG_OUTPUT };

struct verilog_module;
struct verilog_instance;

/* A module of that name; `comment` opens its file.  The arena owns it. NULL
 * where memory is short. */
struct verilog_module *verilog_module_new(struct arena *arena, const char *name,
                                          const char *comment);

/* A port or, with VERILOG_WIRE, a wire of `width` bits.  A `comment`, where it is
 * not NULL, stands on a line before it. */
void verilog_net(struct verilog_module *module, enum verilog_direction direction, const char *name,
                 unsigned width, const char *comment);

/* assign TARGET = VALUE; */
void verilog_assign(struct verilog_module *module, const char *target, const char *value);

/* An instance of the module `of` in the embedded file OF.v of rtl/ or one of its folders. */
struct verilog_instance *verilog_instance(struct verilog_module *module, const char *of,
                                          const char *name, const char *comment);
void verilog_parameter(struct verilog_instance *instance, const char *name, uint32_t value);
/* A parameter whose value is not a 32-bit number: "640'h...". */
void verilog_parameter_text(struct verilog_instance *instance, const char *name, const char *text);
/* Connect a port; after all of the instance's parameters.  The expression is
 * formatted as by printf. */
__attribute__((format(printf, 3, 4))) void
verilog_connect(struct verilog_instance *instance, const char *port, const char *format, ...);

/* Has the module that `instance` is of a port of that name? */
bool verilog_has_port(const struct verilog_instance *instance, const char *port);

/* Connect each port that is not connected yet to the net of its name or, if there is
 * none, of its name without _i or _o. */
void verilog_connect_by_name(struct verilog_instance *instance);

/* Make the last checks and write the module. False with the first fault. */
bool verilog_write(struct verilog_module *module, FILE *file, struct error *err);

#endif
