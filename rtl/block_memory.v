// SPDX-License-Identifier: Apache-2.0
// Block RAM as the memory of a design: docs/memories.md.  The bitstream fills it from
// FILE, a $readmemh file of words of T bits; it can be loaded as well.
//
// Timing: as local_memory_port.  fault_o is clear: the memory is on the chip.
// Resources: WORDS x T bits of block RAM and a local_memory_port.
`default_nettype none
module block_memory #(
    parameter T = 32,
    parameter WORDS = 4096,         // a power of two
    parameter TAPE_LINES = 256,
    parameter FILE = ""             // none where it is empty
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
    output wire [1:0]   fault_o
);
    localparam A = $clog2(WORDS);

    reg  [T-1:0] memory [0:WORDS-1];
    reg  [T-1:0] shown;
    wire         read;
    wire         write;
    wire [A-1:0] address;
    wire [T-1:0] write_data;

    local_memory_port #(.T(T), .WORDS(WORDS), .TAPE_LINES(TAPE_LINES)) port (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(start_i), .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o),
        .load_start_i(load_start_i), .load_line_i(load_line_i), .load_valid_i(load_valid_i),
        .load_ready_o(load_ready_o), .load_data_i(load_data_i), .load_busy_o(load_busy_o),
        .state_valid_i(state_valid_i), .state_ready_o(state_ready_o),
        .state_write_i(state_write_i), .state_address_i(state_address_i),
        .state_length_i(state_length_i), .state_write_valid_i(state_write_valid_i),
        .state_write_ready_o(state_write_ready_o), .state_write_data_i(state_write_data_i),
        .state_read_valid_o(state_read_valid_o), .state_read_data_o(state_read_data_o),
        .fault_o(fault_o), .ram_read_o(read), .ram_write_o(write), .ram_address_o(address),
        .ram_data_o(write_data), .ram_data_i(shown)
    );

    initial if (FILE != "") $readmemh(FILE, memory);

    always @(posedge clk_i) begin
        if (write) memory[address] <= write_data;
        if (read) shown <= memory[address];
    end
endmodule
`default_nettype wire
