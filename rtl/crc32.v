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

    function [31:0] step;
        input [31:0] old;
        input [WIDTH-1:0] bits;
        integer i;
        begin
            step = old;
            for (i = 0; i < WIDTH; i = i + 1)
                step = {1'b0, step[31:1]} ^ ((step[0] ^ bits[i]) ? 32'hEDB88320 : 32'd0);
        end
    endfunction

    assign crc_o = ~state;

    always @(posedge clk_i) begin
        if (clear_i) state <= 32'hFFFFFFFF;
        else if (valid_i) state <= step(state, data_i);
    end
endmodule
`default_nettype wire
