// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The signed value_i / 2^shift_i, halves rounded towards +infinity.
//
// Timing: value_o belongs to the inputs of one cycle ago; a register follows
// the shifter, and only the rounding's increment comes after it.
// Any shift_i is right, also one beyond the width (the result is then 0).
// Resources: a shifter of WIDTH + 1 bits, WIDTH + 1 registers, an adder.
module round_shift #(
    parameter WIDTH = 32,
    parameter SHIFT_BITS = 5
) (
    input wire clk_i,
    input wire signed [WIDTH-1:0] value_i,
    input wire [SHIFT_BITS-1:0] shift_i,
    output wire signed [WIDTH-1:0] value_o
);

  // One bit below the result's last one decides the rounding:
  // floor((floor(2x / 2^s) + 1) / 2) = floor(x / 2^s + 1/2).
  wire signed [WIDTH:0] doubled = {value_i, 1'b0};
  reg signed [WIDTH:0] shifted;

  always @(posedge clk_i) shifted <= doubled >>> shift_i;

  assign value_o = $signed(shifted[WIDTH:1]) + $signed({{WIDTH - 1{1'b0}}, shifted[0]});

endmodule

`default_nettype wire
