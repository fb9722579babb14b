// SPDX-License-Identifier: Apache-2.0
// The device core on a full-speed transceiver in the fabric: from D+ and D- to two streams.
//
// clk_i is 48 MHz.  Streams and began_o: as of usb_device.v.
// Resources: docs/usb.md.
`default_nettype none
module usb_full_speed #(
    parameter [10:0] SCALE = 11'd1,
    parameter BUFFER_BITS = 10,
    parameter [15:0] VENDOR = 16'h1209,
    parameter [15:0] PRODUCT = 16'h0001,
    parameter [63:0] SERIAL = 64'h3030303030303030
) (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       dp_i,
    input  wire       dn_i,
    output wire       dp_o,
    output wire       dn_o,
    output wire       drive_o,
    output wire       pull_up_o,        // of D+, to 3.3 V by 1.5 kOhm
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
    wire       rx_active;
    wire       rx_valid;
    wire [7:0] rx_data;
    wire       rx_error;
    wire       tx_valid;
    wire       tx_ready;
    wire [7:0] tx_data;

    assign pull_up_o = ~rst_i;

    usb_phy_fs phy (
        .clk_i(clk_i), .rst_i(rst_i), .dp_i(dp_i), .dn_i(dn_i), .dp_o(dp_o), .dn_o(dn_o),
        .drive_o(drive_o), .line_state_o(line_state), .rx_active_o(rx_active),
        .rx_valid_o(rx_valid), .rx_data_o(rx_data), .rx_error_o(rx_error),
        .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_data_i(tx_data)
    );
    /* verilator lint_off PINCONNECTEMPTY */ // a full-speed transceiver has no modes
    usb_device #(
        .HIGH_SPEED(0), .CLOCK_MHZ(8'd48), .SCALE(SCALE), .BUFFER_BITS(BUFFER_BITS),
        .VENDOR(VENDOR), .PRODUCT(PRODUCT), .SERIAL(SERIAL)
    ) device (
        .clk_i(clk_i), .rst_i(rst_i), .rx_active_i(rx_active), .rx_valid_i(rx_valid),
        .rx_data_i(rx_data), .rx_error_i(rx_error), .tx_valid_o(tx_valid),
        .tx_ready_i(tx_ready), .tx_abort_i(1'b0), .tx_data_o(tx_data),
        .line_state_i(line_state), .xcvr_full_o(), .term_full_o(), .op_mode_o(),
        .suspended_o(suspended_o), .began_o(began_o), .configured_o(configured_o),
        .out_valid_o(out_valid_o), .out_ready_i(out_ready_i), .out_data_o(out_data_o),
        .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .in_data_i(in_data_i)
    );
    /* verilator lint_on PINCONNECTEMPTY */
endmodule
`default_nettype wire
