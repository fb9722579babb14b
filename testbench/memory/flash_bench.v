// SPDX-License-Identifier: Apache-2.0
// flash_memory behind the iCE40's pins, with the four lines taken apart for a model of the
// chip: testbench/memory/flash_test.cpp.
`default_nettype none
module flash_bench #(
    parameter T = 16,
    parameter TAPE_LINES = 64,
    parameter TAPE_OFFSET = 1048576,
    parameter WAKE_CYCLES = 150,
    parameter GAP = 3
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    output wire         valid_o,
    input  wire         ready_i,
    output wire [T-1:0] data_o,
    output wire [1:0]   fault_o,

    // What core_side.h drives of the other memories: a flash has neither loading nor state.
    // verilator lint_off UNUSEDSIGNAL
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
    // verilator lint_on UNUSEDSIGNAL

    output wire         flash_cs_n_o,
    output wire         flash_clk_o,
    output wire [3:0]   flash_io_o,         // the lines
    output reg  [3:0]   flash_driven_o,     // by the host
    input  wire [3:0]   chip_io_i,
    input  wire         chip_drives_i
);
    wire       cs_n, sck;
    wire [3:0] sent, enable, received;
    wire [3:0] lines;

    flash_memory #(
        .T(T), .TAPE_LINES(TAPE_LINES), .TAPE_OFFSET(TAPE_OFFSET), .WAKE_CYCLES(WAKE_CYCLES),
        .GAP(GAP)
    ) memory (
        .clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .valid_o(valid_o), .ready_i(ready_i),
        .data_o(data_o), .fault_o(fault_o), .flash_cs_n_o(cs_n), .flash_sck_o(sck),
        .flash_io_o(sent), .flash_io_enable_o(enable), .flash_io_i(received)
    );
    ice40_flash_pins pins (
        .clk_i(clk_i), .flash_cs_n_i(cs_n), .flash_sck_i(sck), .flash_io_i(sent),
        .flash_io_enable_i(enable), .flash_io_o(received), .flash_cs_n(flash_cs_n_o),
        .flash_clk(flash_clk_o), .flash_io(lines)
    );
    assign {load_ready_o, load_busy_o, state_ready_o, state_write_ready_o} = 4'b1000;
    assign {state_read_valid_o, state_read_data_o} = 0;
    assign lines = chip_drives_i ? chip_io_i : 4'bz;
    assign flash_io_o = lines;
    always @(posedge clk_i) flash_driven_o <= enable;
endmodule
`default_nettype wire
