// SPDX-License-Identifier: Apache-2.0
// hyperram_memory behind the ECP5's pins, with the lines taken apart for a model of the chip:
// testbench/memory/hyperram_pins_test.cpp.
`default_nettype none
module hyperram_bench #(
    parameter T = 32,
    parameter TAPE_LINES = 64,
    parameter A = 22,
    parameter LATENCY = 6,
    parameter FIXED = 1,
    parameter T_CSM = 240,
    parameter GAP = 3,
    parameter INIT_CYCLES = 99
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
    input  wire         shifted_clk_i,
    output wire         cs_n_o,
    output wire         ck_o,
    output wire [7:0]   dq_o,               // the lines
    output wire         rwds_o,
    output wire [1:0]   dq_driven_o,        // by the host: with what it sends, and at all
    output wire [1:0]   rwds_driven_o,
    input  wire [7:0]   chip_dq_i,
    input  wire         chip_dq_drives_i,
    input  wire         chip_rwds_i,
    input  wire         chip_rwds_drives_i
);
    wire        cs_n, ck_enable, dq_enable, rwds_enable;
    wire [15:0] dq_sent, dq_received;
    wire [1:0]  rwds_sent, rwds_received;
    wire [7:0]  dq;
    wire        rwds;

    hyperram_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .A(A), .LATENCY(LATENCY), .FIXED(FIXED), .T_CSM(T_CSM),
        .GAP(GAP), .INIT_CYCLES(INIT_CYCLES)
    ) memory (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(start_i), .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o),
        .load_start_i(load_start_i), .load_line_i(load_line_i), .load_valid_i(load_valid_i),
        .load_ready_o(load_ready_o), .load_data_i(load_data_i), .load_busy_o(load_busy_o),
        .state_valid_i(state_valid_i), .state_ready_o(state_ready_o),
        .state_write_i(state_write_i), .state_address_i(state_address_i),
        .state_length_i(state_length_i), .state_write_valid_i(state_write_valid_i),
        .state_write_ready_o(state_write_ready_o), .state_write_data_i(state_write_data_i),
        .state_read_valid_o(state_read_valid_o), .state_read_data_o(state_read_data_o),
        .fault_o(fault_o), .memory_clk_i(memory_clk_i), .memory_rst_i(memory_rst_i),
        .hyperram_cs_n_o(cs_n), .hyperram_ck_enable_o(ck_enable), .hyperram_dq_o(dq_sent),
        .hyperram_dq_enable_o(dq_enable), .hyperram_dq_i(dq_received),
        .hyperram_rwds_o(rwds_sent), .hyperram_rwds_enable_o(rwds_enable),
        .hyperram_rwds_i(rwds_received)
    );
    ecp5_hyperram_pins pins (
        .memory_clk_i(memory_clk_i), .shifted_clk_i(shifted_clk_i), .hyperram_cs_n_i(cs_n),
        .hyperram_ck_enable_i(ck_enable), .hyperram_dq_i(dq_sent),
        .hyperram_dq_enable_i(dq_enable), .hyperram_dq_o(dq_received),
        .hyperram_rwds_i(rwds_sent), .hyperram_rwds_enable_i(rwds_enable),
        .hyperram_rwds_o(rwds_received), .ram_cs_n(cs_n_o), .ram_clk(ck_o), .ram_dq(dq),
        .ram_rwds(rwds)
    );
    assign dq = chip_dq_drives_i ? chip_dq_i : 8'bz;
    assign rwds = chip_rwds_drives_i ? chip_rwds_i : 1'bz;
    assign dq_o = dq;
    assign rwds_o = rwds;

    // As the pins do it, for the model to see.
    reg [1:0] dq_held, rwds_held;
    always @(posedge memory_clk_i) begin
        dq_held <= {dq_held[0], dq_enable};
        rwds_held <= {rwds_held[0], rwds_enable};
    end
    assign dq_driven_o = {dq_held[0], dq_enable | (|dq_held)};
    assign rwds_driven_o = {rwds_held[0], rwds_enable | (|rwds_held)};
endmodule
`default_nettype wire
