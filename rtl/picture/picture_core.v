// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A network's convolutions over rows of a picture: in each tick a row comes in and
// each step computes a row of its own, as far behind as its taps need.
//
// A step is a convolution in dot direction (kind 0), by taps (1), or none (2); its
// results are activated, added to another node's, and go to the store of mantissas,
// of wide values, or to the output's.
//
//   stage  0     a beat is issued                     picture_dot_issue, picture_tap_issue,
//                                                     or taps are asked for: picture_gather
//          5     the operand's addresses              picture_fetch
//          8     the operand, or its taps             picture_window, picture_tap_buffer
//          9     with its weights at the multipliers  dot_product
//
// Timing: tick_start_i for one cycle; busy_o is high from the next one until all of
// the tick is written. The picture's row is loaded meanwhile, for the next tick, where
// load_hold_o is low.
// Resources: picture_array, the network's words in RAM, about 1500 registers.
module picture_core #(
    parameter FAMILY = "generic",
    parameter COLUMNS = 4,
    parameter K = 4,
    parameter ACTS = 8,  // bits of a mantissa
    parameter LEFT = 1,
    parameter RIGHT = 1,
    parameter MULTIPLY = 0,
    parameter LEFT_MAX = 8,
    parameter SEGMENTS = 1,
    parameter RING_MAX = 4,
    parameter WORDS = 64,
    parameter WIDES = 64,
    parameter OUTS = 64,
    parameter EDGES = 0,
    parameter SIDES = 1,
    parameter [31:0] SKIPS = 32'd0,
    parameter EDGE_ROW_BITS = 2,
    parameter EDGE_WORD_BITS = 4,
    parameter EDGE_CHANNEL_BITS = 6,
    parameter PROGRAM_WORDS = 16,
    parameter WEIGHTS = 16,
    parameter SCALES = 16,
    parameter CONSTANTS = 16,
    parameter PROGRAM_FILE = "",
    parameter WEIGHTS_FILE = "",
    parameter SCALES_FILE = "",
    parameter CONSTANTS_FILE = ""
) (
    input wire clk_i,
    input wire rst_i,

    input wire tick_start_i,
    input wire [15:0] program_i,
    input wire [15:0] tick_i,
    input wire [5*RING_MAX-1:0] ticks_i,
    input wire [15:0] width_last_i,
    input wire [15:0] strip_i,
    input wire [15:0] groups_last_i,
    input wire [15:0] height_i,
    output wire busy_o,
    output wire beat_o,  // the multipliers work

    output wire load_hold_o,  // the stores are written
    input wire load_i,
    input wire [15:0] load_column_i,
    input wire [15:0] load_address_i,
    input wire [8*K-1:0] load_word_i,

    input wire out_half_i,  // that is written
    input wire [15:0] out_column_i,
    input wire [15:0] out_read_i,
    output wire [17:0] out_o,

    input wire edges_clear_i,
    input wire edges_come_i,
    input wire edges_go_i,
    output wire edges_busy_o,
    output wire edge_valid_o,
    input wire edge_ready_i,
    output wire [31:0] edge_o,
    input wire edge_valid_i,
    output wire edge_ready_o,
    input wire [31:0] edge_i
);

  localparam CONSTANT_BITS = CONSTANTS > 1 ? $clog2(CONSTANTS) : 1;
  localparam OUT_BITS = OUTS > 1 ? $clog2(OUTS) : 1;
  localparam WIDTH = ACTS * K + 4;
  localparam PIXELS = LEFT > 0 ? LEFT : 1;
  localparam [15:0] OUT_HALF = 16'd1 << (OUT_BITS - 1);

  // The step.
  wire [511:0] step;
  wire [15:0] row;
  wire step_begin;
  wire step_busy;
  wire segment_take;
  wire segment_write;
  wire [4:0] segment_index;
  wire [63:0] segment_word;
  wire next_step;
  wire [511:0] next;
  wire [9:0] next_words;
  wire edges_ready;

  picture_sequencer #(
      .FILE (PROGRAM_FILE),
      .WORDS(PROGRAM_WORDS)
  ) sequencer (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(tick_start_i),
      .program_i(program_i),
      .tick_i(tick_i),
      .height_i(height_i),
      .busy_o(busy_o),
      .step_o(step),
      .row_o(row),
      .begin_o(step_begin),
      .step_busy_i(step_busy),
      .next_o(next_step),
      .next_step_o(next),
      .next_words_o(next_words),
      .edges_ready_i(edges_ready),
      .segment_take_o(segment_take),
      .segment_write_o(segment_write),
      .segment_index_o(segment_index),
      .segment_word_o(segment_word)
  );

  // Its fields (gen/image/program.h).
  wire [1:0] kind = step[1:0];
  wire to_words = step[2];
  wire to_wides = step[3];
  wire to_outs = step[4];
  wire add = step[5];
  wire activate = step[6];
  wire holds_edge = step[7];
  wire bytes = step[8];
  wire [5:0] shift = step[21:16];
  wire [4:0] left_a = step[50:46];
  wire [4:0] left_b = step[55:51];
  wire [4:0] right = step[60:56];
  wire [15:0] outputs_last = step[79:64];
  wire [15:0] constants = step[95:80];
  wire [15:0] block_last = step[127:112];
  wire [7:0] pace = step[167:160];
  wire [7:0] fill = step[175:168];
  wire [17:0] low = step[209:192];
  wire [17:0] high = step[227:210];
  wire [1:0] skip = step[229:228];

  // The rows that values go to and come from.
  wire [15:0] words_row;
  wire [15:0] wides_row;
  wire [15:0] source_row;
  wire [15:0] other_row;

  picture_places #(
      .RING_MAX(RING_MAX)
  ) places (
      .clk_i(clk_i),
      .ticks_i(ticks_i),
      .places_i(step[511:256]),
      .rows_o({other_row, source_row, wides_row, words_row})
  );

  // What the multipliers get.
  wire [15:0] here_5;
  wire [15:0] next_5;
  wire [15:0] previous_5;
  wire signed [4:0] shift_5;
  wire outside_5;
  wire first_group_5;
  wire last_group_5;
  wire signed [8:0] start_5;
  wire signed [8:0] rest_5;
  wire [3:0] edge_row_5;
  wire [9:0] edge_word_5;
  wire keep_words_7;
  wire gather_valid_8;
  wire gather_first_8;
  wire [4:0] gather_index_8;
  wire gather_half_8;
  wire tap_half_6;
  wire [4:0] tap_row_6;
  wire [3:0] tap_channel_6;
  wire valid_9;
  wire [3:0] marks_9;
  wire [8*K-1:0] weights_9;
  wire [7:0] scale_9;

  picture_operands #(
      .COLUMNS(COLUMNS),
      .K(K),
      .SEGMENTS(SEGMENTS),
      .RING_MAX(RING_MAX),
      .WEIGHTS(WEIGHTS),
      .SCALES(SCALES),
      .WEIGHTS_FILE(WEIGHTS_FILE),
      .SCALES_FILE(SCALES_FILE)
  ) operands (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .step_begin_i(step_begin),
      .step_i(step),
      .row_i(row),
      .ticks_i(ticks_i),
      .width_last_i(width_last_i),
      .strip_i(strip_i),
      .groups_last_i(groups_last_i),
      .height_i(height_i),
      .segment_take_i(segment_take),
      .segment_write_i(segment_write),
      .segment_index_i(segment_index),
      .segment_word_i(segment_word),
      .here_5_o(here_5),
      .next_5_o(next_5),
      .previous_5_o(previous_5),
      .shift_5_o(shift_5),
      .outside_5_o(outside_5),
      .first_group_5_o(first_group_5),
      .last_group_5_o(last_group_5),
      .start_5_o(start_5),
      .rest_5_o(rest_5),
      .row_5_o(edge_row_5),
      .word_5_o(edge_word_5),
      .keep_7_o(keep_words_7),
      .gather_valid_8_o(gather_valid_8),
      .gather_first_8_o(gather_first_8),
      .gather_index_8_o(gather_index_8),
      .gather_half_8_o(gather_half_8),
      .tap_half_6_o(tap_half_6),
      .tap_row_6_o(tap_row_6),
      .tap_channel_6_o(tap_channel_6),
      .valid_9_o(valid_9),
      .marks_9_o(marks_9),
      .weights_9_o(weights_9),
      .scale_9_o(scale_9)
  );

  // Results.
  wire result_valid;
  wire wide_source = kind == 2'd2;
  wire wide_valid;
  wire [15:0] constant_address;
  wire [35:0] constant_2;
  wire [17:0] slope_3;
  wire [15:0] wide_read;
  wire [15:0] wide_previous;
  wire wide_other;
  wire [15:0] channel_4;
  wire first_group_6;
  wire keep_wides_7;
  wire wide_write;
  wire [15:0] wide_address;
  wire out_write;
  wire [15:0] out_address;
  wire element_valid;
  wire element_last;
  wire quantised;
  wire word_write;
  wire [15:0] word_address;

  picture_wide_issue wide_issue (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(step_begin && wide_source),
      .outputs_last_i(outputs_last),
      .groups_last_i(groups_last_i),
      .pace_i(pace),
      .valid_o(wide_valid)
  );

  picture_rom #(
      .FILE (CONSTANTS_FILE),
      .WIDTH(36),
      .DEPTH(CONSTANTS)
  ) constant_table (
      .clk_i(clk_i),
      .address_i(constant_address[CONSTANT_BITS-1:0]),
      .word_o(constant_2)
  );

  delay #(
      .WIDTH (18),
      .CYCLES(1)
  ) delay_slope (
      .clk_i (clk_i),
      .data_i(constant_2[17:0]),
      .data_o(slope_3)
  );

  picture_results #(
      .K(K)
  ) results (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(step_begin),
      .valid_i(wide_source ? wide_valid : result_valid),
      .wide_source_i(wide_source),
      .to_words_i(to_words),
      .to_wides_i(to_wides),
      .to_outs_i(to_outs),
      .keeps_i(EDGES != 0 && add),
      .outputs_last_i(outputs_last),
      .groups_last_i(groups_last_i),
      .block_last_i(block_last),
      .constants_i(constants),
      .words_row_i(words_row),
      .wides_row_i(wides_row),
      .outs_row_i(out_half_i ? OUT_HALF : 16'd0),
      .source_row_i(source_row),
      .other_row_i(other_row),
      .busy_o(step_busy),
      .constant_address_o(constant_address),
      .wide_read_o(wide_read),
      .wide_previous_o(wide_previous),
      .wide_other_o(wide_other),
      .channel_4_o(channel_4),
      .first_group_6_o(first_group_6),
      .keep_7_o(keep_wides_7),
      .wide_write_o(wide_write),
      .wide_address_o(wide_address),
      .out_write_o(out_write),
      .out_address_o(out_address),
      .element_valid_o(element_valid),
      .element_last_o(element_last),
      .quantised_i(quantised),
      .word_write_o(word_write),
      .word_address_o(word_address)
  );

  // What strips leave each other.
  wire [WIDTH*PIXELS-1:0] edge_words;
  wire [WIDTH*PIXELS-1:0] last_words;
  wire [18*SIDES-1:0] edge_wides;
  wire [18*SIDES-1:0] last_wides;

  generate
    if (EDGES != 0) begin : g_edges
      wire next_beside = next[1:0] != 2'd2 && next[37:34] != 4'd0;
      wire unused = &{1'b0, next};
      wire next_sum = next[5] && SKIPS[8*next[229:228]+:8] != 8'd0;

      picture_edges #(
          .WIDTH(WIDTH),
          .PIXELS(PIXELS),
          .SIDES(SIDES),
          .SKIPS(SKIPS),
          .ROW_BITS(EDGE_ROW_BITS),
          .WORD_BITS(EDGE_WORD_BITS),
          .CHANNEL_BITS(EDGE_CHANNEL_BITS)
      ) edges (
          .clk_i(clk_i),
          .clear_i(rst_i || edges_clear_i),
          .comes_i(edges_come_i),
          .goes_i(edges_go_i),
          .next_i(next_step),
          .next_by_taps_i(next[1:0] == 2'd1),
          .next_rows_last_i(next[33:30]),
          .next_words_i(next_beside ? next_words : 10'd0),
          .next_wides_i(next_sum ? next[79:64] + 16'd1 : 16'd0),
          .next_skip_i(next[229:228]),
          .ready_o(edges_ready),
          .begin_i(step_begin),
          .busy_o(edges_busy_o),
          .row_5_i(edge_row_5),
          .word_5_i(edge_word_5),
          .words_7_o(edge_words),
          .channel_4_i(channel_4),
          .wides_6_o(edge_wides),
          .keep_words_i(keep_words_7),
          .kept_words_i(last_words),
          .keep_wides_i(keep_wides_7 && SKIPS[8*skip+:8] != 8'd0),
          .kept_wides_i(last_wides),
          .out_valid_o(edge_valid_o),
          .out_ready_i(edge_ready_i),
          .out_data_o(edge_o),
          .in_valid_i(edge_valid_i),
          .in_ready_o(edge_ready_o),
          .in_data_i(edge_i)
      );
    end else begin : g_no_edges
      assign {edges_ready, edges_busy_o, edge_valid_o, edge_ready_o} = 4'b1000;
      assign edge_o = 32'd0;
      assign edge_words = {WIDTH * PIXELS{1'b0}};
      assign edge_wides = {18 * SIDES{1'b0}};
      wire unused = &{1'b0, next_step, next, next_words, edges_clear_i, edges_come_i, edges_go_i,
                      edge_row_5, edge_word_5, channel_4, keep_words_7, keep_wides_7, last_words,
                      last_wides, edge_ready_i, edge_valid_i, edge_i};
    end
  endgenerate

  picture_array #(
      .FAMILY(FAMILY),
      .COLUMNS(COLUMNS),
      .K(K),
      .ACTS(ACTS),
      .LEFT(LEFT),
      .RIGHT(RIGHT),
      .MULTIPLY(MULTIPLY),
      .LEFT_MAX(LEFT_MAX),
      .WORDS(WORDS),
      .WIDES(WIDES),
      .OUTS(OUTS),
      .EDGES(EDGES),
      .SIDES(SIDES),
      .SKIPS(SKIPS)
  ) columns (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .load_i(load_i),
      .load_column_i(load_column_i),
      .load_address_i(load_address_i),
      .load_word_i(load_word_i),
      .here_i(here_5),
      .next_i(next_5),
      .previous_i(previous_5),
      .shift_i(shift_5),
      .outside_i(outside_5),
      .first_group_i(first_group_5),
      .last_group_i(last_group_5),
      .start_i(start_5),
      .rest_i(rest_5),
      .edge_words_i(edge_words),
      .last_words_o(last_words),
      .edge_i(holds_edge),
      .fill_i(fill),
      .bytes_i(bytes),
      .taps_i(kind == 2'd1),
      .gather_valid_i(gather_valid_8 && kind == 2'd1),
      .gather_first_i(gather_first_8),
      .gather_half_i(gather_half_8),
      .gather_index_i(gather_index_8),
      .tap_half_i(tap_half_6),
      .tap_row_i(tap_row_6),
      .tap_channel_i(tap_channel_6),
      .valid_i(valid_9),
      .first_beat_i(marks_9[3]),
      .last_beat_i(marks_9[2]),
      .first_block_i(marks_9[1]),
      .last_block_i(marks_9[0]),
      .weights_i(weights_9),
      .scale_i(scale_9),
      .shift_right_i(shift),
      .result_valid_o(result_valid),
      .activate_i(activate),
      .wide_source_i(wide_source),
      .add_i(add),
      .low_i(low),
      .high_i(high),
      .left_a_i(left_a),
      .left_b_i(left_b),
      .right_i(right),
      .bias_i(constant_2[35:18]),
      .slope_i(slope_3),
      .wide_read_i(wide_read),
      .wide_previous_i(wide_previous),
      .wide_other_i(wide_other),
      .skip_i(skip),
      .first_group_2_i(first_group_6),
      .edge_wides_i(edge_wides),
      .last_wides_o(last_wides),
      .wide_write_i(wide_write),
      .wide_address_i(wide_address),
      .out_write_i(out_write),
      .out_address_i(out_address),
      .element_valid_i(element_valid),
      .element_last_i(element_last),
      .quantised_o(quantised),
      .word_write_i(word_write),
      .word_write_address_i(word_address),
      .out_column_i(out_column_i),
      .out_read_i(out_read_i),
      .out_o(out_o)
  );

  assign beat_o = valid_9;
  assign load_hold_o = word_write;

  wire unused = &{1'b0, step, constant_address};

endmodule

`default_nettype wire
