/* SPDX-License-Identifier: Apache-2.0 */
/* millrace_top under construction, for the files that make it alone. */
#ifndef MILLRACE_GEN_VERILOG_TOP_INSIDE_H
#define MILLRACE_GEN_VERILOG_TOP_INSIDE_H

#include "gen/verilog/module.h"
#include "gen/verilog/top.h"

struct top {
    const struct mill *mill;
    const struct design *design;
    uint32_t rows; /* a beat */
    struct verilog_module *module;
};

static inline bool top_is_mamba(const struct top *top)
{
    return top->mill->shape.architecture != ARCHITECTURE_LLAMA;
}

/* The FAMILY of rtl/primitive/multiplier.v, quoted. */
void top_set_family(const struct top *top, struct verilog_instance *instance);

/* Where the tape's reader reads: the memory, or where the link can bring a tape either. */
void top_add_source(const struct top *top);

/* Bits that one multiplier takes (rtl/primitive/multiplier.v). */
unsigned top_multiplier_bits(const struct top *top);

/* Is the column a serial one, and such a column with what its program has for the link. */
bool top_is_serial(const struct top *top);
struct verilog_instance *top_add_serial(const struct top *top, const char *name);

/* Column `c`, of either kind, and its sampler. */
void top_add_column(const struct top *top, unsigned c);
void top_add_sampler(const struct top *top, unsigned c);

/* A Mamba model's mixer and its bus, and what cuts the payload of SCALE. */
void top_add_mixer(const struct top *top);
void top_add_halves(const struct top *top);

#endif
