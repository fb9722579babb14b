// SPDX-License-Identifier: Apache-2.0
// A board's design as its host sees it: the USB device core at a UTMI transceiver, the way to
// the core's clock that real boards have (fpga/usb_link.v), and millrace_top as emitted.
// The memory is the harness's, usb_board.cpp.
`default_nettype none
module usb_board #(
    parameter HIGH_SPEED = 1,
    parameter [10:0] SCALE = 11'd10,        // bus reset, chirps and suspend take no long time
    parameter [63:0] SERIAL = 64'h3030303030303030,
    parameter T = 64
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         usb_clk_i,
    input  wire         usb_rst_i,
    input  wire         rx_active_i,
    input  wire         rx_valid_i,
    input  wire [7:0]   rx_data_i,
    input  wire         rx_error_i,
    output wire         tx_valid_o,
    input  wire         tx_ready_i,
    output wire [7:0]   tx_data_o,
    input  wire [1:0]   line_state_i,
    output wire         mem_start_o,
    input  wire         mem_valid_i,
    output wire         mem_ready_o,
    input  wire [T-1:0] mem_data_i,
    output wire         mem_load_start_o,
    output wire [23:0]  mem_load_line_o,
    output wire         mem_load_valid_o,
    output wire [7:0]   mem_load_data_o
);
    wire       began, configured, out_valid, out_ready, in_valid, in_ready;
    wire [7:0] out_data, in_data;
    wire       restart, link_rx_valid, link_rx_ready, link_tx_valid, link_tx_ready;
    wire [7:0] link_rx_data, link_tx_data;

    /* verilator lint_off PINCONNECTEMPTY */ // the harness has no use for these
    usb_device #(.HIGH_SPEED(HIGH_SPEED), .SCALE(SCALE), .SERIAL(SERIAL)) device (
        .clk_i(usb_clk_i), .rst_i(usb_rst_i), .rx_active_i(rx_active_i),
        .rx_valid_i(rx_valid_i), .rx_data_i(rx_data_i), .rx_error_i(rx_error_i),
        .tx_valid_o(tx_valid_o), .tx_ready_i(tx_ready_i), .tx_abort_i(1'b0),
        .tx_data_o(tx_data_o),
        .line_state_i(line_state_i), .xcvr_full_o(), .term_full_o(), .op_mode_o(),
        .suspended_o(), .began_o(began), .configured_o(configured), .out_valid_o(out_valid),
        .out_ready_i(out_ready), .out_data_o(out_data), .in_valid_i(in_valid),
        .in_ready_o(in_ready), .in_data_i(in_data)
    );
    usb_link usb_link (
        .clk_i(clk_i), .rst_i(rst_i), .uart_i(1'b1), .uart_o(), .usb_clk_i(usb_clk_i),
        .usb_rst_i(usb_rst_i), .usb_began_i(began), .usb_configured_i(configured),
        .usb_out_valid_i(out_valid), .usb_out_ready_o(out_ready), .usb_out_data_i(out_data),
        .usb_in_valid_o(in_valid), .usb_in_ready_i(in_ready), .usb_in_data_o(in_data),
        .restart_o(restart), .rx_valid_o(link_rx_valid), .rx_ready_i(link_rx_ready),
        .rx_data_o(link_rx_data), .tx_valid_i(link_tx_valid), .tx_ready_o(link_tx_ready),
        .tx_data_i(link_tx_data)
    );
    /* verilator lint_on PINCONNECTEMPTY */
    millrace_top millrace (
        .clk_i(clk_i), .rst_i(rst_i), .restart_i(restart), .rx_valid_i(link_rx_valid),
        .rx_ready_o(link_rx_ready), .rx_data_i(link_rx_data), .tx_valid_o(link_tx_valid),
        .tx_ready_i(link_tx_ready), .tx_data_o(link_tx_data), .mem_start_o(mem_start_o),
        .mem_valid_i(mem_valid_i), .mem_ready_o(mem_ready_o), .mem_data_i(mem_data_i),
        .mem_load_start_o(mem_load_start_o), .mem_load_line_o(mem_load_line_o),
        .mem_load_valid_o(mem_load_valid_o), .mem_load_ready_i(1'b1),
        .mem_load_data_o(mem_load_data_o), .mem_load_busy_i(1'b0), .mem_fault_i(2'd0)
    );
endmodule
`default_nettype wire
