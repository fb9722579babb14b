// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The signed value_i held to +-(2^(OUT_BITS-1) - 1): symmetric, so that a
// magnitude always fits OUT_BITS - 1 bits. Combinational. IN_BITS > OUT_BITS.
module saturate #(
    parameter IN_BITS  = 32,
    parameter OUT_BITS = 18
) (
    input wire [IN_BITS-1:0] value_i,
    output wire [OUT_BITS-1:0] value_o
);

  localparam [OUT_BITS-1:0] MAX = {1'b0, {OUT_BITS - 1{1'b1}}};
  localparam [OUT_BITS-1:0] MIN = ~MAX + 1'b1;

  wire negative = value_i[IN_BITS-1];
  wire [IN_BITS-OUT_BITS:0] top = value_i[IN_BITS-1:OUT_BITS-1];
  wire fits = top == {IN_BITS - OUT_BITS + 1{negative}};
  wire lowest = fits && value_i[OUT_BITS-1:0] == ~MAX;

  assign value_o = fits && !lowest ? value_i[OUT_BITS-1:0] : negative ? MIN : MAX;

endmodule

`default_nettype wire
