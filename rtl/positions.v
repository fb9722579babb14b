// SPDX-License-Identifier: Apache-2.0
// The position of each column's token, and the last of those that take part.
//
// A column's position is taken in the cycle in which its `load_i` bit is high.
// Latency: `last_o` follows positions and count by one cycle.
// Resources: COLUMNS x (a register for each bit of a position, and a comparator).
`default_nettype none
module positions #(
    parameter COLUMNS = 2,
    parameter MAX_SEQ = 512
) (
    input  wire                  clk_i,
    input  wire [COLUMNS-1:0]    load_i,
    input  wire [15:0]           data_i,
    input  wire [7:0]            count_i,     // columns 0 .. count-1 take part
    output reg  [COLUMNS*16-1:0] position_o,
    output reg  [15:0]           last_o
);
    localparam [15:0] MASK = (1 << $clog2(MAX_SEQ)) - 1;     // of the bits it can have

    reg [15:0] greatest;
    integer c;
    always @* begin
        greatest = 16'd0;
        for (c = 0; c < COLUMNS; c = c + 1)
            if ((c[7:0] < count_i) & (position_o[16*c +: 16] > greatest))
                greatest = position_o[16*c +: 16];
    end

    integer d;
    always @(posedge clk_i) begin
        last_o <= greatest;
        for (d = 0; d < COLUMNS; d = d + 1)
            if (load_i[d]) position_o[16*d +: 16] <= data_i & MASK;
    end
endmodule
`default_nettype wire
