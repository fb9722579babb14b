// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Everything that is neither a matrix nor attention's products: norms, RoPE,
// softmax, silu and the gate, one 18 x 18 bit signed multiplication a cycle.
// gen/op/ defines what each function computes.
//
// A pass reads `count` elements from a store (all reads take three cycles from
// the issue of an element), sends them through one pipeline and writes each to
// the quantiser (element_*), or back to where it came from in the wide store
// (wide_write_*), or into a sum. ROPE and GLU take two cycles an element, the
// others one. SUMSQ passes twice: for the largest magnitude, then the squares.
//
// Timing: start_i with function_i and the fields, which hold still until
// busy_o falls; busy_o falls when the pipeline and the quantiser
// (quantiser_busy_i) are empty. None of it depends on the data.
// Resources: one multiplier, the function table, six shifters.
module vector_unit #(
    parameter TABLE_FILE = "function_table.hex"
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [3:0] function_i,
    input wire [15:0] source_i,
    input wire [15:0] target_i,
    input wire [15:0] count_i,
    input wire [5:0] shift_i,
    input wire [3:0] shift2_i,
    input wire [47:0] epsilon_i,
    input wire [15:0] position_i,
    output wire busy_o,

    // Reads, answered two cycles later.
    output reg [15:0] index_o,  // of X and the scores
    output reg [15:0] wide_address_o,
    output reg [15:0] rope_address_o,
    input wire signed [31:0] residual_i,
    input wire signed [17:0] wide_i,
    input wire signed [15:0] rope_i,
    input wire signed [17:0] score_i,
    input wire [3:0] value_exponent_i,

    // Of all scores at positions that count.
    input wire signed [17:0] score_max_i,
    input wire [3:0] value_exponent_max_i,
    output wire [5:0] sum_length_o,

    output wire element_valid_o,
    output wire element_last_o,
    output wire [17:0] element_o,
    input wire quantiser_busy_i,

    output wire wide_write_o,
    output reg [15:0] wide_write_address_o,
    output wire [17:0] wide_write_data_o
);

  localparam [3:0] SUMSQ = 0, RSQRT = 1, NORM = 2, ROPE = 3, EXP = 5, RECIP = 6;
  localparam [3:0] DIV = 7, SILU = 8, GLU = 9;

  wire is_sumsq = function_i == SUMSQ;
  wire is_rsqrt = function_i == RSQRT;
  wire is_norm = function_i == NORM;
  wire is_rope = function_i == ROPE;
  wire is_exp = function_i == EXP;
  wire is_recip = function_i == RECIP;
  wire is_div = function_i == DIV;
  wire is_silu = function_i == SILU;
  wire is_glu = function_i == GLU;
  wire is_scalar = is_rsqrt || is_recip;
  wire in_place = is_silu || is_div;
  wire has_two_phases = is_rope || is_glu;

  // Sequence: settle (for vector_scalars and the shifts), run, drain.
  localparam [1:0] IDLE = 0, SETTLE = 1, RUN = 2, DRAIN = 3;
  localparam [2:0] SETTLE_LAST = 6;

  reg [1:0] state;
  reg [2:0] settle;
  reg squares;  // SUMSQ's second pass
  reg [15:0] index;
  reg phase;
  reg [16:1] valid;
  wire issue = state == RUN;
  wire last = index == count_i - 16'd1 || is_scalar;
  wire second = phase || !has_two_phases;
  wire drained = valid == 16'd0 && !quantiser_busy_i;

  always @(posedge clk_i)
    if (rst_i) begin
      state <= IDLE;
      squares <= 1'b0;
    end else
      case (state)
        IDLE: begin
          squares <= 1'b0;
          if (start_i) state <= SETTLE;
        end
        SETTLE: if (settle == SETTLE_LAST) state <= RUN;
        RUN: if (last && second) state <= DRAIN;
        default:
        if (drained) begin
          state   <= is_sumsq && !squares ? SETTLE : IDLE;
          squares <= 1'b1;
        end
      endcase

  always @(posedge clk_i) begin
    settle <= state == SETTLE ? settle + 3'd1 : 3'd0;
    phase  <= issue && !second;
    index  <= !issue ? 16'd0 : second ? index + 16'd1 : index;
    valid  <= rst_i ? 16'd0 : {valid[15:1], issue};
  end

  assign busy_o = state != IDLE;

  // Stage 1: addresses. RoPE's element 2i needs (x0, cos), (x1, sin), and
  // 2i + 1 needs (x0, sin), (x1, cos).
  reg [ 2:1] masked;
  wire odd_9;
  wire last_13;
  wire second_13;

  wire [15:0] pair_index = {index[15:1], phase};

  always @(posedge clk_i) begin
    index_o <= index;
    wide_address_o <= (is_glu && phase ? target_i : source_i) + (is_rope ? pair_index : index);
    rope_address_o <= {index[15:1], phase ^ index[0]};
    masked <= {masked[1], index > position_i};
  end

  delay #(
      .WIDTH (1),
      .CYCLES(9)
  ) delay_odd (
      .clk_i (clk_i),
      .data_i(index[0]),
      .data_o(odd_9)
  );

  delay #(
      .WIDTH (2),
      .CYCLES(13)
  ) delay_marks (
      .clk_i (clk_i),
      .data_i({second, last}),
      .data_o({second_13, last_13})
  );

  // Stages 4 and 5: the multiplier's operands and the table's arguments.
  reg [30:0] magnitudes;
  reg [47:0] sum;
  reg norm_scalars;
  reg [47:0] epsilon;
  wire [4:0] residual_shift;
  wire [4:0] norm_shift;
  wire [15:0] mantissa;

  vector_scalars scalars (
      .clk_i(clk_i),
      .norm_i(norm_scalars),
      .magnitudes_i(magnitudes),
      .sum_i(sum),
      .epsilon_i(epsilon),
      .shift_o(residual_shift),
      .length_o(sum_length_o),
      .mantissa_o(mantissa),
      .norm_shift_o(norm_shift)
  );

  wire signed [31:0] residual_rounded;
  wire [15:0] residual_limited;
  wire [30:0] residual_magnitude = residual_i[31] ? ~residual_i[30:0] + 1'b1 : residual_i[30:0];

  round_shift #(
      .WIDTH(32),
      .SHIFT_BITS(5)
  ) shift_residual (
      .clk_i  (clk_i),
      .value_i(residual_i),
      .shift_i(residual_shift),
      .value_o(residual_rounded)
  );

  saturate #(
      .IN_BITS (32),
      .OUT_BITS(16)
  ) limit_residual (
      .value_i(residual_rounded),
      .value_o(residual_limited)
  );

  reg signed [17:0] wide_4;
  reg [17:0] magnitude_4;
  reg signed [15:0] rope_4;
  reg signed [15:0] rope_5;
  reg [17:0] deficit_4;  // of a score to the largest one
  reg [17:0] deficit_5;
  reg signed [17:0] element_5;
  reg [16:0] gate_5;  // silu's |argument|, limited
  reg negative_5;
  wire [32:0] gate_wide = {15'd0, magnitude_4} << shift2_i;

  always @(posedge clk_i) begin
    wide_4 <= wide_i;
    magnitude_4 <= wide_i[17] ? -wide_i : wide_i;
    rope_4 <= rope_i;
    rope_5 <= rope_4;
    deficit_4 <= score_max_i - score_i;
    deficit_5 <= deficit_4;
    element_5 <= is_sumsq || is_norm ? {{2{residual_limited[15]}}, residual_limited} : wide_4;
    gate_5 <= gate_wide[32:17] != 16'd0 ? 17'h1ffff : gate_wide[16:0];
    negative_5 <= wide_4[17];
  end

  // The table answers at stage 7.
  reg [8:0] table_address;
  reg [8:0] low_5;

  always @*
    if (is_silu) {table_address, low_5} = {1'b0, gate_5[15:8], 1'b0, gate_5[7:0]};
    else if (is_exp) {table_address, low_5} = {3'b100, deficit_5[9:4], 5'd0, deficit_5[3:0]};
    else {table_address, low_5} = {1'b1, is_rsqrt, mantissa};

  wire signed [17:0] base_7;
  wire signed [17:0] slope_7;
  wire signed [17:0] element_7;
  wire signed [15:0] rope_7;
  wire [8:0] low_7;

  function_table #(
      .FILE(TABLE_FILE)
  ) functions (
      .clk_i(clk_i),
      .address_i(table_address),
      .base_o(base_7),
      .slope_o(slope_7)
  );

  delay #(
      .WIDTH (18 + 16 + 9),
      .CYCLES(2)
  ) delay_operands (
      .clk_i (clk_i),
      .data_i({element_5, rope_5, low_5}),
      .data_o({element_7, rope_7, low_7})
  );

  // Stage 8 to 10: multiply, and add or subtract RoPE's first product.
  reg signed [17:0] element_8;
  reg signed [17:0] factor_a;
  reg signed [17:0] factor_b;
  reg signed [35:0] product;
  reg signed [35:0] product_before;
  reg signed [36:0] combined;
  reg [16:0] scalar;  // 1 / sqrt or 1 / x of the sum, Q15
  wire from_table = is_exp || is_silu || is_scalar;

  always @(posedge clk_i) begin
    element_8 <= element_7;
    factor_a <= from_table ? slope_7 : is_glu ? element_8 : element_7;
    if (from_table) factor_b <= {9'd0, low_7};
    else if (is_rope) factor_b <= {{2{rope_7[15]}}, rope_7};
    else if (is_norm || is_div) factor_b <= {1'b0, scalar};
    else if (is_sumsq || is_glu) factor_b <= element_7;
    else factor_b <= 18'd1;
    product <= factor_a * factor_b;
    product_before <= product;
    if (!is_rope) combined <= {product[35], product};
    else if (odd_9) combined <= product_before + product;
    else combined <= product_before - product;
  end

  // Stage 11 and 12: scale, add the table's base.
  reg [5:0] product_shift;
  wire signed [36:0] scaled;
  wire signed [17:0] base_11;
  reg signed [37:0] result_12;

  always @(posedge clk_i)
    if (is_norm) product_shift <= {1'b0, norm_shift};
    else if (is_div) product_shift <= 6'd24 - {2'd0, value_exponent_max_i};
    else if (is_rope) product_shift <= 6'd14;
    else if (is_silu) product_shift <= 6'd8;
    else if (is_exp) product_shift <= 6'd4;
    else if (is_scalar) product_shift <= 6'd9;
    else if (is_glu) product_shift <= shift_i;
    else product_shift <= 6'd0;

  round_shift #(
      .WIDTH(37),
      .SHIFT_BITS(6)
  ) scale_product (
      .clk_i  (clk_i),
      .value_i(combined),
      .shift_i(product_shift),
      .value_o(scaled)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(4)
  ) delay_base (
      .clk_i (clk_i),
      .data_i(from_table ? base_7 : 18'd0),
      .data_o(base_11)
  );

  always @(posedge clk_i) result_12 <= {scaled[36], scaled} + {{20{base_11[17]}}, base_11};

  // Stage 13: silu(-x) = silu(x) - x, and silu(x) = x or 0 where |x| is large.
  wire [16:0] gate_12;
  wire negative_12;
  wire [17:0] limited;
  reg [17:0] result_13;
  wire [17:0] gate_large = negative_12 ? 18'd0 : {1'b0, gate_12};

  delay #(
      .WIDTH (18),
      .CYCLES(7)
  ) delay_gate (
      .clk_i (clk_i),
      .data_i({gate_5, negative_5}),
      .data_o({gate_12, negative_12})
  );

  saturate #(
      .IN_BITS (38),
      .OUT_BITS(18)
  ) limit_result (
      .value_i(result_12),
      .value_o(limited)
  );

  always @(posedge clk_i)
    if (is_silu && gate_12[16]) result_13 <= gate_large;
    else if (is_silu && negative_12) result_13 <= result_12[17:0] - {1'b0, gate_12};
    else result_13 <= limited;

  // Stage 13 to 16 of EXP: 2^-(integer part), then down to the largest value
  // exponent.
  wire [7:0] octaves_12;
  wire [3:0] value_exponent_14;
  wire masked_13;
  wire far_13;
  wire signed [17:0] probability_13;
  reg [17:0] probability_14;
  wire [17:0] weight_15;
  reg [17:0] weight_16;
  wire last_16;

  delay #(
      .WIDTH (8),
      .CYCLES(7)
  ) delay_octaves (
      .clk_i (clk_i),
      .data_i(deficit_5[17:10]),
      .data_o(octaves_12)
  );

  delay #(
      .WIDTH (4),
      .CYCLES(11)
  ) delay_exponent (
      .clk_i (clk_i),
      .data_i(value_exponent_i),
      .data_o(value_exponent_14)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(11)
  ) delay_masked (
      .clk_i (clk_i),
      .data_i(masked[2]),
      .data_o(masked_13)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(1)
  ) delay_far (
      .clk_i (clk_i),
      .data_i(octaves_12 > 8'd17),
      .data_o(far_13)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(3)
  ) delay_last (
      .clk_i (clk_i),
      .data_i(last_13),
      .data_o(last_16)
  );

  round_shift #(
      .WIDTH(18),
      .SHIFT_BITS(5)
  ) shift_octaves (
      .clk_i  (clk_i),
      .value_i(result_12[17:0]),
      .shift_i(octaves_12[4:0]),
      .value_o(probability_13)
  );

  round_shift #(
      .WIDTH(18),
      .SHIFT_BITS(4)
  ) shift_exponent (
      .clk_i  (clk_i),
      .value_i(probability_14),
      .shift_i(value_exponent_max_i - value_exponent_14),
      .value_o(weight_15)
  );

  always @(posedge clk_i) begin
    probability_14 <= masked_13 || far_13 ? 18'd0 : probability_13;
    weight_16 <= weight_15;
  end

  // What a pass leaves behind.
  always @(posedge clk_i) begin
    if (start_i && is_sumsq) magnitudes <= 31'd0;
    else if (valid[3] && is_sumsq) magnitudes <= magnitudes | residual_magnitude;

    if (start_i && (is_sumsq || is_exp)) sum <= 48'd0;
    else if (valid[9] && squares) sum <= sum + {{12{product[35]}}, product};
    else if (valid[14] && is_exp) sum <= sum + {30'd0, probability_14};

    if (start_i && (is_sumsq || is_exp)) norm_scalars <= is_sumsq;
    if (start_i && is_sumsq) epsilon <= epsilon_i;
    if (valid[12] && is_scalar) scalar <= result_12[16:0];

    wide_write_address_o <= start_i ? source_i : wide_write_address_o + {15'd0, wide_write_o};
  end

  wire quantised = !is_scalar && !is_sumsq && !in_place;

  assign element_valid_o = quantised && (is_exp ? valid[16] : valid[13] && second_13);
  assign element_last_o = is_exp ? last_16 : last_13;
  assign element_o = is_exp ? weight_16 : result_13;
  assign wide_write_o = in_place && valid[13];
  assign wide_write_data_o = result_13;

endmodule

`default_nettype wire
