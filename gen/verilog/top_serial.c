/* SPDX-License-Identifier: Apache-2.0 */
/* rtl/serial/serial_column.v in millrace_top. */
#include "gen/serial/program.h"
#include "gen/verilog/top_inside.h"

bool top_is_serial(const struct top *top)
{
    return design_is_serial(top->mill, top->design, NULL);
}

struct verilog_instance *top_add_serial(const struct top *top, const char *name)
{
    struct verilog_instance *column = verilog_instance(top->module, "serial_column", name, NULL);
    struct serial_shape serial;

    design_is_serial(top->mill, top->design, &serial);
    struct serial_layout at = serial_lay_out(&serial);
    verilog_parameter(column, "K", top->design->inputs);
    verilog_parameter(column, "R", top->rows);
    top_set_family(top, column);
    verilog_parameter(column, "MULTIPLIER_BITS", top_multiplier_bits(top));
    verilog_parameter(column, "DIM", serial.dim);
    verilog_parameter(column, "HIDDEN", serial.hidden);
    verilog_parameter(column, "HEADS", serial.heads);
    verilog_parameter(column, "HEAD_DIM", serial.head_dim);
    verilog_parameter(column, "MAX_SEQ", serial.max_seq);
    if (serial.inner) {
        verilog_parameter(column, "MIXES", 1);
        verilog_parameter(column, "PROGRAM_BITS", 10);
    }
    verilog_parameter(column, "X_AT", at.x);
    verilog_parameter(column, "ROPE_AT", at.rope);
    verilog_parameter_text(column, "PROGRAM_FILE", "\"serial_program.hex\"");
    verilog_parameter_text(column, "DATA_FILE", "\"serial_data.hex\"");
    verilog_parameter_text(column, "TABLE_FILE", "\"function_table.hex\"");
    return column;
}
