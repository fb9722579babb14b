// SPDX-License-Identifier: Apache-2.0
// CRC-32 of IEEE 802.3 (reflected, polynomial 0xEDB88320) over WIDTH bits a
// cycle, the least significant bit first.
//
// `crc_o` is the checksum of all that was taken before this cycle; `clear_i` starts
// anew and wins over `valid_i`.  Data followed by its own checksum, low byte first,
// gives 0x2144DF1C, whatever the data.
// Latency: one cycle.  Resources: 32 registers and the XOR trees of a WIDTH-bit step.
`default_nettype none
module crc32 #(
    parameter WIDTH = 8
) (
    input  wire             clk_i,
    input  wire             clear_i,
    input  wire             valid_i,
    input  wire [WIDTH-1:0] data_i,
    output wire [31:0]      crc_o
);
    reg [31:0] state;

    // What is in the state after a cycle is linear in what enters it: the state and the
    // data, bit i of both together. A bit of the state is the sum of about half of them,
    // and summed as such it is three LUTs deep where a chain of steps has seven.
    localparam BITS = WIDTH > 32 ? WIDTH : 32;

    // Bit i's part in the 32 bits of the state, at 32 * i.
    function [32*BITS-1:0] parts;
        input unused;
        integer i;
        reg [31:0] part;
        begin
            parts = {32*BITS{unused}};
            part = 32'd1;
            for (i = WIDTH - 1; i >= 0; i = i - 1) begin
                part = {1'b0, part[31:1]} ^ (part[0] ? 32'hEDB88320 : 32'd0);
                parts[32*i +: 32] = part;
            end
            // Fewer bits of data than the state has: the others move down.
            for (i = WIDTH; i < BITS; i = i + 1) parts[32*i +: 32] = 32'd1 << (i - WIDTH);
        end
    endfunction
    localparam [32*BITS-1:0] PARTS = parts(1'b0);

    wire [BITS-1:0] entering;
    wire [31:0]     next;
    generate
        if (BITS > 32) assign entering = data_i ^ {{BITS-32{1'b0}}, state};
        else if (WIDTH < 32) assign entering = state ^ {{32-WIDTH{1'b0}}, data_i};
        else assign entering = state ^ data_i;
    endgenerate
    genvar i, j;
    generate
        for (j = 0; j < 32; j = j + 1) begin : sums
            wire [BITS-1:0] counts;
            for (i = 0; i < BITS; i = i + 1) begin : bits
                assign counts[i] = PARTS[32*i + j];
            end
            assign next[j] = ^(entering & counts);
        end
    endgenerate

    assign crc_o = ~state;

    always @(posedge clk_i) begin
        if (clear_i) state <= 32'hFFFFFFFF;
        else if (valid_i) state <= next;
    end
endmodule
`default_nettype wire
