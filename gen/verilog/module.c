/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/module.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gen/verilog/embedded.h"
#include "gen/verilog/module_inside.h"

enum { MOST_WIDTH = 65535 };

/* Keep the first fault. */
#define FAULT(module, ...)                                                                         \
    do {                                                                                           \
        if (!(module)->failed)                                                                     \
            error_set(&(module)->fault, ERROR_FAILED, __VA_ARGS__);                                \
        (module)->failed = true;                                                                   \
    } while (0)

static void *module_alloc(struct verilog_module *module, size_t count, size_t size)
{
    void *memory = arena_alloc(module->arena, count, size);

    if (!memory)
        FAULT(module, "%s: out of memory", module->name);
    return memory;
}

static const char *module_copy(struct verilog_module *module, const char *text)
{
    const char *copy = text ? arena_copy(module->arena, text, strlen(text)) : NULL;

    if (text && !copy)
        FAULT(module, "%s: out of memory", module->name);
    return copy;
}

struct verilog_module *verilog_module_new(struct arena *arena, const char *name,
                                          const char *comment)
{
    struct verilog_module *module = arena_alloc(arena, 1, sizeof *module);

    if (!module)
        return NULL;
    module->arena = arena;
    module->name = module_copy(module, name);
    module->comment = module_copy(module, comment);
    module->net_end = &module->net;
    module->assignment_end = &module->assignment;
    module->instance_end = &module->instance;
    return module;
}

struct net *verilog_net_find(const struct verilog_module *module, const char *name, size_t length)
{
    for (struct net *net = module->net; net; net = net->next)
        if (strlen(net->name) == length && memcmp(net->name, name, length) == 0)
            return net;
    return NULL;
}

void verilog_net(struct verilog_module *module, enum verilog_direction direction, const char *name,
                 unsigned width, const char *comment)
{
    if (module->failed)
        return;
    if (verilog_net_find(module, name, strlen(name)))
        FAULT(module, "%s: %s is declared twice", module->name, name);
    if (width == 0 || width > MOST_WIDTH)
        FAULT(module, "%s: %s has %u bits", module->name, name, width);
    struct net *net = module_alloc(module, 1, sizeof *net);
    if (module->failed)
        return;
    *net = (struct net){
        .name = module_copy(module, name),
        .comment = module_copy(module, comment),
        .direction = direction,
        .width = width,
        .driven = module_alloc(module, width, 1),
    };
    *module->net_end = net;
    module->net_end = &net->next;
}

void verilog_assign(struct verilog_module *module, const char *target, const char *value)
{
    if (module->failed)
        return;
    unsigned target_width = verilog_expression(module, target, true);
    unsigned value_width = verilog_expression(module, value, false);
    if (target_width != value_width)
        FAULT(module, "%s: %s has %u bits, %s has %u", module->name, target, target_width, value,
              value_width);
    struct assignment *assignment = module_alloc(module, 1, sizeof *assignment);
    if (module->failed)
        return;
    assignment->target = module_copy(module, target);
    assignment->value = module_copy(module, value);
    *module->assignment_end = assignment;
    module->assignment_end = &assignment->next;
}

/* rtl/OF.v, or that in a folder of rtl/. */
static const char *embedded_source(const char *of)
{
    for (size_t i = 0; i < embedded_file_count; i++) {
        const char *name = embedded_files[i].name, *file = strrchr(name, '/') + 1;
        size_t length = strlen(of);
        if (strncmp(name, "rtl/", 4) == 0 && strncmp(file, of, length) == 0 &&
            strcmp(file + length, ".v") == 0)
            return embedded_files[i].data;
    }
    return NULL;
}

struct verilog_instance *verilog_instance(struct verilog_module *module, const char *of,
                                          const char *name, const char *comment)
{
    struct verilog_instance *instance = module_alloc(module, 1, sizeof *instance);
    const char *source = embedded_source(of);

    if (!instance)
        return NULL;
    instance->module = module;
    instance->name = module_copy(module, name);
    instance->comment = module_copy(module, comment);
    if (!source)
        FAULT(module, "%s: %s: there is no module %s", module->name, name, of);
    else if (!verilog_interface_parse(&instance->interface, module_copy(module, of), source,
                                      module->arena, &module->fault))
        module->failed = true;
    instance->connection = module_alloc(module, instance->interface.ports + 1, sizeof(char *));
    if (!module->failed) {
        *module->instance_end = instance;
        module->instance_end = &instance->next;
    }
    return instance;
}

void verilog_parameter_text(struct verilog_instance *instance, const char *name, const char *text)
{
    if (!instance || instance->module->failed)
        return;
    struct verilog_parameter *parameter = verilog_interface_parameter(&instance->interface, name);
    if (parameter)
        parameter->value = module_copy(instance->module, text);
    else
        FAULT(instance->module, "%s: %s has no parameter %s", instance->name,
              instance->interface.name, name);
}

void verilog_parameter(struct verilog_instance *instance, const char *name, uint32_t value)
{
    char text[16];

    /* A plain number is signed: one that does not fit needs a size. */
    snprintf(text, sizeof text, value > INT32_MAX ? "32'd%u" : "%u", value);
    verilog_parameter_text(instance, name, text);
}

static void connect(struct verilog_instance *instance, const struct verilog_port *port,
                    const char *expression)
{
    struct verilog_module *module = instance->module;
    const char **connection = &instance->connection[port - instance->interface.port];
    unsigned wanted;

    if (*connection)
        FAULT(module, "%s.%s is connected twice", instance->name, port->name);
    if (!verilog_port_width(&instance->interface, port, &wanted, &module->fault)) {
        module->failed = true;
        return;
    }
    unsigned width = verilog_expression(module, expression, port->is_output);
    if (width != wanted)
        FAULT(module, "%s.%s has %u bits, %s has %u", instance->name, port->name, wanted,
              expression, width);
    *connection = module_copy(module, expression);
}

