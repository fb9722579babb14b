/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The integer reference: the truth that the Verilog and the netlist agree with
 * bit for bit.  It walks the tape and runs each operator's own definition.
 */
#ifndef MILLRACE_GEN_OP_REFERENCE_H
#define MILLRACE_GEN_OP_REFERENCE_H

#include "gen/mill/mill.h"
#include "host/device.h"

struct reference;

/* A reference with `columns` columns (256 at most) and as many sequence slots.  The mill file
 * is borrowed and must outlive it. */
struct reference *reference_open(const struct mill *mill, uint32_t columns, struct error *err);
void reference_close(struct reference *reference);

/* One pass, as device_run; RESULT_TOP gives `top_k` candidates a column. */
bool reference_run(struct reference *reference, const struct pass *pass, uint32_t top_k,
                   struct pass_output *output, struct error *err);

#endif
