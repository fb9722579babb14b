/* SPDX-License-Identifier: Apache-2.0 */
/* The top module: one link, tape reader, unpacker, sequencer and KV store, and as
 * many columns and samplers as the design has. */
#ifndef MILLRACE_GEN_VERILOG_TOP_H
#define MILLRACE_GEN_VERILOG_TOP_H

#include <stdio.h>

#include "gen/verilog/emit.h"

bool top_write(const struct mill *mill, const struct design *design, FILE *file, struct error *err);

/* Lines of 32 bytes that the tape's memory has. */
uint32_t top_memory_lines(const struct mill *mill, const struct design *design);

/* Words of a column's wide store. */
uint32_t top_wide_depth(const struct mill *mill);

#endif
