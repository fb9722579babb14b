/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/mill/tape.h"
#include "gen/verilog/top_inside.h"

void top_add_source(const struct top *top)
{
    if (!top->design->streams) {
        verilog_assign(top->module, "tape_word_valid", "mem_valid_i");
        verilog_assign(top->module, "tape_word", "mem_data_i");
        verilog_assign(top->module, "mem_ready_o", "tape_word_ready");
        return;
    }
    struct verilog_instance *stream =
        verilog_instance(top->module, "stream_memory", "stream", "A tape from the host");
    verilog_parameter(stream, "T", top->design->tape_bus_bits);
    verilog_parameter(stream, "TAPE_LINES", (uint32_t)(top->mill->tape_size / TAPE_LINE));
    verilog_connect(stream, "start_i", "run_start");
    verilog_connect(stream, "host_i", "run_streams");
    verilog_connect(stream, "memory_i", "reset_tape");
    verilog_connect(stream, "restart_o", "stream_restart");
    verilog_connect(stream, "frame_i", "stream_frame");
    verilog_connect(stream, "valid_i", "stream_valid");
    verilog_connect(stream, "ready_o", "stream_ready");
    verilog_connect(stream, "data_i", "stream_data");
    verilog_connect(stream, "ends_i", "stream_ends");
    verilog_connect(stream, "damage_i", "stream_damage");
    verilog_connect(stream, "wanted_o", "stream_wanted");
    verilog_connect(stream, "broken_o", "stream_broken");
    verilog_connect(stream, "word_valid_o", "tape_word_valid");
    verilog_connect(stream, "word_ready_i", "tape_word_ready");
    verilog_connect(stream, "word_o", "tape_word");
    verilog_connect_by_name(stream);
}
