// SPDX-License-Identifier: Apache-2.0
// A USB 2.0 device with one stream of bytes each way: vendor-specific class, bulk endpoint 1 OUT
// and IN.  Between a UTMI transceiver (usb_phy_fs.v, usb_phy_ulpi.v) and rtl/link.v.
//
// Streams: valid/ready, in the transceiver's clock.
// began_o for one cycle: a bus reset, SET_CONFIGURATION or SET_INTERFACE.  Bytes under way in
//   either direction are gone then; the link's restart_i is to be told.
// Resources: see docs/usb.md.
`default_nettype none
module usb_device #(
    parameter HIGH_SPEED = 1,
    parameter [7:0] CLOCK_MHZ = 8'd60,
    parameter [10:0] SCALE = 11'd1,
    parameter BUFFER_BITS = 10,
    parameter [15:0] VENDOR = 16'h1209,
    parameter [15:0] PRODUCT = 16'h0001,
    parameter [63:0] SERIAL = 64'h3030303030303030
) (
    input  wire       clk_i,
    input  wire       rst_i,
    // Transceiver
    input  wire       rx_active_i,
    input  wire       rx_valid_i,
    input  wire [7:0] rx_data_i,
    input  wire       rx_error_i,
    output wire       tx_valid_o,
    input  wire       tx_ready_i,
    input  wire       tx_abort_i,       // the packet is lost: no more of it
    output wire [7:0] tx_data_o,
    input  wire [1:0] line_state_i,
    output wire       xcvr_full_o,
    output wire       term_full_o,
    output wire [1:0] op_mode_o,
    output wire       suspended_o,
    // Streams
    output wire       began_o,
    output wire       configured_o,
    output wire       out_valid_o,
    input  wire       out_ready_i,
    output wire [7:0] out_data_o,
    input  wire       in_valid_i,
    output wire       in_ready_o,
    input  wire [7:0] in_data_i
);
    wire       bus_reset;
    wire       is_high;
    wire       chirp;
    usb_bus #(.HIGH_SPEED(HIGH_SPEED), .CLOCK_MHZ(CLOCK_MHZ), .SCALE(SCALE)) bus (
        .clk_i(clk_i), .rst_i(rst_i), .line_state_i(line_state_i), .bus_reset_o(bus_reset),
        .is_high_o(is_high), .chirp_o(chirp), .suspended_o(suspended_o),
        .xcvr_full_o(xcvr_full_o), .term_full_o(term_full_o), .op_mode_o(op_mode_o)
    );
    wire quiet = rst_i | bus_reset;

    wire [3:0] pid;
    wire       token;
    wire [6:0] token_address;
    wire [3:0] token_endpoint;
    wire       data_valid;
    wire [7:0] data;
    wire       data_end;
    wire       data_good;
    wire       handshake;
    wire       ended;
    usb_packet_receiver receiver (
        .clk_i(clk_i), .rst_i(quiet), .rx_active_i(rx_active_i & ~tx_valid_o),
        .rx_valid_i(rx_valid_i), .rx_data_i(rx_data_i), .rx_error_i(rx_error_i), .pid_o(pid),
        .token_o(token), .address_o(token_address), .endpoint_o(token_endpoint),
        .data_valid_o(data_valid), .data_o(data), .data_end_o(data_end),
        .data_good_o(data_good), .handshake_o(handshake),
        .ended_o(ended)
    );

    wire [6:0] address;
    wire [1:0] halt;
    wire [1:0] clear;
    wire       tx_start;
    wire [3:0] tx_pid;
    wire       tx_busy;
    wire       tx_control;
    wire       setup;
    wire       setup_write;
    wire       setup_end;
    wire       control_stall;
    wire       control_due;
    wire       control_toggle;
    wire       control_begin;
    wire       control_in_ack;
    wire       control_out_ack;
    wire       out_room;
    wire       out_write;
    wire       out_commit;
    wire       out_drop;
    wire       in_due;
    wire       in_begin;
    wire       in_commit;
    usb_transactions transactions (
        .clk_i(clk_i), .rst_i(quiet), .is_high_i(is_high), .address_i(address),
        .configured_i(configured_o), .halt_i(halt), .clear_i(clear),
        .rx_active_i(rx_active_i), .pid_i(pid), .token_i(token),
        .token_address_i(token_address), .token_endpoint_i(token_endpoint),
        .data_valid_i(data_valid), .data_end_i(data_end), .data_good_i(data_good),
        .handshake_i(handshake), .ended_i(ended), .tx_start_o(tx_start), .tx_pid_o(tx_pid),
        .tx_busy_i(tx_busy), .tx_control_o(tx_control), .setup_o(setup),
        .setup_write_o(setup_write), .setup_end_o(setup_end),
        .control_stall_i(control_stall), .control_due_i(control_due),
        .control_toggle_i(control_toggle), .control_begin_o(control_begin),
        .control_in_ack_o(control_in_ack), .control_out_ack_o(control_out_ack),
        .out_room_i(out_room), .out_write_o(out_write), .out_commit_o(out_commit),
        .out_drop_o(out_drop), .in_due_i(in_due), .in_begin_o(in_begin),
        .in_commit_o(in_commit)
    );

    wire       control_data_valid;
    wire [7:0] control_data;
    wire       in_data_valid;
    wire [7:0] in_data;
    wire       take;
    usb_control #(
        .HIGH_SPEED(HIGH_SPEED), .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)
    ) control (
        .clk_i(clk_i), .bus_reset_i(quiet), .is_high_i(is_high), .setup_i(setup),
        .write_i(setup_write), .data_i(data), .setup_end_i(setup_end), .stall_o(control_stall),
        .due_o(control_due), .toggle_o(control_toggle), .begin_i(control_begin),
        .data_valid_o(control_data_valid), .data_o(control_data), .take_i(take & tx_control),
        .in_ack_i(control_in_ack), .out_ack_i(control_out_ack), .address_o(address),
        .configured_o(configured_o), .halt_o(halt), .clear_o(clear), .began_o(began_o)
    );

    wire stops = quiet | began_o | ~configured_o;
    usb_bulk_out #(.BITS(BUFFER_BITS)) bulk_out (
        .clk_i(clk_i), .rst_i(stops), .is_high_i(is_high), .room_o(out_room),
        .write_i(out_write), .data_i(data), .commit_i(out_commit), .drop_i(out_drop),
        .valid_o(out_valid_o), .ready_i(out_ready_i), .data_o(out_data_o)
    );
    usb_bulk_in #(.BITS(BUFFER_BITS)) bulk_in (
        .clk_i(clk_i), .rst_i(stops), .is_high_i(is_high), .valid_i(in_valid_i),
        .ready_o(in_ready_o), .data_i(in_data_i), .due_o(in_due), .begin_i(in_begin),
        .data_valid_o(in_data_valid), .data_o(in_data), .take_i(take & ~tx_control),
        .commit_i(in_commit)
    );

    // A chirp is a packet of zeros without end, sent without bit stuffing.
    wire       packet_valid;
    wire [7:0] packet_data;
    usb_packet_transmitter transmitter (
        .clk_i(clk_i), .rst_i(quiet | tx_abort_i), .start_i(tx_start), .pid_i(tx_pid),
        .busy_o(tx_busy), .data_valid_i(tx_control ? control_data_valid : in_data_valid),
        .data_i(tx_control ? control_data : in_data), .data_take_o(take),
        .tx_valid_o(packet_valid), .tx_ready_i(tx_ready_i), .tx_data_o(packet_data)
    );
    assign tx_valid_o = chirp | packet_valid;
    assign tx_data_o = chirp ? 8'd0 : packet_data;
endmodule
`default_nettype wire
