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
    // The tree's levels one after the other, the widest first.
    /* verilator lint_off UNOPTFLAT */ // each level depends on the one before alone
    wire [16*(1<<BITS)-1:8] level;
    /* verilator lint_on UNOPTFLAT */
    assign level[16*(1<<BITS)-1:8*(1<<BITS)] = bytes_i;
    assign byte_o = level[15:8];

    genvar b;
    generate
        for (b = 0; b < BITS; b = b + 1) begin : halve
            localparam WIDTH = 8 << b;      // what is left of it
            assign level[WIDTH +: WIDTH] = at_i[b] ? level[3*WIDTH +: WIDTH]
                                                   : level[2*WIDTH +: WIDTH];
        end
    endgenerate
endmodule
`default_nettype wire
