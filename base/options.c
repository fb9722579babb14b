/* SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* What getopt_long returns for the first long option; letters are below. */
enum { LONG_BASE = 256 };

static bool parse_seed(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *text >= '0' && *text <= '9';
}

static bool parse_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}

static bool set_range(const struct option_spec *spec, const char *text, struct error *err)
{
    uint64_t whole = 0;
    double number = 0;
    bool count = spec->kind == OPTION_COUNT;
    bool parsed = count ? parse_seed(text, &whole) : parse_number(text, &number);

    if (count)
        number = (double)whole;
    if (!parsed || !(number >= spec->least && number <= spec->most))
        return error_set(err, ERROR_INPUT, "--%s: '%s' is not a%s number from %.10g to %.10g",
                         spec->name, text, count ? " whole" : "", spec->least, spec->most);
    if (count)
        *(uint32_t *)spec->value = (uint32_t)whole;
    else
        *(double *)spec->value = number;
    return true;
}

static bool set(const struct option_spec *spec, const char *text, struct error *err)
{
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)spec->value = true;
        return true;
    case OPTION_TEXT:
        *(const char **)spec->value = text;
        return true;
    case OPTION_SEED:
        if (!parse_seed(text, spec->value))
            return error_set(err, ERROR_INPUT, "--%s: '%s' is not a whole number from 0 to 2^64-1",
                             spec->name, text);
        return true;
    case OPTION_COUNT:
    case OPTION_NUMBER:
        return set_range(spec, text, err);
    }
    return false;
}

static const struct option_spec *find(const struct option_spec *spec, size_t count, int code)
{
    for (size_t i = 0; i < count; i++) {
        if (code == LONG_BASE + (int)i || (spec[i].letter != 0 && code == spec[i].letter))
            return &spec[i];
    }
    return NULL;
}

/* The tables that getopt_long wants. */
static void fill_tables(const struct option_spec *spec, size_t count, struct option *table,
                        char *letters)
{
    *letters++ = ':'; /* a missing value is told from an unknown option */
    for (size_t i = 0; i < count; i++) {
        bool flag = spec[i].kind == OPTION_FLAG;
        table[i] = (struct option){.name = spec[i].name,
                                   .has_arg = flag ? no_argument : required_argument,
                                   .val = LONG_BASE + (int)i};
        if (spec[i].letter != 0) {
            *letters++ = spec[i].letter;
            if (!flag)
                *letters++ = ':';
        }
    }
    *letters = '\0';
    table[count] = (struct option){.name = NULL};
}

/* getopt_long found a fault: '?' or ':'. */
static bool explain(const struct option_spec *spec, size_t count, int code, char **argv,
                    struct error *err)
{
    const struct option_spec *found = find(spec, count, optopt);
    if (found && code == ':')
        return error_set(err, ERROR_INPUT, "--%s needs a value", found->name);
    if (found)
        return error_set(err, ERROR_INPUT, "--%s takes no value", found->name);
    if (optopt != 0)
        return error_set(err, ERROR_INPUT, "unknown option '-%c'; see %s --help", optopt, argv[0]);
    return error_set(err, ERROR_INPUT, "unknown or ambiguous option '%s'; see %s --help",
                     argv[optind - 1], argv[0]);
}

bool options_parse(const struct option_spec *spec, size_t count, int argc, char **argv,
                   const char **operand, size_t most, size_t *operands, struct error *err)
{
    struct option table[OPTIONS_MOST + 1];
    char letters[2 * OPTIONS_MOST + 2];
    int code;

    fill_tables(spec, count, table, letters);
    opterr = 0;
    optind = 0; /* glibc: start anew */
    while ((code = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        const struct option_spec *found = find(spec, count, code);
        if (code == '?' || code == ':')
            return explain(spec, count, code, argv, err);
        if (!found || !set(found, optarg, err))
            return false;
    }
    *operands = 0;
    for (; optind < argc; optind++) {
        if (*operands == most)
            return error_set(err, ERROR_INPUT, "'%s' is one argument too many; see %s --help",
                             argv[optind], argv[0]);
        operand[(*operands)++] = argv[optind];
    }
    return true;
}
