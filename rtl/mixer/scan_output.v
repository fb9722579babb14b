// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// y of each channel: the sum over its blocks of (state . C) 2^(both exponents), plus
// D x, rounded to 32 bits: scan_channel() of gen/op/scan.c.
//
// Timing: a word of LANES state elements a cycle, with its marks. Two to one cycles
// after a channel's last word d_x_taken_o takes d_x_i; y comes 12 cycles after the word.
// Resources: LANES multipliers, a shifter of 62 bits, result_rounder.
module scan_output #(
    parameter FAMILY = "generic",
    parameter LANES = 4,
    parameter STATE_BITS = 8
) (
    input wire clk_i,
    input wire rst_i,
    input wire [5:0] d_left_i,
    input wire [5:0] shift_i,

    input wire valid_i,
    input wire first_block_i,  // of the channel
    input wire last_block_i,
    input wire block_begins_i,
    input wire block_ends_i,
    input wire [LANES*STATE_BITS-1:0] word_i,
    input wire [4:0] exponent_i,
    input wire [8*LANES-1:0] c_i,
    input wire [3:0] c_exponent_i,

    output wire d_x_taken_o,
    input wire [33:0] d_x_i,

    output wire valid_o,
    output wire [31:0] y_o
);

  localparam integer DOT_BITS = STATE_BITS + 12;
  localparam integer TOTAL_BITS = 62;  // 2^32 x 2^28, and less

  // Cycles 2 to 4: a block's products and their sum.
  wire [36*LANES-1:0] products;
  reg [DOT_BITS-1:0] word_sum;
  reg [DOT_BITS-1:0] word_sum_3;
  reg [DOT_BITS-1:0] dot_4;
  wire valid_3;
  wire begins_3;
  wire ends_3;
  wire first_3;
  wire last_3;
  wire [5:0] exponent_3;
  integer i;

  genvar g;
  generate
    for (g = 0; g < LANES; g = g + 1) begin : g_lane
      wire [STATE_BITS-1:0] m = word_i[STATE_BITS*g+:STATE_BITS];

      multiplier #(
          .FAMILY(FAMILY)
      ) multiply (
          .clk_i(clk_i),
          .a_i({{18 - STATE_BITS{m[STATE_BITS-1]}}, m}),
          .b_i({{10{c_i[8*g+7]}}, c_i[8*g+:8]}),
          .product_o(products[36*g+:36])
      );
    end
  endgenerate

  always @* begin
    word_sum = {DOT_BITS{1'b0}};
    for (i = 0; i < LANES; i = i + 1) word_sum = word_sum + products[36*i+:DOT_BITS];
  end

  delay #(
      .WIDTH (11),
      .CYCLES(3)
  ) delay_marks (
      .clk_i(clk_i),
      .data_i({
        valid_i && !rst_i,
        block_begins_i,
        block_ends_i,
        first_block_i,
        last_block_i,
        {1'b0, exponent_i} + {2'd0, c_exponent_i}
      }),
      .data_o({valid_3, begins_3, ends_3, first_3, last_3, exponent_3})
  );

  // Cycles 4 and 5: a channel's terms, one for each block and then D x.
  reg block_4;
  reg first_4;
  reg last_4;
  reg d_x_5;
  reg [5:0] exponent_4;
  wire term_valid = block_4 || d_x_5;
  wire [33:0] term = d_x_5 ? d_x_i : {{34 - DOT_BITS{dot_4[DOT_BITS-1]}}, dot_4};
  wire [5:0] left = d_x_5 ? d_left_i : exponent_4;

  always @(posedge clk_i) begin
    word_sum_3 <= word_sum;
    if (valid_3) dot_4 <= (begins_3 ? {DOT_BITS{1'b0}} : dot_4) + word_sum_3;
    block_4 <= valid_3 && ends_3 && !rst_i;
    {first_4, last_4, exponent_4} <= {first_3, last_3, exponent_3};
    d_x_5 <= block_4 && last_4 && !rst_i;
  end

  assign d_x_taken_o = d_x_5;

  // Each moved to its place, by whole bytes and by the rest, and added: cycles 5 to 8.
  wire [TOTAL_BITS-1:0] wide_term = {{TOTAL_BITS - 34{term[33]}}, term};
  reg [TOTAL_BITS-1:0] coarse;
  reg [2:0] fine_left;
  reg [TOTAL_BITS-1:0] moved;
  reg [TOTAL_BITS-1:0] total;
  reg [1:0] valid;
  reg [1:0] first;
  reg [2:0] last;
  wire [54:0] limited;
  reg [54:0] limited_9;
  reg limited_valid;

  saturate #(
      .IN_BITS (TOTAL_BITS),
      .OUT_BITS(55)
  ) limit (
      .value_i(total),
      .value_o(limited)
  );

  always @(posedge clk_i) begin
    coarse <= wide_term << {left[5:3], 3'd0};
    fine_left <= left[2:0];
    moved <= coarse << fine_left;
    valid <= rst_i ? 2'd0 : {valid[0], term_valid};
    first <= {first[0], block_4 && first_4};
    last <= rst_i ? 3'd0 : {last[1:0], d_x_5};
    if (valid[1]) total <= (first[1] ? {TOTAL_BITS{1'b0}} : total) + moved;
    limited_9 <= limited;
    limited_valid <= last[2] && !rst_i;
  end

  wire [17:0] unused_narrow;
  result_rounder #(
      .WIDTH(55)
  ) round (
      .clk_i(clk_i),
      .valid_i(limited_valid),
      .total_i(limited_9),
      .shift_i(shift_i),
      .valid_o(valid_o),
      .result_o(y_o),
      .narrow_o(unused_narrow)
  );

  wire unused = &{1'b0, products};

endmodule

`default_nettype wire
