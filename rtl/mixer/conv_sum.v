// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// One channel of the causal convolution: its inputs, mantissas of 8 bits with an
// exponent each, times the record's taps, brought to the result's format and held
// to 18 bits. gen/op/conv.c defines it; gen/mill/mixer_payload.h lays the record out.
//
// Timing: a channel a cycle; y_o belongs to the inputs of seven cycles ago.
// Resources: TAPS multipliers, as many shifters by 0 to 10, one of 36 bits.
module conv_sum #(
    parameter FAMILY = "generic",
    parameter TAPS   = 4
) (
    input wire clk_i,
    input wire [12*TAPS-1:0] window_i,  // the oldest lowest: exponent above mantissa
    input wire [63:0] record_i,
    input wire [3:0] bias_shift_i,
    output reg [17:0] y_o
);

  localparam integer TERM_BITS = 26;
  localparam integer SUM_BITS = 28;
  localparam integer ROUNDED_BITS = SUM_BITS + 8;
  localparam integer TOTAL_BITS = ROUNDED_BITS + 1;

  // Stage 2 and 3: products and their exponents.
  wire [TERM_BITS*TAPS-1:0] terms;
  wire [4*TAPS-1:0] exponents_2;

  genvar k;
  generate
    for (k = 0; k < TAPS; k = k + 1) begin : g_tap
      wire signed [35:0] product;
      wire [TERM_BITS-1:0] wide = {{TERM_BITS - 16{product[15]}}, product[15:0]};
      reg [TERM_BITS-1:0] term;

      multiplier #(
          .FAMILY(FAMILY)
      ) multiply (
          .clk_i(clk_i),
          .a_i({{10{window_i[12*k+7]}}, window_i[12*k+:8]}),
          .b_i({{10{record_i[8*k+7]}}, record_i[8*k+:8]}),
          .product_o(product)
      );

      delay #(
          .WIDTH (4),
          .CYCLES(2)
      ) delay_exponent (
          .clk_i (clk_i),
          .data_i(window_i[12*k+8+:4]),
          .data_o(exponents_2[4*k+:4])
      );

      always @(posedge clk_i) term <= wide << exponents_2[4*k+:4];

      assign terms[TERM_BITS*k+:TERM_BITS] = term;

      wire unused = &{1'b0, product[35:16]};
    end
  endgenerate

  // Stage 4: their sum.
  reg signed [SUM_BITS-1:0] sum_4;
  reg signed [SUM_BITS-1:0] terms_sum;
  integer i;

  always @* begin
    terms_sum = {SUM_BITS{1'b0}};
    for (i = 0; i < TAPS; i = i + 1)
      terms_sum = terms_sum +
          {{SUM_BITS - TERM_BITS{terms[TERM_BITS*(i+1)-1]}}, terms[TERM_BITS*i+:TERM_BITS]};
  end

  // Stages 5 to 7: rounded, the bias added, held.
  wire [5:0] shift_4;
  wire signed [15:0] bias_4;
  wire signed [ROUNDED_BITS-1:0] rounded_5;
  reg signed [30:0] bias_5;
  reg signed [TOTAL_BITS-1:0] total_6;
  wire [17:0] limited;

  delay #(
      .WIDTH (22),
      .CYCLES(4)
  ) delay_record (
      .clk_i (clk_i),
      .data_i({record_i[53:48], record_i[47:32]}),
      .data_o({shift_4, bias_4})
  );

  round_shift #(
      .WIDTH(ROUNDED_BITS),
      .SHIFT_BITS(6)
  ) scale (
      .clk_i  (clk_i),
      .value_i({sum_4, 8'd0}),
      .shift_i(shift_4),
      .value_o(rounded_5)
  );

  saturate #(
      .IN_BITS (TOTAL_BITS),
      .OUT_BITS(18)
  ) limit (
      .value_i(total_6),
      .value_o(limited)
  );

  always @(posedge clk_i) begin
    sum_4 <= terms_sum;
    bias_5 <= {{15{bias_4[15]}}, bias_4} << bias_shift_i;
    total_6 <= $signed({rounded_5[ROUNDED_BITS-1], rounded_5}) +
        $signed({{TOTAL_BITS - 31{bias_5[30]}}, bias_5});
    y_o <= limited;
  end

  wire unused = &{1'b0, record_i[63:54], record_i[31:0]};

endmodule

`default_nettype wire
