// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// dt x of a channel as a mantissa of 8 bits, and the shift to the right that brings
// it, times a B without its exponent, to the state's format: make_input() of
// gen/op/scan.c. And D x.
//
// Timing: phase_i counts the cycles modulo four. d_i and x_i are taken in phase 0,
// d_x_o belongs to them two cycles later. step_i, step_shift_i and step_x_i (the same
// channel's x, later) hold through phases 2 to 1; mantissa_o and right_o belong
// to phase 2's seven to ten cycles later.
// Resources: one multiplier, a shifter of 18 bits.
module scan_input #(
    parameter FAMILY = "generic"
) (
    input wire clk_i,
    input wire [1:0] phase_i,
    input wire signed [7:0] format_right_i,  // B's fraction bits less the state's, less 4

    input wire [15:0] d_i,
    input wire [17:0] x_i,
    output wire [33:0] d_x_o,

    input wire [16:0] step_i,
    input wire [5:0] step_shift_i,
    input wire [17:0] step_x_i,
    output reg [7:0] mantissa_o,
    output reg signed [6:0] right_o
);

  wire at_0 = phase_i == 2'd0;
  wire signed [35:0] product;

  multiplier #(
      .FAMILY(FAMILY)
  ) multiply (
      .clk_i(clk_i),
      .a_i(at_0 ? {{2{d_i[15]}}, d_i} : {1'b0, step_i}),
      .b_i(at_0 ? x_i : step_x_i),
      .product_o(product)
  );

  assign d_x_o = product[33:0];

  // Cycle 2, which is phase 0 again: rounded and held to 18 bits.
  wire signed [20:0] scaled = $signed(product[35:15]) + 21'sd1;
  wire [17:0] limited;
  reg [17:0] value_3;
  reg [17:0] value_4;
  reg [17:0] value_5;
  reg [5:0] shift_3;
  reg [16:0] magnitude_4;
  wire [4:0] length;
  reg [3:0] exponent_5;
  reg [3:0] exponent_6;
  wire [17:0] rounded_6;
  wire [7:0] mantissa;

  saturate #(
      .IN_BITS (20),
      .OUT_BITS(18)
  ) limit (
      .value_i(scaled[20:1]),
      .value_o(limited)
  );

  bit_length #(
      .WIDTH(17)
  ) find_length (
      .value_i (magnitude_4),
      .length_o(length)
  );

  round_shift #(
      .WIDTH(18),
      .SHIFT_BITS(4)
  ) divide (
      .clk_i  (clk_i),
      .value_i(value_5),
      .shift_i(exponent_5),
      .value_o(rounded_6)
  );

  saturate #(
      .IN_BITS (18),
      .OUT_BITS(8)
  ) limit_mantissa (
      .value_i(rounded_6),
      .value_o(mantissa)
  );

  wire [3:0] excess = length[3:0] - 4'd7;

  always @(posedge clk_i) begin
    if (at_0) begin
      value_3 <= limited;
      shift_3 <= step_shift_i;
    end
    value_4 <= value_3;
    value_5 <= value_4;
    magnitude_4 <= value_3[17] ? -value_3[16:0] : value_3[16:0];
    exponent_5 <= length > 5'd7 ? excess : 4'd0;
    exponent_6 <= exponent_5;
    if (at_0) begin
      mantissa_o <= mantissa;
      right_o <= format_right_i[6:0] + {1'b0, shift_3} - {3'd0, exponent_6};
    end
  end

  wire unused = &{1'b0, scaled[0], format_right_i[7]};

endmodule

`default_nettype wire
