/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/state_port.h"

enum { BUS = 0 }; /* a width: that of the memory's words */

static const struct {
    enum verilog_direction direction;
    const char *name;
    unsigned width;
} port[] = {
    {VERILOG_OUTPUT, "mem_state_valid_o", 1},      {VERILOG_INPUT, "mem_state_ready_i", 1},
    {VERILOG_OUTPUT, "mem_state_write_o", 1},      {VERILOG_OUTPUT, "mem_state_address_o", 24},
    {VERILOG_OUTPUT, "mem_state_length_o", 8},     {VERILOG_OUTPUT, "mem_state_write_valid_o", 1},
    {VERILOG_INPUT, "mem_state_write_ready_i", 1}, {VERILOG_OUTPUT, "mem_state_write_data_o", BUS},
    {VERILOG_INPUT, "mem_state_read_valid_i", 1},  {VERILOG_INPUT, "mem_state_read_data_i", BUS},
};
enum { PORTS = sizeof port / sizeof *port };

static unsigned width_of(size_t i, unsigned bus_bits)
{
    return port[i].width == BUS ? bus_bits : port[i].width;
}

void state_port_add(struct verilog_module *module, unsigned bus_bits)
{
    for (size_t i = 0; i < PORTS; i++)
        verilog_net(module, port[i].direction, port[i].name, width_of(i, bus_bits),
                    i == 0 ? "State in the tape's memory." : NULL);
}

void state_port_idle(struct verilog_module *module, unsigned bus_bits)
{
    char zero[16];

    for (size_t i = 0; i < PORTS; i++)
        if (port[i].direction == VERILOG_OUTPUT) {
            snprintf(zero, sizeof zero, "%u'd0", width_of(i, bus_bits));
            verilog_assign(module, port[i].name, zero);
        }
    verilog_net(module, VERILOG_WIRE, "unused_state", 1, "This design keeps no state there");
    verilog_assign(module, "unused_state",
                   "&{1'd0, mem_state_ready_i, mem_state_write_ready_i, mem_state_read_valid_i, "
                   "mem_state_read_data_i}");
}
