// SPDX-License-Identifier: Apache-2.0
// Byte at_i of 2^BITS, as a tree of two-way multiplexers: what a synthesiser makes least of.
//
// Latency: none.  Resources: 8 x 2^BITS two-way multiplexers at most; where bytes are
//   constants, far fewer.
`default_nettype none
module byte_pick #(
    parameter BITS = 5
) (
    input  wire [8*(1<<BITS)-1:0] bytes_i,
    input  wire [BITS-1:0]        at_i,
    output wire [7:0]             byte_o
);
    // The tree's levels, each half as wide as the one before. They are separate wires: one
    // that depends on parts of itself is a loop to Verilator, which then takes twice as long.
    genvar b;
    generate
        for (b = 0; b <= BITS; b = b + 1) begin : halve
            localparam WIDTH = 8 << (BITS - b);     // what is left
            wire [WIDTH-1:0] level;
            if (b == 0) begin : whole
                assign level = bytes_i;
            end else begin : half
                assign level = at_i[BITS-b] ? halve[b-1].level[WIDTH +: WIDTH]
                                            : halve[b-1].level[0 +: WIDTH];
            end
        end
    endgenerate
    assign byte_o = halve[BITS].level;
endmodule
`default_nettype wire