void verilog_connect(struct verilog_instance *instance, const char *port, const char *format, ...)
{
    char expression[1024];
    va_list arguments;

    if (!instance || instance->module->failed)
        return;
    va_start(arguments, format);
    int length = vsnprintf(expression, sizeof expression, format, arguments);
    va_end(arguments);
    const struct verilog_port *found = verilog_interface_port(&instance->interface, port);
    if (!found)
        FAULT(instance->module, "%s: %s has no port %s", instance->name, instance->interface.name,
              port);
    else if (length < 0 || (size_t)length >= sizeof expression)
        FAULT(instance->module, "%s.%s: the expression is too long", instance->name, port);
    else
        connect(instance, found, expression);
}

bool verilog_has_port(const struct verilog_instance *instance, const char *port)
{
    for (unsigned p = 0; instance && p < instance->interface.ports; p++)
        if (strcmp(instance->interface.port[p].name, port) == 0)
            return true;
    return false;
}

void verilog_connect_by_name(struct verilog_instance *instance)
{
    for (unsigned p = 0; instance && p < instance->interface.ports; p++) {
        struct verilog_module *module = instance->module;
        const struct verilog_port *port = &instance->interface.port[p];
        if (module->failed || instance->connection[p])
            continue;
        size_t length = strlen(port->name);
        const struct net *net = verilog_net_find(module, port->name, length);
        if (!net && length > 2)
            net = verilog_net_find(module, port->name, length - 2);
        if (net)
            connect(instance, port, net->name);
        else
            FAULT(module, "%s: nothing is connected to %s.%s", module->name, instance->name,
                  port->name);
    }
}

static void check_whole(struct verilog_module *module)
{
    for (struct net *net = module->net; net && !module->failed; net = net->next)
        for (unsigned bit = 0; net->direction != VERILOG_INPUT && bit < net->width; bit++)
            if (!net->driven[bit])
                FAULT(module, "%s: nothing drives %s[%u]", module->name, net->name, bit);
    for (struct verilog_instance *i = module->instance; i && !module->failed; i = i->next)
        for (unsigned p = 0; p < i->interface.ports; p++)
            if (!i->connection[p])
                FAULT(module, "%s: nothing is connected to %s.%s", module->name, i->name,
                      i->interface.port[p].name);
}

static void write_comment(FILE *file, const char *indent, const char *comment)
{
    while (comment && *comment) {
        size_t length = strcspn(comment, "\n");
        fprintf(file, "%s//%s%.*s\n", indent, length ? " " : "", (int)length, comment);
        comment += length + (comment[length] == '\n');
    }
}

static void write_net(FILE *file, const struct net *net, const char *end)
{
    static const char *const kinds[] = {"wire       ", "input  wire", "output wire"};
    char range[24] = "";

    write_comment(file, "    ", net->comment);
    if (net->width > 1 || net->selected)
        snprintf(range, sizeof range, "[%u:0]", net->width - 1);
    fprintf(file, "    %s %-8s %s%s\n",
            net->direction == VERILOG_WIRE ? "wire" : kinds[net->direction], range, net->name, end);
}

static void write_ports(FILE *file, const struct verilog_module *module)
{
    const struct net *last = NULL;

    for (const struct net *net = module->net; net; net = net->next)
        if (net->direction != VERILOG_WIRE)
            last = net;
    fprintf(file, "module %s (\n", module->name);
    for (const struct net *net = module->net; net; net = net->next)
        if (net->direction != VERILOG_WIRE)
            write_net(file, net, net == last ? "" : ",");
    fprintf(file, ");\n");
}

static void write_instance(FILE *file, const struct verilog_instance *instance)
{
    const struct verilog_interface *interface = &instance->interface;
    const char *separator = " #(";

    fputc('\n', file);
    write_comment(file, "    ", instance->comment);
    fprintf(file, "    %s", interface->name);
    for (unsigned p = 0; p < interface->parameters; p++)
        if (interface->parameter[p].value) {
            fprintf(file, "%s\n        .%s(%s)", separator, interface->parameter[p].name,
                    interface->parameter[p].value);
            separator = ",";
        }
    fprintf(file, "%s %s (", *separator == ',' ? "\n    )" : "", instance->name);
    for (unsigned p = 0; p < interface->ports; p++)
        fprintf(file, "%s\n        .%s(%s)", p ? "," : "", interface->port[p].name,
                instance->connection[p]);
    fprintf(file, "\n    );\n");
}

bool verilog_write(struct verilog_module *module, FILE *file, struct error *err)
{
    check_whole(module);
    if (module->failed) {
        *err = module->fault;
        return false;
    }
    fprintf(file, "// SPDX-License-Identifier: Apache-2.0\n");
    write_comment(file, "", module->comment);
    fprintf(file, "`default_nettype none\n");
    write_ports(file, module);
    for (const struct net *net = module->net; net; net = net->next)
        if (net->direction == VERILOG_WIRE)
            write_net(file, net, ";");
    if (module->assignment)
        fputc('\n', file);
    for (const struct assignment *a = module->assignment; a; a = a->next)
        fprintf(file, "    assign %s = %s;\n", a->target, a->value);
    for (const struct verilog_instance *i = module->instance; i; i = i->next)
        write_instance(file, i);
    fprintf(file, "endmodule\n`default_nettype wire\n");
    return true;
}
