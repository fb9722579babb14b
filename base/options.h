/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's options, over getopt_long: types, ranges, and messages that name
 * the option and the fault.  Long options may be abbreviated, take their value
 * as --name VALUE or --name=VALUE, and stand anywhere; "--" ends them.
 */
#ifndef MILLRACE_BASE_OPTIONS_H
#define MILLRACE_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum option_kind {
    OPTION_FLAG,   /* bool, set */
    OPTION_TEXT,   /* const char *, borrowed from argv */
    OPTION_COUNT,  /* uint32_t in least..most */
    OPTION_SEED,   /* uint64_t */
    OPTION_NUMBER, /* double in least..most */
};

struct option_spec {
    const char *name; /* without its dashes */
    char letter;      /* 0: none */
    enum option_kind kind;
    void *value; /* of the kind's type; left alone where the option is not given */
    double least, most;
};

enum { OPTIONS_MOST = 32 };

/* Parse argv[1..argc-1] by spec[count], count <= OPTIONS_MOST; what is no
 * option goes to operand[*operands], at most `most`.  argv[0] names the command
 * in messages.  ERROR_INPUT otherwise. */
bool options_parse(const struct option_spec *spec, size_t count, int argc, char **argv,
                   const char **operand, size_t most, size_t *operands, struct error *err);

#endif
