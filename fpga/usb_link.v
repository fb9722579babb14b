// SPDX-License-Identifier: Apache-2.0
// The host's byte stream on a board with a USB device: the device's streams, brought to the
// core's clock, and a UART beside them.
//
// The host speaks by USB from the moment that it configures the device until it resets the
//   bus or deconfigures it, and by the UART otherwise; restart_o says that it has changed,
//   or that a new conversation has begun by USB.
// Streams: rx_* from the host and tx_* to it, valid/ready, in clk_i, as millrace_top has them.
//   A byte waits a cycle in registers; restart_o empties these.
// Resources: usb_crossing.v's and the UART's.
`default_nettype none
module usb_link #(
    parameter BAUD_DIVIDER = 50
) (
    input  wire       clk_i,
    input  wire       rst_i,
    // The UART's pins
    input  wire       uart_i,
    output wire       uart_o,
    // The USB device, in its own clock
    input  wire       usb_clk_i,
    input  wire       usb_rst_i,
    input  wire       usb_began_i,
    input  wire       usb_configured_i,
    input  wire       usb_out_valid_i,
    output wire       usb_out_ready_o,
    input  wire [7:0] usb_out_data_i,
    output wire       usb_in_valid_o,
    input  wire       usb_in_ready_i,
    output wire [7:0] usb_in_data_o,
    // What millrace_top sees
    output wire       restart_o,
    output wire       rx_valid_o,
    input  wire       rx_ready_i,
    output wire [7:0] rx_data_o,
    input  wire       tx_valid_i,
    output wire       tx_ready_o,
    input  wire [7:0] tx_data_i
);
    wire       by_usb, began, byte_taken, usb_rx_valid, usb_tx_ready;
    wire [7:0] usb_rx_data;
    wire       answer_valid;
    wire [7:0] answer_data;
    usb_crossing crossing (
        .usb_clk_i(usb_clk_i), .usb_rst_i(usb_rst_i), .usb_began_i(usb_began_i),
        .usb_configured_i(usb_configured_i), .usb_out_valid_i(usb_out_valid_i),
        .usb_out_ready_o(usb_out_ready_o), .usb_out_data_i(usb_out_data_i),
        .usb_in_valid_o(usb_in_valid_o), .usb_in_ready_i(usb_in_ready_i),
        .usb_in_data_o(usb_in_data_o), .clk_i(clk_i), .rst_i(rst_i), .configured_o(by_usb),
        .restart_o(began), .rx_valid_o(usb_rx_valid), .rx_ready_i(by_usb & byte_taken),
        .rx_data_o(usb_rx_data), .tx_valid_i(answer_valid & by_usb), .tx_ready_o(usb_tx_ready),
        .tx_data_i(answer_data)
    );

    wire       uart_rx_valid, uart_tx_ready;
    wire [7:0] uart_rx_data;
    uart_receiver #(.DIVIDER(BAUD_DIVIDER)) receiver (
        .clk_i(clk_i), .rst_i(rst_i), .rx_i(uart_i), .valid_o(uart_rx_valid),
        .ready_i(by_usb | byte_taken), .data_o(uart_rx_data)
    );
    uart_transmitter #(.DIVIDER(BAUD_DIVIDER)) transmitter (
        .clk_i(clk_i), .rst_i(rst_i), .valid_i(answer_valid & ~by_usb), .ready_o(uart_tx_ready),
        .data_i(answer_data), .tx_o(uart_o)
    );

    reg was_by_usb;
    always @(posedge clk_i) was_by_usb <= by_usb & ~rst_i;

    assign restart_o = (by_usb ^ was_by_usb) | (by_usb & began);
    wire byte_ready;
    assign byte_taken = byte_ready & ~restart_o;
    skid_buffer #(.WIDTH(8)) from_host (
        .clk_i(clk_i), .rst_i(rst_i | restart_o),
        .in_valid_i(by_usb ? usb_rx_valid : uart_rx_valid), .in_ready_o(byte_ready),
        .in_data_i(by_usb ? usb_rx_data : uart_rx_data), .out_valid_o(rx_valid_o),
        .out_ready_i(rx_ready_i), .out_data_o(rx_data_o)
    );
    skid_buffer #(.WIDTH(8)) to_host (
        .clk_i(clk_i), .rst_i(rst_i | restart_o), .in_valid_i(tx_valid_i),
        .in_ready_o(tx_ready_o), .in_data_i(tx_data_i), .out_valid_o(answer_valid),
        .out_ready_i(by_usb ? usb_tx_ready : uart_tx_ready), .out_data_o(answer_data)
    );
endmodule
`default_nettype wire
