/* SPDX-License-Identifier: Apache-2.0 */
/* Widths and drivers of the expressions that connect nets. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gen/verilog/module_inside.h"

struct reader {
    struct verilog_module *module;
    const char *text, *at;
    bool drives;
};

static unsigned read_sum(struct reader *r);

static unsigned fault(struct reader *r, const char *what)
{
    if (!r->module->failed)
        error_set(&r->module->fault, ERROR_FAILED, "%s: '%s': %s", r->module->name, r->text, what);
    r->module->failed = true;
    return 0;
}

static void skip_spaces(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\n')
        r->at++;
}

static bool take(struct reader *r, char sign)
{
    skip_spaces(r);
    if (*r->at != sign)
        return false;
    r->at++;
    return true;
}

static unsigned read_number(struct reader *r)
{
    char *end;
    unsigned long value = strtoul(r->at, &end, 10);

    r->at = end;
    return value > UINT16_MAX ? UINT16_MAX : (unsigned)value;
}

static unsigned drive(struct reader *r, struct net *net, unsigned high, unsigned low)
{
    if (net->direction == VERILOG_INPUT)
        return fault(r, "an input is driven");
    for (unsigned bit = low; bit <= high; bit++)
        if (net->driven[bit]++)
            return fault(r, "a bit has two drivers");
    return high - low + 1;
}

static unsigned read_name(struct reader *r)
{
    size_t length = 0;

    while (isalnum((unsigned char)r->at[length]) || r->at[length] == '_')
        length++;
    struct net *net = verilog_net_find(r->module, r->at, length);
    if (!net)
        return fault(r, "no such net");
    r->at += length;
    unsigned high = net->width - 1, low = 0;
    if (take(r, '[')) {
        net->selected = true;
        high = low = read_number(r);
        if (take(r, ':'))
            low = read_number(r);
        if (!take(r, ']') || high < low || high >= net->width)
            return fault(r, "the select is not in the net");
    }
    return r->drives ? drive(r, net, high, low) : high - low + 1;
}

static unsigned read_constant(struct reader *r)
{
    unsigned width = read_number(r);

    if (r->drives || !take(r, '\'') || !take(r, 'd') || !isdigit((unsigned char)*r->at))
        return fault(r, "not a sized decimal constant");
    read_number(r);
    return width;
}

static unsigned read_concatenation(struct reader *r)
{
    unsigned width = 0;

    do
        width += read_sum(r);
    while (!r->module->failed && take(r, ','));
    return take(r, '}') ? width : fault(r, "a concatenation is open");
}

static unsigned read_term(struct reader *r)
{
    if (take(r, '{'))
        return read_concatenation(r);
    if (isdigit((unsigned char)*r->at))
        return read_constant(r);
    if (r->drives || isalpha((unsigned char)*r->at))
        return read_name(r);
    if (take(r, '~'))
        return read_term(r);
    if (take(r, '&') || take(r, '|'))
        return read_term(r) ? 1 : 0;
    if (!take(r, '('))
        return fault(r, "no expression that a wire can have");
    unsigned width = read_sum(r);
    return take(r, ')') ? width : fault(r, "a parenthesis is open");
}

static unsigned read_sum(struct reader *r)
{
    unsigned width = read_term(r);

    while (width && !r->drives && (take(r, '&') || take(r, '|'))) {
        unsigned other = read_term(r);
        if (other && other != width)
            return fault(r, "operands differ in width");
        width = other;
    }
    return width;
}

unsigned verilog_expression(struct verilog_module *module, const char *text, bool drives)
{
    struct reader reader = {module, text, text, drives};
    unsigned width = read_sum(&reader);

    skip_spaces(&reader);
    if (width && *reader.at)
        return fault(&reader, "something follows the expression");
    return module->failed ? 0 : width;
}
