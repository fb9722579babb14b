// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What every board with a UART has alike: the UART and the emitted design behind it. The
// board's top adds clocks, resets and the memory.
//
// One clock. The memory's ports are millrace_top's, without their prefix mem_ and as a
// memory names them (docs/memories.md), but for state's: no such board keeps any there.
module uart_design #(
    parameter T = 32,
    parameter BAUD_DIVIDER = 50
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         rx_i,
    output wire         tx_o,
    output wire         start_o,
    input  wire         valid_i,
    output wire         ready_o,
    input  wire [T-1:0] data_i,
    output wire         load_start_o,
    output wire [23:0]  load_line_o,
    output wire         load_valid_o,
    input  wire         load_ready_i,
    output wire [7:0]   load_data_o,
    input  wire         load_busy_i,
    input  wire [1:0]   fault_i
);
    wire       rx_valid, rx_ready, tx_valid, tx_ready;
    wire [7:0] rx_data, tx_data;

    uart_receiver #(.DIVIDER(BAUD_DIVIDER)) receiver (
        .clk_i(clk_i), .rst_i(rst_i), .rx_i(rx_i), .valid_o(rx_valid), .ready_i(rx_ready),
        .data_o(rx_data)
    );
    uart_transmitter #(.DIVIDER(BAUD_DIVIDER)) transmitter (
        .clk_i(clk_i), .rst_i(rst_i), .valid_i(tx_valid), .ready_o(tx_ready), .data_i(tx_data),
        .tx_o(tx_o)
    );
    millrace_top design (
        .clk_i(clk_i), .rst_i(rst_i),
        .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_data_i(rx_data),
        .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data),
        .mem_start_o(start_o), .mem_valid_i(valid_i), .mem_ready_o(ready_o),
        .mem_data_i(data_i),
        .restart_i(1'b0),
        .mem_load_start_o(load_start_o), .mem_load_line_o(load_line_o),
        .mem_load_valid_o(load_valid_o), .mem_load_ready_i(load_ready_i),
        .mem_load_data_o(load_data_o), .mem_load_busy_i(load_busy_i),
        .mem_state_valid_o(), .mem_state_ready_i(1'b0), .mem_state_write_o(),
        .mem_state_address_o(), .mem_state_length_o(), .mem_state_write_valid_o(),
        .mem_state_write_ready_i(1'b0), .mem_state_write_data_o(),
        .mem_state_read_valid_i(1'b0), .mem_state_read_data_i({T{1'b0}}),
        .mem_fault_i(fault_i)
    );
endmodule
`default_nettype wire
