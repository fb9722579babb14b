// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The step of one state element: saturate(round_shift(keep x m 2^e, 16) + u B
// 2^-right, 2^30 - 1), scan_block() of gen/op/scan.c.
//
// u B is moved by whole bytes after its product and by the rest before it, in u.
//
// Timing: an element a cycle. value_o comes six cycles after keep_i and mantissa_i,
// four after keep_right_i (16 + KEEP_LEFT - e), five after input_i and b_i, three
// after place_i.
// Resources: two multipliers, a shifter of 34 bits, a multiplexer of eight.
module scan_lane #(
    parameter FAMILY = "generic",
    parameter STATE_BITS = 8,
    parameter KEEP_LEFT = 7  // the largest exponent less 16, or 0
) (
    input wire clk_i,

    input wire [16:0] keep_i,
    input wire [STATE_BITS-1:0] mantissa_i,
    input wire [5:0] keep_right_i,

    input wire [14:0] input_i,
    input wire [7:0] b_i,
    input wire [2:0] place_i,  // bytes to the left; 5: two, 6: one to the right; 7: nothing

    output wire [30:0] value_o
);

  localparam integer KEPT_BITS = 18 + STATE_BITS + KEEP_LEFT;

  // What is kept.
  wire signed [35:0] keep_product;
  wire signed [KEPT_BITS-1:0] kept_3;
  reg signed [34:0] kept_4;

  multiplier #(
      .FAMILY(FAMILY)
  ) keep (
      .clk_i(clk_i),
      .a_i({1'b0, keep_i}),
      .b_i({{18 - STATE_BITS{mantissa_i[STATE_BITS-1]}}, mantissa_i}),
      .product_o(keep_product)
  );

  generate
    if (KEEP_LEFT > 0) begin : g_left
      round_shift #(
          .WIDTH(KEPT_BITS),
          .SHIFT_BITS(6)
      ) scale (
          .clk_i  (clk_i),
          .value_i({keep_product[17+STATE_BITS:0], {KEEP_LEFT{1'b0}}}),
          .shift_i(keep_right_i),
          .value_o(kept_3)
      );
    end else begin : g_right
      round_shift #(
          .WIDTH(KEPT_BITS),
          .SHIFT_BITS(6)
      ) scale (
          .clk_i  (clk_i),
          .value_i(keep_product[17+STATE_BITS:0]),
          .shift_i(keep_right_i),
          .value_o(kept_3)
      );
    end
  endgenerate

  // What comes in, held to 2^32: with that, what was kept makes no difference.
  wire signed [35:0] input_product;
  wire signed [22:0] p = input_product[22:0];
  wire [22:1] sign = {22{p[22]}};
  reg signed [34:0] moved;
  reg half;
  reg too_large;
  reg signed [34:0] moved_4;
  reg half_4;

  multiplier #(
      .FAMILY(FAMILY)
  ) take_in (
      .clk_i(clk_i),
      .a_i({{3{input_i[14]}}, input_i}),
      .b_i({{10{b_i[7]}}, b_i}),
      .product_o(input_product)
  );

  always @* begin
    half = 1'b0;
    too_large = 1'b0;
    case (place_i)
      3'd0: moved = {{12{p[22]}}, p};
      3'd1: moved = {{4{p[22]}}, p, 8'd0};
      3'd2: {too_large, moved} = {p[22:17] != sign[22:17], p[18:0], 16'd0};
      3'd3: {too_large, moved} = {p[22:9] != sign[22:9], p[10:0], 24'd0};
      3'd4: {too_large, moved} = {p[22:1] != sign[22:1], p[2:0], 32'd0};
      3'd5: {half, moved} = {p[15], {28{p[22]}}, p[22:16]};
      3'd6: {half, moved} = {p[7], {20{p[22]}}, p[22:8]};
      default: moved = 35'd0;
    endcase
  end

  // Their sum.
  reg signed [34:0] sum_5;
  wire [30:0] limited;
  reg [30:0] value_6;

  saturate #(
      .IN_BITS (35),
      .OUT_BITS(31)
  ) limit (
      .value_i(sum_5),
      .value_o(limited)
  );

  always @(posedge clk_i) begin
    kept_4 <= {{35 - KEPT_BITS{kept_3[KEPT_BITS-1]}}, kept_3};
    moved_4 <= too_large ? {{2{p[22]}}, 1'b1, 32'd0} : moved;
    half_4 <= half && !too_large;
    sum_5 <= kept_4 + moved_4 + $signed({34'd0, half_4});
    value_6 <= limited;
  end

  assign value_o = value_6;

  wire unused = &{1'b0, keep_product, input_product[35:23]};

endmodule

`default_nettype wire
