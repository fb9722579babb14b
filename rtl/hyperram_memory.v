// SPDX-License-Identifier: Apache-2.0
// A HyperRAM as the memory of a design: docs/memories.md.
//
// Parameters: the defaults are those of an 8 MB part (W956D8MBYA) at 100 MHz; times are in
//   cycles of memory_clk_i, GAP and INIT_CYCLES rounded up, T_CSM rounded down.
// Pins: 16 bits a clock, as hyperram_controller says; the DDR cells and the clock's quarter
//   of a cycle of delay are the top's.
// Throughput: with these, 0.93 of a word of 16 bits a cycle; docs/memories.md.
// Resources: a memory_port and a hyperram_controller.
`default_nettype none
module hyperram_memory #(
    parameter T = 32,
    parameter TAPE_LINES = 1024,
    parameter A = 22,               // bits of an address in words of 16 bits
    parameter LATENCY = 6,
    parameter FIXED = 1,
    parameter T_CSM = 400,
    parameter GAP = 4,
    parameter INIT_CYCLES = 15000,
    parameter DEPTH = 512           // words of the tape's queue
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    output wire         valid_o,
    input  wire         ready_i,
    output wire [T-1:0] data_o,
    input  wire         load_start_i,
    input  wire [23:0]  load_line_i,
    input  wire         load_valid_i,
    output wire         load_ready_o,
    input  wire [7:0]   load_data_i,
    output wire         load_busy_o,
    input  wire         state_valid_i,
    output wire         state_ready_o,
    input  wire         state_write_i,
    input  wire [23:0]  state_address_i,
    input  wire [7:0]   state_length_i,
    input  wire         state_write_valid_i,
    output wire         state_write_ready_o,
    input  wire [T-1:0] state_write_data_i,
    output wire         state_read_valid_o,
    output wire [T-1:0] state_read_data_o,
    output wire [1:0]   fault_o,

    input  wire         memory_clk_i,
    input  wire         memory_rst_i,
    output wire         hyperram_cs_n_o,
    output wire         hyperram_ck_enable_o,
    output wire [15:0]  hyperram_dq_o,
    output wire         hyperram_dq_enable_o,
    input  wire [15:0]  hyperram_dq_i,
    output wire [1:0]   hyperram_rwds_o,
    output wire         hyperram_rwds_enable_o,
    input  wire [1:0]   hyperram_rwds_i
);
    wire         request_valid;
    wire         request_ready;
    wire         request_write;
    wire         request_state;
    wire [A-4:0] request_address;
    wire         beat_valid;
    wire         beat_ready;
    wire [15:0]  beat_data;
    wire         beat_mask;
    wire         read_valid;
    wire         read_state;
    wire [15:0]  read_data;
    wire         test_done;
    wire         initialised;

    // verilator lint_off PINCONNECTEMPTY
    memory_port #(.T(T), .D(16), .A(A), .TAPE_LINES(TAPE_LINES), .DEPTH(DEPTH)) port (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(start_i), .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o),
        .load_start_i(load_start_i), .load_line_i(load_line_i), .load_valid_i(load_valid_i),
        .load_ready_o(load_ready_o), .load_data_i(load_data_i), .load_busy_o(load_busy_o),
        .state_valid_i(state_valid_i), .state_ready_o(state_ready_o),
        .state_write_i(state_write_i), .state_address_i(state_address_i),
        .state_length_i(state_length_i), .state_write_valid_i(state_write_valid_i),
        .state_write_ready_o(state_write_ready_o), .state_write_data_i(state_write_data_i),
        .state_read_valid_o(state_read_valid_o), .state_read_data_o(state_read_data_o),
        .fault_o(fault_o),
        .memory_clk_i(memory_clk_i), .memory_rst_i(memory_rst_i), .run_i(initialised),
        .test_done_o(test_done), .test_failed_o(), .tested_i(test_done),
        .request_valid_o(request_valid), .request_ready_i(request_ready),
        .request_write_o(request_write), .request_state_o(request_state),
        .request_address_o(request_address),
        .beat_valid_o(beat_valid), .beat_ready_i(beat_ready), .beat_data_o(beat_data),
        .beat_mask_o(beat_mask),
        .read_valid_i(read_valid), .read_state_i(read_state), .read_data_i(read_data)
    );
    // verilator lint_on PINCONNECTEMPTY

    hyperram_controller #(
        .A(A), .LATENCY(LATENCY), .FIXED(FIXED), .T_CSM(T_CSM), .GAP(GAP),
        .INIT_CYCLES(INIT_CYCLES)
    ) controller (
        .clk_i(memory_clk_i), .rst_i(memory_rst_i), .initialised_o(initialised),
        .request_valid_i(request_valid), .request_ready_o(request_ready),
        .request_write_i(request_write), .request_state_i(request_state),
        .request_address_i(request_address),
        .beat_valid_i(beat_valid), .beat_ready_o(beat_ready), .beat_data_i(beat_data),
        .beat_mask_i(beat_mask),
        .read_valid_o(read_valid), .read_state_o(read_state), .read_data_o(read_data),
        .hyperram_cs_n_o(hyperram_cs_n_o), .hyperram_ck_enable_o(hyperram_ck_enable_o),
        .hyperram_dq_o(hyperram_dq_o), .hyperram_dq_enable_o(hyperram_dq_enable_o),
        .hyperram_dq_i(hyperram_dq_i), .hyperram_rwds_o(hyperram_rwds_o),
        .hyperram_rwds_enable_o(hyperram_rwds_enable_o), .hyperram_rwds_i(hyperram_rwds_i)
    );
endmodule
`default_nettype wire
