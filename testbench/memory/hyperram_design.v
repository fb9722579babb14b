// SPDX-License-Identifier: Apache-2.0
// An emitted design with the HyperRAM of a Cynthion as its memory: the link's bytes on one side,
// the memory's pins on the other, for testbench/memory/design_main.cpp.
`default_nettype none
module hyperram_design #(
    parameter T = 32,
    parameter TAPE_LINES = 1024,
    parameter LATENCY = 6,
    parameter T_CSM = 240,
    parameter GAP = 3,
    parameter INIT_CYCLES = 9000
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

    input  wire        memory_clk_i,
    input  wire        memory_rst_i,
    output wire        hyperram_cs_n_o,
    output wire        hyperram_ck_enable_o,
    output wire [15:0] hyperram_dq_o,
    output wire        hyperram_dq_enable_o,
    input  wire [15:0] hyperram_dq_i,
    output wire [1:0]  hyperram_rwds_o,
    output wire        hyperram_rwds_enable_o,
    input  wire [1:0]  hyperram_rwds_i
);
    wire         mem_start, mem_valid, mem_ready;
    wire [T-1:0] mem_data;
    wire         load_start, load_valid, load_ready, load_busy;
    wire [23:0]  load_line;
    wire [7:0]   load_data;
    wire         state_valid, state_ready, state_write, state_write_valid, state_write_ready;
    wire         state_read_valid;
    wire [23:0]  state_address;
    wire [7:0]   state_length;
    wire [T-1:0] state_write_data, state_read_data;

    millrace_top millrace (
        .clk_i(clk_i), .rst_i(rst_i), .restart_i(1'b0),
        .rx_valid_i(rx_valid_i), .rx_ready_o(rx_ready_o), .rx_data_i(rx_data_i),
        .tx_valid_o(tx_valid_o), .tx_ready_i(tx_ready_i), .tx_data_o(tx_data_o),
        .mem_start_o(mem_start), .mem_valid_i(mem_valid), .mem_ready_o(mem_ready),
        .mem_data_i(mem_data),
        .mem_state_valid_o(state_valid), .mem_state_ready_i(state_ready),
        .mem_state_write_o(state_write), .mem_state_address_o(state_address),
        .mem_state_length_o(state_length), .mem_state_write_valid_o(state_write_valid),
        .mem_state_write_ready_i(state_write_ready), .mem_state_write_data_o(state_write_data),
        .mem_state_read_valid_i(state_read_valid), .mem_state_read_data_i(state_read_data),
        .mem_load_start_o(load_start), .mem_load_line_o(load_line),
        .mem_load_valid_o(load_valid), .mem_load_ready_i(load_ready),
        .mem_load_data_o(load_data), .mem_load_busy_i(load_busy),
        .mem_fault_i(fault_o)
    );
    hyperram_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .LATENCY(LATENCY), .T_CSM(T_CSM), .GAP(GAP),
        .INIT_CYCLES(INIT_CYCLES)
    ) memory (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(mem_start), .valid_o(mem_valid), .ready_i(mem_ready), .data_o(mem_data),
        .load_start_i(load_start), .load_line_i(load_line), .load_valid_i(load_valid),
        .load_ready_o(load_ready), .load_data_i(load_data), .load_busy_o(load_busy),
        .state_valid_i(state_valid), .state_ready_o(state_ready), .state_write_i(state_write),
        .state_address_i(state_address), .state_length_i(state_length),
        .state_write_valid_i(state_write_valid), .state_write_ready_o(state_write_ready),
        .state_write_data_i(state_write_data), .state_read_valid_o(state_read_valid),
        .state_read_data_o(state_read_data),
        .fault_o(fault_o), .memory_clk_i(memory_clk_i), .memory_rst_i(memory_rst_i),
        .hyperram_cs_n_o(hyperram_cs_n_o), .hyperram_ck_enable_o(hyperram_ck_enable_o),
        .hyperram_dq_o(hyperram_dq_o), .hyperram_dq_enable_o(hyperram_dq_enable_o),
        .hyperram_dq_i(hyperram_dq_i), .hyperram_rwds_o(hyperram_rwds_o),
        .hyperram_rwds_enable_o(hyperram_rwds_enable_o), .hyperram_rwds_i(hyperram_rwds_i)
    );
endmodule
`default_nettype wire
