// SPDX-License-Identifier: Apache-2.0
// A field of an operator's header line, kept as the line's words go by.
//
// taken_i with the word and its number in the line.  A field begins at a multiple of 16 bits or
//   lies within 16.
// Latency: field_o has what was in a word from the next cycle on, until the next header.
// Resources: WIDTH registers.
`default_nettype none
module header_field #(
    parameter T = 64,               // bits of a word
    parameter LOW = 0,              // the field's place in the line
    parameter WIDTH = 16
) (
    input  wire             clk_i,
    input  wire             taken_i,
    input  wire [3:0]       at_i,
    input  wire [T-1:0]     word_i,
    output wire [WIDTH-1:0] field_o
);
    localparam PIECES = (WIDTH + 15) / 16;

    genvar p;
    generate
        for (p = 0; p < PIECES; p = p + 1) begin : pieces
            localparam BITS = (WIDTH - 16 * p < 16) ? WIDTH - 16 * p : 16;
            localparam WORD = (LOW + 16 * p) / T;
            reg [BITS-1:0] piece;
            always @(posedge clk_i)
                if (taken_i & (at_i == WORD[3:0])) piece <= word_i[(LOW+16*p)%T +: BITS];
            assign field_o[16*p +: BITS] = piece;
        end
    endgenerate

    wire unused = &{1'b0, word_i};
endmodule
`default_nettype wire
