// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What follows a convolution, for one column: bias, activation, sum with another
// node's value; or activation and sum of a value that is there already.
//
//   x = saturate(result + bias), or wide_i; x < 0: saturate(round_shift(x x slope, 14));
//   held to low .. high; saturate(round_shift((x << left_a) + (other << left_b), right))
//
// Timing: the result in cycle t; bias_i and wide_i in t + 2, slope_i in t + 3, the
// other value in t + 6; value_o in t + 9. Results may come every cycle.
// Resources: with MULTIPLY an 18 x 18 multiplier, without it a shifter: then
// slope_i is 2^(14 - slope_i[4:0]), or 0 where that is 31.
module picture_post #(
    parameter FAMILY = "generic",
    parameter MULTIPLY = 0,
    parameter LEFT_MAX = 8  // of the shifts before a sum
) (
    input wire clk_i,
    input wire activate_i,
    input wire wide_source_i,
    input wire add_i,
    input wire [17:0] low_i,
    input wire [17:0] high_i,
    input wire [4:0] left_a_i,
    input wire [4:0] left_b_i,
    input wire [4:0] right_i,

    input wire [31:0] result_i,
    input wire [17:0] wide_i,
    input wire [17:0] bias_i,
    input wire [17:0] slope_i,
    input wire [17:0] other_i,
    output reg [17:0] value_o
);

  localparam SUM = 19 + LEFT_MAX;

  // Cycle 3: the value. A result beyond 20 bits saturates whatever the bias.
  wire [19:0] held;
  wire [19:0] held_2;
  wire [20:0] biased = {held_2[19], held_2} + {{3{bias_i[17]}}, bias_i};
  wire [17:0] limited;
  reg [17:0] x_3;

  saturate #(
      .IN_BITS (32),
      .OUT_BITS(20)
  ) hold (
      .value_i(result_i),
      .value_o(held)
  );

  delay #(
      .WIDTH (20),
      .CYCLES(2)
  ) delay_held (
      .clk_i (clk_i),
      .data_i(held),
      .data_o(held_2)
  );

  saturate #(
      .IN_BITS (21),
      .OUT_BITS(18)
  ) limit (
      .value_i(biased),
      .value_o(limited)
  );

  always @(posedge clk_i) x_3 <= wide_source_i ? wide_i : limited;

  // Cycle 5: what a negative one becomes.
  wire [17:0] x_5;
  wire [17:0] bent_5;

  delay #(
      .WIDTH (18),
      .CYCLES(2)
  ) delay_x (
      .clk_i (clk_i),
      .data_i(x_3),
      .data_o(x_5)
  );

  generate
    if (MULTIPLY) begin : g_multiply
      wire signed [35:0] product;
      wire [35:0] rounded = (product + 36'sd8192) >>> 14;

      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (18)
      ) slope (
          .clk_i(clk_i),
          .a_i(x_3),
          .b_i(slope_i),
          .product_o(product)
      );

      saturate #(
          .IN_BITS (36),
          .OUT_BITS(18)
      ) limit_bent (
          .value_i(rounded),
          .value_o(bent_5)
      );
    end else begin : g_shift
      wire [17:0] shifted;
      reg  [17:0] shifted_5;

      round_shift #(
          .WIDTH(18),
          .SHIFT_BITS(5)
      ) slope (
          .clk_i  (clk_i),
          .value_i(x_3),
          .shift_i(slope_i[4:0]),
          .value_o(shifted)
      );

      always @(posedge clk_i) shifted_5 <= shifted;
      assign bent_5 = shifted_5;

      wire unused = &{1'b0, slope_i};
    end
  endgenerate

  // Cycle 6: activated.
  wire signed [17:0] active = activate_i && x_5[17] ? bent_5 : x_5;
  wire under = activate_i && active < $signed(low_i);
  wire over = activate_i && active > $signed(high_i);
  reg signed [17:0] x_6;

  always @(posedge clk_i) x_6 <= under ? low_i : over ? high_i : active;

  // Cycles 7 to 9: the sum.
  wire signed [SUM-1:0] a = {{SUM - 18{x_6[17]}}, x_6} <<< left_a_i;
  wire signed [SUM-1:0] b = {{SUM - 18{other_i[17]}}, other_i} <<< left_b_i;
  reg signed [SUM-1:0] sum_7;
  wire [SUM-1:0] sum_8;
  wire [17:0] total_8;
  wire [17:0] x_8;

  always @(posedge clk_i) sum_7 <= a + b;

  round_shift #(
      .WIDTH(SUM),
      .SHIFT_BITS(5)
  ) divide (
      .clk_i  (clk_i),
      .value_i(sum_7),
      .shift_i(right_i),
      .value_o(sum_8)
  );

  saturate #(
      .IN_BITS (SUM),
      .OUT_BITS(18)
  ) limit_sum (
      .value_i(sum_8),
      .value_o(total_8)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(2)
  ) delay_active (
      .clk_i (clk_i),
      .data_i(x_6),
      .data_o(x_8)
  );

  always @(posedge clk_i) value_o <= add_i ? total_8 : x_8;

endmodule

`default_nettype wire
