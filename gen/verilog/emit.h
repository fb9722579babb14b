/* SPDX-License-Identifier: Apache-2.0 */
/* From a compiled model to the folder that holds its hardware. */
#ifndef MILLRACE_GEN_VERILOG_EMIT_H
#define MILLRACE_GEN_VERILOG_EMIT_H

#include "gen/fit/design.h"
#include "gen/mill/mill.h"

/* Is there such a design?  ERROR_INPUT where a parameter is out of its range, or
 * the model of the hardware's. */
bool design_check(const struct mill *mill, const struct design *design, struct error *err);

/* Write the design of `mill` into `directory`, made where it is missing: the
 * top module millrace_top.v, rtl/, function_table.hex, tape.bin, design.json,
 * and the simulation's harness with a Makefile that builds it as `sim`.  The
 * same input gives the same bytes. */
bool emit_design(const struct mill *mill, const struct design *design, const char *directory,
                 struct error *err);

/* Make `directory` and what every design's has: the modules of rtl/ and its folders,
 * all in its folder rtl/, and the simulation's harness. */
bool emit_sources(const char *directory, struct error *err);

#endif
