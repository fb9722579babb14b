// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A row's total to a result: saturate(round_shift(total x 256, shift), 2^31 - 1)
// as gen/op/numerics.h defines the two, and the same held to 18 bits.
//
// floor(floor(x / 2^a) / 2^b) is floor(x / 2^(a+b)), so the shift may be done in
// steps; one bit below the result's lowest decides the rounding.
//
// Timing: the results are there four cycles after its total; shift_i holds still.
// Resources: two shifters of WIDTH + 9 bits by a fourth power and a shifter by 0
// to 3, an adder of 33 bits.
module result_rounder #(
    parameter WIDTH = 48
) (
    input wire clk_i,
    input wire valid_i,
    input wire signed [WIDTH-1:0] total_i,
    input wire [5:0] shift_i,
    output wire valid_o,
    output reg signed [31:0] result_o,
    output reg signed [17:0] narrow_o
);

  // The total in halves of 2^-8.
  localparam DOUBLED = WIDTH + 9;

  wire signed [DOUBLED-1:0] doubled = {total_i, 9'd0};
  wire signed [DOUBLED-1:0] coarse = doubled >>> {shift_i[5:4], 4'd0};

  // Stage 1: shifted by 16s.
  reg signed [DOUBLED-1:0] value_1;

  // Stage 2: by the rest. What is lost above must have been copies of the sign.
  wire signed [DOUBLED-1:0] fine = value_1 >>> shift_i[3:0];
  reg signed [32:0] value_2;
  reg [DOUBLED-33:0] above_2;
  reg negative_2;

  // Stage 3: rounded.
  reg signed [32:0] value_3;
  reg too_large_3;
  reg negative_3;

  wire [31:0] limit = {negative_3, {30{!negative_3}}, 1'b1};
  wire fits = value_3[32] == value_3[31] && value_3[31:0] != 32'h80000000;
  wire fits_18 = value_3[32:17] == {16{value_3[32]}} && value_3[17:0] != 18'h20000;

  always @(posedge clk_i) begin
    value_1 <= coarse;

    value_2 <= fine[32:0];
    above_2 <= fine[DOUBLED-1:32];
    negative_2 <= value_1[DOUBLED-1];

    value_3 <= $signed({value_2[32], value_2[32:1]}) + $signed({32'd0, value_2[0]});
    too_large_3 <= above_2 != {DOUBLED - 32{negative_2}};
    negative_3 <= negative_2;

    result_o <= !too_large_3 && fits ? value_3[31:0] : limit;
    narrow_o <= !too_large_3 && fits_18 ? value_3[17:0] : {limit[31], limit[16:0]};
  end

  delay #(
      .WIDTH (1),
      .CYCLES(4)
  ) delay_valid (
      .clk_i (clk_i),
      .data_i(valid_i),
      .data_o(valid_o)
  );

endmodule

`default_nettype wire
