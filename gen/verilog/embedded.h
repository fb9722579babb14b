/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the source tree that are part of the program: the Verilog in rtl/
 * that no model changes and the simulation's harness in testbench/sim/.  The
 * build writes the table (make/embed.mk).
 */
#ifndef MILLRACE_GEN_VERILOG_EMBEDDED_H
#define MILLRACE_GEN_VERILOG_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* path in the source tree: "rtl/fifo.v" */
    const char *data; /* `size` bytes and a NUL after them; static */
    size_t size;
};

/* In the order of their names (strcmp); an entry of zeros ends them. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_file_count;

#endif
