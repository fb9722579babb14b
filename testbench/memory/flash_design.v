// SPDX-License-Identifier: Apache-2.0
// An emitted design with the flash of an iCEBreaker as its memory: the link's bytes on one side,
// the memory's pins on the other, for testbench/memory/design_main.cpp.
`default_nettype none
module flash_design #(
    parameter T = 32,
    parameter TAPE_LINES = 1024,
    parameter TAPE_OFFSET = 1048576,
    parameter WAKE_CYCLES = 72,
    parameter GAP = 2
) (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        rx_valid_i,
    output wire        rx_ready_o,
    input  wire [7:0]  rx_data_i,
    output wire        tx_valid_o,
    input  wire        tx_ready_i,
    output wire [7:0]  tx_data_o,
    output wire [1:0]  fault_o,

    output wire        flash_cs_n_o,
    output wire        flash_sck_o,
    output wire [3:0]  flash_io_o,
    output wire [3:0]  flash_io_enable_o,
    input  wire [3:0]  flash_io_i
);
    wire         mem_start, mem_valid, mem_ready;
    wire [T-1:0] mem_data;

    millrace_top millrace (
        .clk_i(clk_i), .rst_i(rst_i), .restart_i(1'b0),
        .rx_valid_i(rx_valid_i), .rx_ready_o(rx_ready_o), .rx_data_i(rx_data_i),
        .tx_valid_o(tx_valid_o), .tx_ready_i(tx_ready_i), .tx_data_o(tx_data_o),
        .mem_start_o(mem_start), .mem_valid_i(mem_valid), .mem_ready_o(mem_ready),
        .mem_data_i(mem_data),
        .mem_load_start_o(), .mem_load_line_o(), .mem_load_valid_o(), .mem_load_ready_i(1'b1),
        .mem_load_data_o(), .mem_load_busy_i(1'b0),
        .mem_state_valid_o(), .mem_state_ready_i(1'b0), .mem_state_write_o(),
        .mem_state_address_o(), .mem_state_length_o(), .mem_state_write_valid_o(),
        .mem_state_write_ready_i(1'b0), .mem_state_write_data_o(),
        .mem_state_read_valid_i(1'b0), .mem_state_read_data_i({T{1'b0}}),
        .mem_fault_i(fault_o)
    );
    flash_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .TAPE_OFFSET(TAPE_OFFSET), .WAKE_CYCLES(WAKE_CYCLES),
        .GAP(GAP)
    ) memory (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(mem_start), .valid_o(mem_valid), .ready_i(mem_ready), .data_o(mem_data),
        .fault_o(fault_o), .flash_cs_n_o(flash_cs_n_o), .flash_sck_o(flash_sck_o),
        .flash_io_o(flash_io_o), .flash_io_enable_o(flash_io_enable_o), .flash_io_i(flash_io_i)
    );
endmodule
`default_nettype wire
