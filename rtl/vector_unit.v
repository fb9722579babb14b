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
// Resources: one multiplier, the function table, three shifters.
module vector_unit #(
    parameter FAMILY = "generic",
    parameter MULTIPLIER_BITS = 18,
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
    input wire to_wide_i,  // NORM: to the wide store, from target_i on
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

  // What it is, from the cycle after start_i on.
  reg is_sumsq;
  reg is_rsqrt;
  reg is_norm;
  reg is_rope;
  reg is_exp;
  reg is_div;
  reg is_silu;
  reg is_glu;
  reg is_scalar;
  reg to_wide;
  reg in_place;
  reg has_two_phases;
  reg started;

  always @(posedge clk_i) begin
    is_sumsq <= function_i == SUMSQ;
    is_rsqrt <= function_i == RSQRT;
    is_norm <= function_i == NORM;
    is_rope <= function_i == ROPE;
    is_exp <= function_i == EXP;
    is_div <= function_i == DIV;
    is_silu <= function_i == SILU;
    is_glu <= function_i == GLU;
    is_scalar <= function_i == RSQRT || function_i == RECIP;
    to_wide <= function_i == NORM && to_wide_i;
    in_place <= function_i == SILU || function_i == DIV || (function_i == NORM && to_wide_i);
    has_two_phases <= function_i == ROPE || function_i == GLU;
    started <= start_i && !rst_i;
  end

  // Sequence: run, drain until the last element is in the pipeline's last stage, and
  // wait for what works after it.
  localparam [1:0] IDLE = 0, RUN = 1, DRAIN = 2, FINISH = 3;

  reg [1:0] state;
  reg squares;  // SUMSQ's second pass
  reg [15:0] index;
  reg [15:0] index_last;
  reg phase;
  reg [15:1] valid;
  wire scalars_busy;
  wire issue = state == RUN;
  wire last = index == index_last || is_scalar;
  wire second = phase || !has_two_phases;
  wire drained = state == DRAIN && valid[14:1] == 14'd0;
  wire finished = !quantiser_busy_i && !scalars_busy;

  always @(posedge clk_i)
    if (rst_i) begin
      state <= IDLE;
      squares <= 1'b0;
    end else
      case (state)
        IDLE: begin
          squares <= 1'b0;
          if (start_i) state <= RUN;
        end
        RUN: if (last && second) state <= DRAIN;
        DRAIN: if (drained) state <= FINISH;
        default:
        if (finished) begin
          state   <= is_sumsq && !squares ? RUN : IDLE;
          squares <= 1'b1;
        end
      endcase

  always @(posedge clk_i) begin
    index_last <= count_i - 16'd1;
    phase <= issue && !second;
    index <= !issue ? 16'd0 : second ? index + 16'd1 : index;
    valid <= rst_i ? 15'd0 : {valid[14:1], issue};
  end

  assign busy_o = state != IDLE;

  // Stage 1: addresses. RoPE's element 2i needs (x0, cos), (x1, sin), and
  // 2i + 1 needs (x0, sin), (x1, cos).
  wire odd_9;
  wire last_13;
  wire second_13;

  wire [15:0] pair_index = {index[15:1], phase};

  always @(posedge clk_i) begin
    index_o <= index;
    wide_address_o <= (is_glu && phase ? target_i : source_i) + (is_rope ? pair_index : index);
    rope_address_o <= {index[15:1], phase ^ index[0]};
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
  wire [4:0] residual_shift;
  wire [4:0] norm_shift;
  wire [15:0] mantissa;
  wire signed [31:0] small_shifted;
  wire [15:0] residual_limited;
  wire [30:0] residual_magnitude = residual_i[31] ? ~residual_i[30:0] + 1'b1 : residual_i[30:0];
  reg [17:0] result_13;
  reg [3:0] exponent_shift_4;
  wire [3:0] exponent_shift_12;
  reg [4:0] small_shift;

  // X before the multiplier or, in EXP, a probability after it: 2^16 at most.
  round_shift #(
      .WIDTH(32),
      .SHIFT_BITS(5)
  ) shift_small (
      .clk_i  (clk_i),
      .value_i(is_exp ? {14'd0, result_13} : residual_i),
      .shift_i(small_shift),
      .value_o(small_shifted)
  );

  // A shifted X is 2^15 at most.
  saturate #(
      .IN_BITS (17),
      .OUT_BITS(16)
  ) limit_residual (
      .value_i(small_shifted[16:0]),
      .value_o(residual_limited)
  );

  wire unused = &{1'b0, small_shifted[31:18], epsilon_i[47], combined_9[0]};

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
    exponent_shift_4 <= value_exponent_max_i - value_exponent_i;
    small_shift <= is_exp ? {1'b0, exponent_shift_12} : residual_shift;
    element_5 <= is_sumsq || is_norm ? {{2{residual_limited[15]}}, residual_limited} : wide_4;
    gate_5 <= gate_wide[32:17] != 16'd0 ? 17'h1ffff : gate_wide[16:0];
    negative_5 <= wide_4[17];
  end

  // The table answers at stage 7. Its low argument has 9 bits, whatever the
  // function, so that its product is always shifted by 9. From 16 on silu has no
  // chord.
  reg [8:0] table_address;
  reg [8:0] low_5;
  wire [7:0] gate_low = gate_5[16] ? 8'd0 : gate_5[7:0];

  always @*
    if (is_silu) {table_address, low_5} = {1'b0, gate_5[15:8], gate_low, 1'b0};
    else if (is_exp) {table_address, low_5} = {3'b100, deficit_5[9:4], deficit_5[3:0], 5'd0};
    else {table_address, low_5} = {1'b1, is_rsqrt, mantissa};

  wire signed [17:0] base_7;
  wire signed [17:0] slope_7;
  wire signed [17:0] element_7;
  wire signed [15:0] rope_7;
  wire [8:0] low_7;
  wire [16:0] gate_7;
  wire negative_7;

  function_table #(
      .FILE(TABLE_FILE)
  ) functions (
      .clk_i(clk_i),
      .address_i(table_address),
      .base_o(base_7),
      .slope_o(slope_7)
  );

  delay #(
      .WIDTH (18 + 16 + 9 + 18),
      .CYCLES(2)
  ) delay_operands (
      .clk_i (clk_i),
      .data_i({element_5, rope_5, low_5, gate_5, negative_5}),
      .data_o({element_7, rope_7, low_7, gate_7, negative_7})
  );

  // Stage 8: the factors, and what is added to their product, in 1/512: the
  // table's base. silu(-x) = silu(x) - x, and silu(x) = x or 0 where |x| is large.
  reg signed [17:0] element_8;
  reg signed [17:0] factor_a;  // the multiplier's own registers keep them
  reg signed [17:0] factor_b;
  reg signed [17:0] base_8;
  reg [16:0] scalar;  // 1 / sqrt or 1 / x of the sum, Q15
  wire from_table = is_exp || is_silu || is_scalar;
  wire [17:0] subtracted = is_silu && negative_7 ? {1'b0, gate_7} : 18'd0;
  wire [17:0] added = is_silu && gate_7[16] ? {1'b0, gate_7} : base_7;

  always @* begin
    factor_a = from_table ? slope_7 : is_glu ? element_8 : element_7;
    if (from_table) factor_b = {9'd0, low_7};
    else if (is_rope) factor_b = {{2{rope_7[15]}}, rope_7};
    else if (is_norm || is_div) factor_b = {1'b0, scalar};
    else if (is_sumsq || is_glu) factor_b = element_7;
    else factor_b = 18'd1;
  end

  always @(posedge clk_i) begin
    element_8 <= element_7;
    base_8 <= added - subtracted;
  end

  // Stage 9 and 10: multiply, and add the base, or add or subtract RoPE's first
  // product. EXP rounds its sum here, to 1/65536.
  wire signed [35:0] product;
  reg signed [35:0] addend_9;
  reg signed [36:0] combined;
  wire subtract = is_rope && !odd_9;
  wire [37:0] combined_9 = {addend_9[35], addend_9, 1'b1} +
      {{product[35], product} ^ {37{subtract}}, subtract};

  wide_multiplier #(
      .FAMILY(FAMILY),
      .BITS  (MULTIPLIER_BITS)
  ) multiply (
      .clk_i(clk_i),
      .a_i(factor_a),
      .b_i(factor_b),
      .product_o(product)
  );

  always @(posedge clk_i) begin
    if (is_rope) addend_9 <= product;
    else if (from_table) addend_9 <= {{9{base_8[17]}}, base_8, is_exp, 8'd0};
    else addend_9 <= 36'd0;
    combined <= {combined_9[37:10], is_exp ? 9'd0 : combined_9[9:1]};
  end

  // Stage 11 to 13: scale, limit. EXP's scale includes 2^-(integer part).
  reg [5:0] fixed_shift;  // of all but EXP; holds still in a pass
  reg [5:0] product_shift;
  reg [4:0] octave_shift_6;
  wire [4:0] octave_shift_9;
  wire masked_5;
  reg zero_6;
  wire zero_12;
  wire signed [36:0] scaled;
  reg signed [36:0] result_12;
  wire [17:0] limited;

  always @(posedge clk_i) begin
    octave_shift_6 <= deficit_5[14:10] + 5'd9;
    zero_6 <= is_exp && (masked_5 || deficit_5[17:10] > 8'd17);

    if (is_norm) fixed_shift <= {1'b0, norm_shift};
    else if (is_div) fixed_shift <= 6'd24 - {2'd0, value_exponent_max_i};
    else if (is_rope) fixed_shift <= 6'd14;
    else if (is_silu || is_scalar) fixed_shift <= 6'd9;
    else if (is_glu) fixed_shift <= shift_i;
    else fixed_shift <= 6'd0;
    product_shift <= is_exp ? {1'b0, octave_shift_9} : fixed_shift;
  end

  delay #(
      .WIDTH (1),
      .CYCLES(5)
  ) delay_masked (
      .clk_i (clk_i),
      .data_i(index > position_i),
      .data_o(masked_5)
  );

  delay #(
      .WIDTH (5),
      .CYCLES(3)
  ) delay_octaves (
      .clk_i (clk_i),
      .data_i(octave_shift_6),
      .data_o(octave_shift_9)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(6)
  ) delay_zero (
      .clk_i (clk_i),
      .data_i(zero_6),
      .data_o(zero_12)
  );

  round_shift #(
      .WIDTH(37),
      .SHIFT_BITS(6)
  ) scale_product (
      .clk_i  (clk_i),
      .value_i(combined),
      .shift_i(product_shift),
      .value_o(scaled)
  );

  saturate #(
      .IN_BITS (37),
      .OUT_BITS(18)
  ) limit_result (
      .value_i(result_12),
      .value_o(limited)
  );

  always @(posedge clk_i) begin
    result_12 <= scaled;
    result_13 <= zero_12 ? 18'd0 : limited;
  end

  // Stage 14 and 15 of EXP: down to the largest value exponent.
  reg [17:0] weight_15;
  wire last_15;

  delay #(
      .WIDTH (4),
      .CYCLES(8)
  ) delay_exponent (
      .clk_i (clk_i),
      .data_i(exponent_shift_4),
      .data_o(exponent_shift_12)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(2)
  ) delay_last (
      .clk_i (clk_i),
      .data_i(last_13),
      .data_o(last_15)
  );

  always @(posedge clk_i) weight_15 <= small_shifted[17:0];

  // What a pass leaves behind.
  reg norm_scalars;
  reg addend_valid;
  reg [29:0] addend;

  always @(posedge clk_i) begin
    addend_valid <= !rst_i && (is_exp ? valid[13] : valid[9] && squares);
    addend <= is_exp ? {12'd0, result_13} : product[29:0];
    if (started && (is_sumsq || is_exp)) norm_scalars <= is_sumsq;
    if (valid[12] && is_scalar) scalar <= result_12[16:0];
    if (started) wide_write_address_o <= to_wide ? target_i : source_i;
    else wide_write_address_o <= wide_write_address_o + {15'd0, wide_write_o};
  end

  vector_scalars scalars (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .norm_i(started ? is_sumsq : norm_scalars),
      .clear_i(started && (is_sumsq || is_exp)),
      .epsilon_i(epsilon_i[46:0]),
      .magnitude_valid_i(valid[3] && is_sumsq),
      .magnitude_i(residual_magnitude),
      .scale_i(drained && is_sumsq && !squares),
      .addend_valid_i(addend_valid),
      .addend_i(addend),
      .normalise_i(drained && (is_exp || squares)),
      .busy_o(scalars_busy),
      .shift_o(residual_shift),
      .length_o(sum_length_o),
      .mantissa_o(mantissa),
      .norm_shift_o(norm_shift)
  );

  wire quantised = !is_scalar && !is_sumsq && !in_place;

  assign element_valid_o = quantised && (is_exp ? valid[15] : valid[13] && second_13);
  assign element_last_o = is_exp ? last_15 : last_13;
  assign element_o = is_exp ? weight_15 : result_13;
  assign wide_write_o = in_place && valid[13];
  assign wide_write_data_o = result_13;

endmodule

`default_nettype wire
