// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The signed value_i / 2^shift_i, rounded down after eighths_i / 8 was added: to
// nearest with 4, and without a bias in the mean of all odd ones.
//
// Timing: value_o belongs to the value and the shift of one cycle ago, and to the
// eighths_i of now.
// Resources: a shifter of WIDTH + 3 bits, WIDTH + 3 registers, an adder.
module dithered_shift #(
    parameter WIDTH = 31,
    parameter SHIFT_BITS = 5
) (
    input wire clk_i,
    input wire signed [WIDTH-1:0] value_i,
    input wire [SHIFT_BITS-1:0] shift_i,
    input wire [2:0] eighths_i,
    output wire signed [WIDTH-1:0] value_o
);

  wire signed [WIDTH+2:0] scaled = {value_i, 3'b000};
  reg signed [WIDTH+2:0] shifted;

  always @(posedge clk_i) shifted <= scaled >>> shift_i;

  wire [3:0] fraction = {1'b0, shifted[2:0]} + {1'b0, eighths_i};

  assign value_o = $signed(shifted[WIDTH+2:3]) + $signed({{WIDTH - 1{1'b0}}, fraction[3]});

  wire unused = &{1'b0, fraction};

endmodule

`default_nettype wire
