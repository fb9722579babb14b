// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What a state keeps over a time step: 2^-(step x decay) in 1/65536, where
// step x decay is step_i decay_i / 2^(shift_i + 12). find_keep() of gen/op/scan.c.
//
// Timing: takes one a cycle; keep_o belongs to the inputs of 11 cycles ago.
// Resources: two multipliers, a function table, shifters of 39 and 18 bits.
module decay #(
    parameter FAMILY = "generic",
    parameter TABLE_FILE = "function_table.hex"
) (
    input wire clk_i,
    input wire [16:0] step_i,
    input wire [5:0] shift_i,
    input wire [15:0] decay_i,
    output reg [16:0] keep_o
);

  // Cycles 2 to 4: the product, 16 fraction bits.
  wire signed [35:0] product_2;
  wire [5:0] shift_2;
  wire signed [38:0] exponent_3;
  reg [37:0] exponent_4;

  multiplier #(
      .FAMILY(FAMILY)
  ) multiply (
      .clk_i(clk_i),
      .a_i({1'b0, step_i}),
      .b_i({2'd0, decay_i}),
      .product_o(product_2)
  );

  delay #(
      .WIDTH (6),
      .CYCLES(2)
  ) delay_shift (
      .clk_i (clk_i),
      .data_i(shift_i),
      .data_o(shift_2)
  );

  // Four bits more, so that the shift is never to the left.
  round_shift #(
      .WIDTH(39),
      .SHIFT_BITS(6)
  ) scale (
      .clk_i  (clk_i),
      .value_i({1'b0, product_2[33:0], 4'd0}),
      .shift_i(shift_2),
      .value_o(exponent_3)
  );

  always @(posedge clk_i) exponent_4 <= exponent_3[37:0];

  // Cycles 4 to 9: 2^-fraction.
  wire signed [17:0] base_6;
  wire signed [17:0] slope_6;
  wire signed [17:0] base_8;
  wire signed [35:0] product_8;
  wire [9:0] left_6;
  wire [18:0] change = product_8[27:9] + 19'd1;
  reg [17:0] power_9;

  function_table #(
      .FILE(TABLE_FILE)
  ) functions (
      .clk_i(clk_i),
      .address_i({3'b100, exponent_4[15:10]}),
      .base_o(base_6),
      .slope_o(slope_6)
  );

  delay #(
      .WIDTH (10),
      .CYCLES(2)
  ) delay_left (
      .clk_i (clk_i),
      .data_i(exponent_4[9:0]),
      .data_o(left_6)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(2)
  ) delay_base (
      .clk_i (clk_i),
      .data_i(base_6),
      .data_o(base_8)
  );

  multiplier #(
      .FAMILY(FAMILY)
  ) multiply_slope (
      .clk_i(clk_i),
      .a_i(slope_6),
      .b_i({8'd0, left_6}),
      .product_o(product_8)
  );

  // Cycles 9 to 11: halved for each whole.
  wire [4:0] whole_9;
  wire zero_9;
  reg zero_10;
  wire [17:0] keep_10;

  delay #(
      .WIDTH (6),
      .CYCLES(5)
  ) delay_whole (
      .clk_i (clk_i),
      .data_i({exponent_4[37:16] > 22'd17, exponent_4[20:16]}),
      .data_o({zero_9, whole_9})
  );

  round_shift #(
      .WIDTH(18),
      .SHIFT_BITS(5)
  ) halve (
      .clk_i  (clk_i),
      .value_i(power_9),
      .shift_i(whole_9),
      .value_o(keep_10)
  );

  always @(posedge clk_i) begin
    power_9 <= base_8 + change[18:1];
    zero_10 <= zero_9;
    keep_o  <= zero_10 ? 17'd0 : keep_10[16:0];
  end

  wire unused = &{1'b0, product_2[35:34], exponent_3[38], product_8, change[0], keep_10[17]};

endmodule

`default_nettype wire
