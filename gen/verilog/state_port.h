/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_GEN_VERILOG_STATE_PORT_H
#define MILLRACE_GEN_VERILOG_STATE_PORT_H

#include "gen/verilog/module.h"

/*
 * The memory's port for state (docs/memories.md) among the ports of millrace_top, which a
 * board's top connects whatever the design is: their names have mem_ before those of the
 * memory. `bus_bits` is the width of the memory's words.
 */
void state_port_add(struct verilog_module *module, unsigned bus_bits);

/* What the port says where a design keeps no state in the memory. After state_port_add. */
void state_port_idle(struct verilog_module *module, unsigned bus_bits);

#endif
