/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/interface.h"

#include <ctype.h>
#include <string.h>

enum { MOST_PARAMETERS = 64, MOST_PORTS = 96, LONGEST_TOKEN = 64, MOST_NESTED = 16 };

/* A walk over Verilog text that skips spaces and comments. */
struct scanner {
    const char *at;
};

static void skip_blanks(struct scanner *s)
{
    for (;;) {
        while (isspace((unsigned char)*s->at))
            s->at++;
        if (s->at[0] == '/' && s->at[1] == '/') {
            s->at += strcspn(s->at, "\n");
        } else if (s->at[0] == '/' && s->at[1] == '*') {
            const char *end = strstr(s->at + 2, "*/");
            s->at = end ? end + 2 : s->at + strlen(s->at);
        } else {
            return;
        }
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Take `text` if it comes next: a whole word or a sign. */
static bool take(struct scanner *s, const char *text)
{
    size_t length = strlen(text);

    skip_blanks(s);
    if (strncmp(s->at, text, length) != 0 || (is_word(text[0]) && is_word(s->at[length])))
        return false;
    s->at += length;
    return true;
}

static const char *take_word(struct scanner *s, struct arena *arena)
{
    size_t length = 0;

    skip_blanks(s);
    while (is_word(s->at[length]))
        length++;
    s->at += length;
    return length ? arena_copy(arena, s->at - length, length) : NULL;
}

/* The text up to one of `ends` outside of brackets, which stays. */
static const char *take_text(struct scanner *s, const char *ends, struct arena *arena)
{
    unsigned depth = 0;

    skip_blanks(s);
    const char *first = s->at;
    for (; *s->at && (depth || !strchr(ends, *s->at)); s->at++) {
        if (strchr("([{", *s->at))
            depth++;
        else if (strchr(")]}", *s->at) && depth)
            depth--;
        else if (strncmp(s->at, "//", 2) == 0)
            break;
    }
    const char *last = s->at;
    while (last > first && isspace((unsigned char)last[-1]))
        last--;
    skip_blanks(s);
    return arena_copy(arena, first, (size_t)(last - first));
}

/* "[RANGE]" if it comes next. */
static const char *take_range(struct scanner *s, struct arena *arena)
{
    if (!take(s, "["))
        return NULL;
    const char *range = take_text(s, "]", arena);
    take(s, "]");
    return range;
}

static bool parse_parameters(struct scanner *s, struct verilog_interface *out, struct arena *arena)
{
    do {
        take(s, "parameter");
        take(s, "signed");
        take(s, "integer");
        take_range(s, arena);
        if (out->parameters == MOST_PARAMETERS)
            return false;
        struct verilog_parameter *p = &out->parameter[out->parameters];
        p->name = take_word(s, arena);
        if (!p->name || !take(s, "="))
            return false;
        p->fallback = take_text(s, ",)", arena);
        out->parameters++;
    } while (take(s, ","));
    return take(s, ")");
}

static bool parse_ports(struct scanner *s, struct verilog_interface *out, struct arena *arena)
{
    do {
        bool is_output = take(s, "output");
        if (!is_output && !take(s, "input"))
            return false;
        if (!take(s, "wire"))
            take(s, "reg");
        take(s, "signed");
        if (out->ports == MOST_PORTS)
            return false;
        struct verilog_port *port = &out->port[out->ports];
        port->is_output = is_output;
        port->range = take_range(s, arena);
        port->name = take_word(s, arena);
        if (!port->name)
            return false;
        out->ports++;
    } while (take(s, ","));
    return take(s, ")");
}

static bool parse_module(struct scanner *s, struct verilog_interface *out, struct arena *arena)
{
    while (*s->at) {
        if (!take(s, "module")) {
            skip_blanks(s);
            if (is_word(*s->at))
                while (is_word(*s->at))
                    s->at++;
            else if (*s->at)
                s->at++;
            continue;
        }
        if (!take(s, out->name))
            return false;
        if (take(s, "#") && (!take(s, "(") || !parse_parameters(s, out, arena)))
            return false;
        return take(s, "(") && parse_ports(s, out, arena);
    }
    return false;
}

bool verilog_interface_parse(struct verilog_interface *out, const char *name, const char *source,
                             struct arena *arena, struct error *err)
{
    *out = (struct verilog_interface){
        .name = name,
        .parameter = arena_alloc(arena, MOST_PARAMETERS, sizeof *out->parameter),
        .port = arena_alloc(arena, MOST_PORTS, sizeof *out->port),
    };
    if (!out->parameter || !out->port)
        return error_set(err, ERROR_FAILED, "%s: out of memory", name);
    struct scanner scanner = {source};
    if (parse_module(&scanner, out, arena))
        return true;
    return error_set(err, ERROR_FAILED, "module %s: its header is not understood before: %.32s",
                     name, scanner.at);
}

struct verilog_parameter *verilog_interface_parameter(const struct verilog_interface *interface,
                                                      const char *name)
{
    for (unsigned i = 0; i < interface->parameters; i++)
        if (strcmp(interface->parameter[i].name, name) == 0)
            return &interface->parameter[i];
    return NULL;
}

const struct verilog_port *verilog_interface_port(const struct verilog_interface *interface,
                                                  const char *name)
{
    for (unsigned i = 0; i < interface->ports; i++)
        if (strcmp(interface->port[i].name, name) == 0)
            return &interface->port[i];
    return NULL;
}

/* Constant expressions, by recursive descent. */
struct evaluation {
    struct scanner scanner;
    const struct verilog_interface *interface;
    unsigned nested;
    bool failed;
};

static int64_t evaluate_sum(struct evaluation *e);

static int64_t evaluate_text(struct evaluation *e, const char *text)
{
    struct scanner outer = e->scanner;

    if (++e->nested > MOST_NESTED) {
        e->failed = true;
        return 0;
    }
    e->scanner.at = text;
    int64_t value = evaluate_sum(e);
    e->scanner = outer;
    e->nested--;
    return value;
}

static int64_t evaluate_number(struct scanner *s)
{
    int64_t value = 0;

    while (isdigit((unsigned char)*s->at) && value < INT32_MAX)
        value = value * 10 + (*s->at++ - '0');
    if (s->at[0] == '\'' && s->at[1] == 'd') {
        s->at += 2;
        return evaluate_number(s);
    }
    return value;
}

static int64_t evaluate_primary(struct evaluation *e)
{
    char name[LONGEST_TOKEN];
    size_t length = 0;

    skip_blanks(&e->scanner);
    if (take(&e->scanner, "(")) {
        int64_t value = evaluate_sum(e);
        e->failed |= !take(&e->scanner, ")");
        return value;
    }
    if (isdigit((unsigned char)*e->scanner.at))
        return evaluate_number(&e->scanner);
    while (is_word(*e->scanner.at) && length < sizeof name - 1)
        name[length++] = *e->scanner.at++;
    name[length] = '\0';
    const struct verilog_parameter *p = verilog_interface_parameter(e->interface, name);
    if (!p) {
        e->failed = true;
        return 0;
    }
    return evaluate_text(e, p->value ? p->value : p->fallback);
}

static int64_t evaluate_product(struct evaluation *e)
{
    int64_t value = evaluate_primary(e);

    while (!e->failed) {
        if (take(&e->scanner, "*")) {
            e->failed |= __builtin_mul_overflow(value, evaluate_primary(e), &value);
        } else if (take(&e->scanner, "/")) {
            int64_t divisor = evaluate_primary(e);
            e->failed |= divisor <= 0;
            value /= divisor > 0 ? divisor : 1;
        } else {
            break;
        }
    }
    return value;
}

static int64_t evaluate_sum(struct evaluation *e)
{
    int64_t value = evaluate_product(e);

    while (!e->failed) {
        if (take(&e->scanner, "+"))
            e->failed |= __builtin_add_overflow(value, evaluate_product(e), &value);
        else if (take(&e->scanner, "-"))
            e->failed |= __builtin_sub_overflow(value, evaluate_product(e), &value);
        else
            break;
    }
    return value;
}

bool verilog_port_width(const struct verilog_interface *interface, const struct verilog_port *port,
                        unsigned *width, struct error *err)
{
    struct evaluation e = {.scanner = {port->range}, .interface = interface};

    *width = 1;
    if (!port->range)
        return true;
    int64_t high = evaluate_sum(&e);
    bool ranged = take(&e.scanner, ":");
    int64_t low = evaluate_sum(&e);
    if (!ranged || e.failed || *e.scanner.at || low != 0 || high < 0 || high >= UINT16_MAX)
        return error_set(err, ERROR_FAILED, "%s.%s: the range [%s] is not understood",
                         interface->name, port->name, port->range);
    *width = (unsigned)high + 1;
    return true;
}
