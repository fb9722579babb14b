// SPDX-License-Identifier: Apache-2.0
// The device core on a ULPI transceiver: from its pins to two streams, at high speed, or at
// full speed behind a hub that knows no other.
//
// clk_i is 60 MHz, the transceiver's clock.  Pins: as of usb_phy_ulpi.v; the transceiver's own
//   reset is to go with rst_i.  Streams and began_o: as of usb_device.v.
// Resources: docs/usb.md.
`default_nettype none
module usb_high_speed #(
    parameter SWAP_LINES = 0,
    parameter [10:0] SCALE = 11'd1,
    parameter BUFFER_BITS = 11,
    parameter [15:0] VENDOR = 16'h1209,
    parameter [15:0] PRODUCT = 16'h0001,
    parameter [63:0] SERIAL = 64'h3030303030303030
) (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       dir_i,
    input  wire       nxt_i,
    output wire       stp_o,
    input  wire [7:0] data_i,
    output wire [7:0] data_o,
    output wire       drive_o,
    output wire       suspended_o,
    output wire       began_o,
    output wire       configured_o,
    output wire       out_valid_o,
    input  wire       out_ready_i,
    output wire [7:0] out_data_o,
    input  wire       in_valid_i,
    output wire       in_ready_o,
    input  wire [7:0] in_data_i
);
    wire [1:0] line_state;
    wire       xcvr_full;
    wire       term_full;
    wire [1:0] op_mode;
    wire       rx_active;
    wire       rx_valid;
    wire [7:0] rx_data;
    wire       rx_error;
    wire       tx_valid;
    wire       tx_ready;
    wire       tx_abort;
    wire [7:0] tx_data;

    usb_phy_ulpi #(.SWAP_LINES(SWAP_LINES)) phy (
        .clk_i(clk_i), .rst_i(rst_i), .dir_i(dir_i), .nxt_i(nxt_i), .stp_o(stp_o),
        .data_i(data_i), .data_o(data_o), .drive_o(drive_o), .rx_active_o(rx_active),
        .rx_valid_o(rx_valid), .rx_data_o(rx_data), .rx_error_o(rx_error),
        .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_abort_o(tx_abort),
        .tx_data_i(tx_data), .line_state_o(line_state), .xcvr_full_i(xcvr_full),
        .term_full_i(term_full), .op_mode_i(op_mode)
    );
    usb_device #(
        .HIGH_SPEED(1), .CLOCK_MHZ(8'd60), .SCALE(SCALE), .BUFFER_BITS(BUFFER_BITS),
        .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)
    ) device (
        .clk_i(clk_i), .rst_i(rst_i), .rx_active_i(rx_active), .rx_valid_i(rx_valid),
        .rx_data_i(rx_data), .rx_error_i(rx_error), .tx_valid_o(tx_valid),
        .tx_ready_i(tx_ready), .tx_abort_i(tx_abort), .tx_data_o(tx_data),
        .line_state_i(line_state), .xcvr_full_o(xcvr_full), .term_full_o(term_full),
        .op_mode_o(op_mode), .suspended_o(suspended_o), .began_o(began_o),
        .configured_o(configured_o), .out_valid_o(out_valid_o), .out_ready_i(out_ready_i),
        .out_data_o(out_data_o), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o),
        .in_data_i(in_data_i)
    );
endmodule
`default_nettype wire
