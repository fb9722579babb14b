// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The chords of silu, exp2, reciprocal and rsqrt (gen/op/function_table.h).
//
// Timing: base_o and slope_o belong to address_i of two cycles ago.
// Resources: one 512 x 36 ROM (a block RAM), 36 registers.
module function_table #(
    parameter FILE = "function_table.hex"
) (
    input wire clk_i,
    input wire [8:0] address_i,
    output wire signed [17:0] base_o,
    output wire signed [17:0] slope_o
);

  reg [35:0] memory[0:511];
  reg [35:0] word;
  reg [35:0] chord;

  initial $readmemh(FILE, memory);

  always @(posedge clk_i) begin
    word  <= memory[address_i];
    chord <= word;
  end

  assign base_o  = chord[35:18];
  assign slope_o = chord[17:0];

endmodule

`default_nettype wire
