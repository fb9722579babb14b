// SPDX-License-Identifier: Apache-2.0
// The iCE40UP5K's four SPRAMs, 128 KB, as the memory of a design: docs/memories.md.  It
// is empty after configuration: the tape is loaded over the link.
//
// T = 64 reads all four at once, T = 32 two, T = 16 one.
// Timing: as local_memory_port.  fault_o is clear: the memory is on the chip.
// Resources: four SPRAMs and a local_memory_port.
`default_nettype none
module spram_memory #(
    parameter T = 64,               // 16, 32 or 64
    parameter TAPE_LINES = 4096,
    parameter FAMILY = "generic"
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
    localparam WIDE = T / 16;       // SPRAMs side by side
    localparam DEEP = 4 / WIDE;     // and behind one another
    localparam A = 14 + $clog2(DEEP);
    localparam PAIR = (DEEP > 1) ? A - 1 : 13;

    wire          read;
    wire          write;
    wire [A-1:0]  address;
    wire [T-1:0]  write_data;
    wire [64-1:0] shown;            // all four
    reg  [1:0]    shown_row;

    local_memory_port #(.T(T), .WORDS(DEEP * 16384), .TAPE_LINES(TAPE_LINES)) port (
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
        .ram_data_o(write_data), .ram_data_i(shown[shown_row * T +: T])
    );

    wire [1:0] row;
    generate
        if (DEEP > 1) begin : rows
            assign row = {{(2 - $clog2(DEEP)){1'b0}}, address[PAIR:14]};
        end else begin : one_row
            assign row = 2'd0;
        end
    endgenerate
    always @(posedge clk_i) if (read) shown_row <= row;

    genvar i;
    generate
        for (i = 0; i < 4; i = i + 1) begin : blocks
            localparam COLUMN = i % WIDE;
            localparam ROW = i / WIDE;
            spram_block #(.FAMILY(FAMILY)) ram (
                .clk_i(clk_i), .enable_i((read | write) & (row == ROW[1:0])), .write_i(write),
                .address_i(address[13:0]), .data_i(write_data[16 * COLUMN +: 16]),
                .data_o(shown[16 * i +: 16])
            );
        end
    endgenerate
endmodule
`default_nettype wire
