/* SPDX-License-Identifier: Apache-2.0 */
/* A module under construction, for the files of the builder alone. */
#ifndef MILLRACE_GEN_VERILOG_MODULE_INSIDE_H
#define MILLRACE_GEN_VERILOG_MODULE_INSIDE_H

#include "gen/verilog/interface.h"
#include "gen/verilog/module.h"

struct net {
    const char *name, *comment;
    enum verilog_direction direction;
    unsigned width;
    uint8_t *driven; /* [width]: how often */
    bool selected;   /* a bit or a part is named: a vector, be it of one bit */
    struct net *next;
};

struct assignment {
    const char *target, *value;
    struct assignment *next;
};

struct verilog_instance {
    struct verilog_module *module;
    const char *name, *comment;
    struct verilog_interface interface;
    const char **connection; /* [interface.ports], NULL where there is none yet */
    struct verilog_instance *next;
};

/* Lists in the order of their making. */
struct verilog_module {
    struct arena *arena;
    const char *name, *comment;
    struct net *net, **net_end;
    struct assignment *assignment, **assignment_end;
    struct verilog_instance *instance, **instance_end;
    struct error fault;
    bool failed;
};

struct net *verilog_net_find(const struct verilog_module *module, const char *name, size_t length);

/* The width of an expression; with `drives`, count a driver for each of its bits,
 * which must be names and concatenations then.  0 with the module's fault set. */
unsigned verilog_expression(struct verilog_module *module, const char *text, bool drives);

#endif
