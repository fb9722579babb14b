// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// One pixel of a group: its stores of mantissas and of wide values, the array that
// multiplies K of them by weights that all columns share, and what makes results
// into the next node's values.
//
// Timing: a word read is there two cycles later (store), for the neighbours too.
// The operand, chosen among those by the top, comes with its beat (stage 8 of
// picture.v), is used a cycle later, with weights_i and scale_i. result_valid_o and
// all that follows is the same in every column: picture_results.v counts it.
// Resources: K multipliers, one or two for the scales, one for slopes with MULTIPLY.
module picture_column #(
    parameter FAMILY = "generic",
    parameter K = 4,
    parameter ACTS = 8,  // bits of a mantissa, 8 to 12
    parameter MULTIPLY = 0,
    parameter LEFT_MAX = 8,
    parameter WORDS = 64,  // of the store of mantissas
    parameter WIDES = 64,
    parameter OUTS = 64
) (
    input wire clk_i,
    input wire rst_i,

    // The stores: what is read goes to the neighbours as well.
    input wire [15:0] word_address_i,
    output wire [ACTS*K+3:0] word_o,
    input wire load_i,  // the picture
    input wire [15:0] load_address_i,
    input wire [8*K-1:0] load_word_i,

    // An operand.
    input wire [ACTS*K+3:0] operand_i,  // exponent and mantissas
    input wire bytes_i,
    input wire taps_i,  // beats are from the tap buffer
    input wire gather_valid_i,
    input wire gather_first_i,
    input wire gather_half_i,
    input wire [4:0] gather_index_i,
    input wire tap_half_i,
    input wire [4:0] tap_row_i,
    input wire [3:0] tap_channel_i,

    // Beats.
    input wire valid_i,
    input wire first_beat_i,
    input wire last_beat_i,
    input wire first_block_i,
    input wire last_block_i,
    input wire [8*K-1:0] weights_i,
    input wire [7:0] scale_i,
    input wire [5:0] shift_i,
    output wire result_valid_o,

    // Results.
    input wire activate_i,
    input wire wide_source_i,
    input wire add_i,
    input wire [17:0] low_i,
    input wire [17:0] high_i,
    input wire [4:0] left_a_i,
    input wire [4:0] left_b_i,
    input wire [4:0] right_i,
    input wire [17:0] bias_i,
    input wire [17:0] slope_i,
    input wire [15:0] wide_read_i,
    output wire [17:0] wide_o,  // two cycles later
    input wire [17:0] other_i,  // of a sum: from another column's
    input wire wide_write_i,
    input wire [15:0] wide_address_i,
    input wire out_write_i,
    input wire [15:0] out_address_i,
    input wire [15:0] out_read_i,
    output wire [17:0] out_o,
    input wire element_valid_i,
    input wire element_last_i,
    output wire quantised_o,
    input wire word_write_i,
    input wire [15:0] word_write_address_i
);

  localparam SERIAL = K < 16 ? 1 : 0;
  localparam TOTAL_BITS = 48;
  localparam WORD_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam WIDE_BITS = WIDES > 1 ? $clog2(WIDES) : 1;
  localparam OUT_BITS = OUTS > 1 ? $clog2(OUTS) : 1;

  localparam LANE = ACTS > 9 ? ACTS : 9;  // of the quantiser

  wire [ACTS*K-1:0] quantised;
  wire [ACTS*K-1:0] loaded;
  wire [3:0] quantised_exponent;

  store #(
      .WIDTH(ACTS * K + 4),
      .DEPTH(WORDS)
  ) words (
      .clk_i(clk_i),
      .write_i(word_write_i || load_i),
      .write_address_i(load_i ? load_address_i[WORD_BITS-1:0] :
                                word_write_address_i[WORD_BITS-1:0]),
      .write_data_i(load_i ? {4'd0, loaded} : {quantised_exponent, quantised}),
      .read_address_i(word_address_i[WORD_BITS-1:0]),
      .read_data_o(word_o)
  );

  // Operands: what was fetched, or taps.
  wire [ACTS*K-1:0] taps;
  wire [3:0] taps_exponent;
  reg [(ACTS+1)*K-1:0] operand;
  reg [3:0] operand_exponent;

  picture_tap_buffer #(
      .K(K),
      .ACTS(ACTS)
  ) buffer (
      .clk_i(clk_i),
      .valid_i(gather_valid_i),
      .first_i(gather_first_i),
      .bytes_i(bytes_i),
      .half_i(gather_half_i),
      .index_i(gather_index_i),
      .word_i(operand_i[ACTS*K-1:0]),
      .exponent_i(operand_i[ACTS*K+3-:4]),
      .read_half_i(tap_half_i),
      .read_row_i(tap_row_i),
      .read_channel_i(tap_channel_i),
      .taps_o(taps),
      .exponent_o(taps_exponent)
  );

  wire [ACTS*K-1:0] chosen = taps_i ? taps : operand_i[ACTS*K-1:0];
  wire [18*K-1:0] factors;

  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_lane
      always @(posedge clk_i)
        operand[(ACTS+1)*g+:ACTS+1] <= {!bytes_i && chosen[ACTS*g+ACTS-1], chosen[ACTS*g+:ACTS]};
      assign factors[18*g+:18] = {
        {17 - ACTS{operand[(ACTS+1)*g+ACTS]}}, operand[(ACTS+1)*g+:ACTS+1]
      };
    end
  endgenerate

  always @(posedge clk_i) operand_exponent <= taps_i ? taps_exponent : operand_i[ACTS*K+3-:4];

  // The array. Mantissas take the weights' place, for they may have more bits.
  wire ends;
  wire first_block;
  wire last_block;
  wire [3:0] block_exponent;
  wire [7:0] scale;
  wire signed [15:0] low;
  wire signed [15:0] high;

  dot_product #(
      .FAMILY(FAMILY),
      .BITS(18),
      .K(K),
      .MARK_BITS(14)
  ) products (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .valid_i(valid_i),
      .first_i(first_beat_i),
      .last_i(last_beat_i),
      .mark_i({first_block_i, last_block_i, operand_exponent, scale_i}),
      .operands_i(weights_i),
      .weights_i(factors),
      .ends_o(ends),
      .mark_o({first_block, last_block, block_exponent, scale}),
      .low_o(low),
      .high_o(high)
  );

  wire total_valid;
  wire [TOTAL_BITS-1:0] total;
  wire [31:0] result;
  wire [17:0] narrow;  // before the bias, too narrow

  row_totals #(
      .FAMILY(FAMILY),
      .BITS(18),
      .SERIAL(SERIAL),
      .TOTAL_BITS(TOTAL_BITS)
  ) totals (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .paired_i(1'b0),
      .ends_i(ends),
      .first_block_i(first_block),
      .last_block_i(last_block),
      .exponent_i({1'b0, block_exponent}),
      .scales_i({scale, scale}),
      .low_i(low),
      .high_i(high),
      .valid_o(total_valid),
      .total_o(total)
  );

  result_rounder #(
      .WIDTH(TOTAL_BITS)
  ) rounder (
      .clk_i(clk_i),
      .valid_i(total_valid && !rst_i),
      .total_i(total),
      .shift_i(shift_i),
      .valid_o(result_valid_o),
      .result_o(result),
      .narrow_o(narrow)
  );

  // Values.
  wire [17:0] wide;
  assign wide_o = wide;
  wire [17:0] value;

  picture_post #(
      .FAMILY(FAMILY),
      .MULTIPLY(MULTIPLY),
      .LEFT_MAX(LEFT_MAX)
  ) post (
      .clk_i(clk_i),
      .activate_i(activate_i),
      .wide_source_i(wide_source_i),
      .add_i(add_i),
      .low_i(low_i),
      .high_i(high_i),
      .left_a_i(left_a_i),
      .left_b_i(left_b_i),
      .right_i(right_i),
      .result_i(result),
      .wide_i(wide),
      .bias_i(bias_i),
      .slope_i(slope_i),
      .other_i(other_i),
      .value_o(value)
  );

  store #(
      .WIDTH(18),
      .DEPTH(WIDES)
  ) wides (
      .clk_i(clk_i),
      .write_i(wide_write_i),
      .write_address_i(wide_address_i[WIDE_BITS-1:0]),
      .write_data_i(value),
      .read_address_i(wide_read_i[WIDE_BITS-1:0]),
      .read_data_o(wide)
  );

  store #(
      .WIDTH(18),
      .DEPTH(OUTS)
  ) outs (
      .clk_i(clk_i),
      .write_i(out_write_i),
      .write_address_i(out_address_i[OUT_BITS-1:0]),
      .write_data_i(value),
      .read_address_i(out_read_i[OUT_BITS-1:0]),
      .read_data_o(out_o)
  );

  wire [LANE*K-1:0] quantised_wide;
  wire quantiser_busy;

  block_quantiser #(
      .K(K),
      .BITS(ACTS),
      .MAX_BLOCK(16)
  ) quantiser (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .head_i(1'b0),
      .nine_bits_i(1'b0),
      .four_bits_i(1'b0),
      .busy_o(quantiser_busy),
      .element_valid_i(element_valid_i),
      .element_last_i(element_last_i),
      .element_i(value),
      .word_valid_o(quantised_o),
      .word_o(quantised_wide),
      .exponent_o(quantised_exponent)
  );

  generate
    for (g = 0; g < K; g = g + 1) begin : g_narrow
      wire [15:0] byte_of_lane = {8'd0, load_word_i[8*g+:8]};
      wire unused_lane = &{1'b0, byte_of_lane};

      assign quantised[ACTS*g+:ACTS] = quantised_wide[LANE*g+:ACTS];
      assign loaded[ACTS*g+:ACTS] = byte_of_lane[ACTS-1:0];
    end
  endgenerate

  wire unused = &{1'b0, word_write_address_i, load_address_i, word_address_i, wide_read_i,
                  wide_address_i, out_address_i, out_read_i, quantised_wide, quantiser_busy,
                  narrow};

endmodule

`default_nettype wire
