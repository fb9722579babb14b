/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/verilog/top_inside.h"

static void add_bus(const struct top *top)
{
    struct verilog_instance *bus = verilog_instance(top->module, "mixer_bus", "mixer_bus", NULL);

    verilog_parameter(bus, "COLUMNS", top->design->columns);
    verilog_connect(bus, "positions_i", "position");
    verilog_connect(bus, "read_column_i", "read_column");
    verilog_connect(bus, "read_address_i", "read_address");
    verilog_connect(bus, "read_data_o", "read_data");
    verilog_connect(bus, "write_column_i", "write_column");
    verilog_connect(bus, "write_address_i", "write_address");
    verilog_connect(bus, "wide_write_i", "wide_write");
    verilog_connect(bus, "wide_data_i", "wide_data");
    verilog_connect(bus, "gated_write_i", "gated_write");
    verilog_connect(bus, "gated_data_i", "gated_data");
    verilog_connect(bus, "read_address_o", "mixer_read_address");
    verilog_connect(bus, "wide_i", "mixer_wide");
    verilog_connect(bus, "wide_write_o", "mixer_wide_write");
    verilog_connect(bus, "gated_write_o", "mixer_gated_write");
    verilog_connect(bus, "write_address_o", "mixer_write_address");
    verilog_connect(bus, "write_data_o", "mixer_write_data");
    verilog_connect_by_name(bus);
}

static void set_shape(const struct top *top, struct verilog_instance *mixer)
{
    const struct mill_shape *shape = &top->mill->shape;
    bool every = shape->architecture == ARCHITECTURE_MAMBA; /* element has its own decay */

    top_set_family(top, mixer);
    verilog_parameter(mixer, "T", top->design->tape_bus_bits);
    verilog_parameter(mixer, "COLUMNS", top->design->columns);
    verilog_parameter(mixer, "LAYERS", shape->layers);
    verilog_parameter(mixer, "INNER", shape->mixer.inner);
    verilog_parameter(mixer, "STATE", shape->mixer.state);
    verilog_parameter(mixer, "HEADS", shape->mixer.heads);
    verilog_parameter(mixer, "CONV_WIDTH", shape->mixer.conv_width);
    verilog_parameter(mixer, "EVERY", every);
    verilog_parameter(mixer, "STATE_BITS", shape->state_bits);
    verilog_parameter(mixer, "IN_MEMORY", top->design->state_in_memory);
    verilog_parameter(mixer, "LANES", design_scan_lanes(top->mill, top->design));
}

void top_add_mixer(const struct top *top)
{
    struct verilog_instance *mixer =
        verilog_instance(top->module, "mixer", "mixer", "Convolution and scan of all columns");

    set_shape(top, mixer);
    verilog_connect(mixer, "start_i", "mixer_start");
    verilog_connect(mixer, "scan_i", "mixer_scan");
    verilog_connect(mixer, "source_i", "cmd_source");
    verilog_connect(mixer, "target_i", "cmd_target");
    verilog_connect(mixer, "rows_i", "cmd_rows");
    verilog_connect(mixer, "blocks_i", "cmd_blocks");
    verilog_connect(mixer, "shift_i", "cmd_shift");
    verilog_connect(mixer, "shift2_i", "cmd_shift2");
    verilog_connect(mixer, "constant_i", "cmd_constant[23:0]");
    verilog_connect(mixer, "columns_i", "run_count");
    verilog_connect(mixer, "prefill_i", "run_prefill");
    verilog_connect(mixer, "slot_i", "run_slot");
    verilog_connect(mixer, "busy_o", "mixer_busy");
    verilog_connect(mixer, "payload_ready_o", "mixer_takes");
    verilog_connect(mixer, "wide_column_o", "read_column");
    verilog_connect(mixer, "wide_address_o", "read_address");
    verilog_connect(mixer, "wide_data_i", "read_data");
    verilog_connect_by_name(mixer);
    add_bus(top);
}

void top_add_halves(const struct top *top)
{
    struct verilog_instance *halves = verilog_instance(top->module, "payload_halves",
                                                       "scale_payload", "The gated norm's weights");

    verilog_parameter(halves, "T", top->design->tape_bus_bits);
    verilog_connect(halves, "start_i", "scale_start");
    verilog_connect(halves, "word_valid_i", "payload_valid");
    verilog_connect(halves, "word_ready_o", "halves_take");
    verilog_connect(halves, "word_data_i", "payload_data");
    verilog_connect(halves, "word_last_i", "payload_last");
    verilog_connect(halves, "half_ready_i", "&half_ready");
    verilog_connect_by_name(halves);
}
