// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What a step's multipliers get: counts through its convolution, and brings each
// beat's addresses, marks and weights to the stage that wants them (picture_core.v).
//
// Timing: step_begin_i for one cycle, with step_i and row_i until the step has ended;
// segments as in picture_segments.v. Outputs ending in _5 to _9 belong to that many
// cycles after a beat's, or a tap's, issue.
// Resources: counters, about 1000 registers, the weights and scales in RAM.
module picture_operands #(
    parameter COLUMNS = 4,
    parameter K = 4,
    parameter SEGMENTS = 1,
    parameter RING_MAX = 4,
    parameter WEIGHTS = 16,
    parameter SCALES = 16,
    parameter WEIGHTS_FILE = "",
    parameter SCALES_FILE = ""
) (
    input wire clk_i,
    input wire rst_i,

    input wire step_begin_i,
    input wire [511:0] step_i,
    input wire [15:0] row_i,
    input wire [5*RING_MAX-1:0] ticks_i,
    input wire [15:0] width_last_i,  // of the picture
    input wire [15:0] strip_i,  // its pixel that a strip begins with
    input wire [15:0] groups_last_i,
    input wire [15:0] height_i,
    input wire segment_take_i,
    input wire segment_write_i,
    input wire [4:0] segment_index_i,
    input wire [63:0] segment_word_i,

    output wire [15:0] here_5_o,
    output wire [15:0] next_5_o,
    output wire [15:0] previous_5_o,
    output wire signed [4:0] shift_5_o,
    output wire outside_5_o,
    output wire first_group_5_o,
    output wire last_group_5_o,
    output wire signed [8:0] start_5_o,
    output wire signed [8:0] rest_5_o,
    output wire [3:0] row_5_o,  // of the taps, and word of a pixel
    output wire [9:0] word_5_o,
    output wire keep_7_o,  // the words of this row of taps are the strip's last ones

    output wire gather_valid_8_o,
    output wire gather_first_8_o,
    output wire [4:0] gather_index_8_o,
    output wire gather_half_8_o,
    output wire tap_half_6_o,
    output wire [4:0] tap_row_6_o,
    output wire [3:0] tap_channel_6_o,

    output wire valid_9_o,
    output wire [3:0] marks_9_o,  // beat first, last; block first, last
    output wire [8*K-1:0] weights_9_o,
    output wire [7:0] scale_9_o
);

  localparam WEIGHT_BITS = WEIGHTS > 1 ? $clog2(WEIGHTS) : 1;
  localparam SCALE_BITS = SCALES > 1 ? $clog2(SCALES) : 1;

  // The step's fields (gen/image/program.h).
  wire [1:0] kind = step_i[1:0];
  wire bytes = step_i[8];
  wire [3:0] segments = step_i[14:11];
  wire [3:0] kernel_h_last = step_i[33:30];
  wire [3:0] kernel_w_last = step_i[37:34];
  wire [3:0] pad_top = step_i[41:38];
  wire [3:0] pad_left = step_i[45:42];
  wire [15:0] outputs_last = step_i[79:64];
  wire [15:0] group_outputs_last = step_i[111:96];
  wire [15:0] weight_base = step_i[143:128];
  wire [15:0] scale_base = step_i[159:144];
  wire [7:0] pace = step_i[167:160];
  wire [4:0] taps_last = step_i[180:176];
  wire [3:0] channels_last = step_i[185:182];
  wire [5:0] side = step_i[191:186];
  wire by_taps = kind == 2'd1;

  // The group of pixels that is asked for.
  reg [15:0] group;
  reg signed [16:0] start;
  reg signed [16:0] rest;
  wire signed [16:0] begins = $signed({1'b0, strip_i}) - $signed({11'd0, side});
  wire next_group;
  wire first_group = group == 16'd0;
  wire last_group = group == groups_last_i;

  always @(posedge clk_i)
    if (step_begin_i) begin
      {group, start} <= {16'd0, begins};
      rest <= $signed({1'b0, width_last_i}) - begins;
    end else if (next_group) begin
      {group, start} <= {group + 16'd1, start + COLUMNS[16:0]};
      rest <= rest - COLUMNS[16:0];
    end

  // Stage 0.
  wire dot_valid;
  wire dot_next_group;
  wire [3:0] dot_segment;
  wire [3:0] dot_tap_row;
  wire [3:0] dot_tap;
  wire [15:0] dot_word;
  wire [3:0] dot_marks;  // beat first, last; block first, last
  wire dot_first_output;
  wire [15:0] dot_weight;
  wire [15:0] dot_scale;

  wire gather_valid;
  wire gather_next_group;
  wire [3:0] gather_tap_row;
  wire [3:0] gather_tap;
  wire [15:0] gather_word;
  wire gather_first;
  wire gather_last;
  wire [4:0] gather_index;
  wire gather_half;
  wire gather_release;

  wire tap_valid;
  wire tap_half;
  wire [4:0] tap_row;
  wire [3:0] tap_channel;
  wire [3:0] tap_marks;
  wire [15:0] tap_weight;
  wire [15:0] tap_scale;
  wire filled_2;

  wire [15:0] segment_base;
  wire [15:0] segment_row_words;
  wire [4:0] segment_ring;
  wire [4:0] segment_delta;
  wire [9:0] words_last;
  wire [15:0] single;
  wire [15:0] segment_offset;
  wire [15:0] pixel_words;
  wire [15:0] channel_words;
  wire [15:0] weight_stride;
  wire [15:0] scale_stride;

  assign next_group = dot_next_group || gather_next_group;

  picture_segments #(
      .SEGMENTS(SEGMENTS)
  ) segment_table (
      .clk_i(clk_i),
      .take_i(segment_take_i),
      .write_i(segment_write_i),
      .write_index_i(segment_index_i),
      .write_word_i(segment_word_i),
      .first_group_i(step_begin_i),
      .next_group_i(next_group),
      .index_i(by_taps ? 4'd0 : dot_segment),
      .base_o(segment_base),
      .row_words_o(segment_row_words),
      .ring_o(segment_ring),
      .delta_o(segment_delta),
      .words_last_o(words_last),
      .single_o(single),
      .offset_o(segment_offset),
      .pixel_words_o(pixel_words),
      .channel_words_o(channel_words),
      .weight_stride_o(weight_stride),
      .scale_stride_o(scale_stride)
  );

  picture_dot_issue #(
      .K(K),
      .SERIAL(K < 16 ? 1 : 0)
  ) dot_issue (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(step_begin_i && kind == 2'd0),
      .outputs_last_i(outputs_last),
      .group_outputs_last_i(group_outputs_last),
      .kernel_h_last_i(kernel_h_last),
      .kernel_w_last_i(kernel_w_last),
      .segments_i(segments),
      .pace_i(pace),
      .weight_base_i(weight_base),
      .scale_base_i(scale_base),
      .last_group_i(last_group),
      .segment_o(dot_segment),
      .segment_words_last_i(words_last),
      .single_i(single),
      .channel_words_i(channel_words),
      .weight_stride_i(weight_stride),
      .scale_stride_i(scale_stride),
      .valid_o(dot_valid),
      .first_output_o(dot_first_output),
      .tap_row_o(dot_tap_row),
      .tap_o(dot_tap),
      .word_o(dot_word),
      .first_beat_o(dot_marks[3]),
      .last_beat_o(dot_marks[2]),
      .first_block_o(dot_marks[1]),
      .last_block_o(dot_marks[0]),
      .weight_address_o(dot_weight),
      .scale_address_o(dot_scale),
      .next_group_o(dot_next_group)
  );

  picture_gather gather (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(step_begin_i && by_taps),
      .words_last_i(words_last),
      .kernel_h_last_i(kernel_h_last),
      .kernel_w_last_i(kernel_w_last),
      .last_group_i(last_group),
      .release_i(gather_release),
      .valid_o(gather_valid),
      .tap_row_o(gather_tap_row),
      .tap_o(gather_tap),
      .word_o(gather_word),
      .first_o(gather_first),
      .last_o(gather_last),
      .index_o(gather_index),
      .half_o(gather_half),
      .next_group_o(gather_next_group)
  );

  picture_tap_issue #(
      .K(K),
      .SERIAL(K < 16 ? 1 : 0)
  ) tap_issue (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(step_begin_i && by_taps),
      .bytes_i(bytes),
      .outputs_last_i(outputs_last),
      .channels_last_i(channels_last),
      .taps_last_i(taps_last),
      .pace_i(pace),
      .weight_base_i(weight_base),
      .scale_base_i(scale_base),
      .groups_last_i(groups_last_i),
      .filled_i(filled_2),
      .release_o(gather_release),
      .valid_o(tap_valid),
      .half_o(tap_half),
      .row_o(tap_row),
      .channel_o(tap_channel),
      .first_beat_o(tap_marks[3]),
      .last_beat_o(tap_marks[2]),
      .first_block_o(tap_marks[1]),
      .last_block_o(tap_marks[0]),
      .weight_address_o(tap_weight),
      .scale_address_o(tap_scale)
  );

  // To stage 5: addresses.

  picture_fetch #(
      .RING_MAX(RING_MAX)
  ) fetch (
      .clk_i(clk_i),
      .ticks_i(ticks_i),
      .row_i(row_i),
      .height_i(height_i),
      .pad_top_i(pad_top),
      .pad_left_i(pad_left),
      .base_i(segment_base),
      .row_words_i(segment_row_words),
      .ring_i(segment_ring),
      .delta_i(segment_delta),
      .pixel_words_i(pixel_words),
      .offset_i(segment_offset + (by_taps ? gather_word : dot_word)),
      .tap_row_i(by_taps ? gather_tap_row : dot_tap_row),
      .tap_i(by_taps ? gather_tap : dot_tap),
      .first_group_i(first_group),
      .last_group_i(last_group),
      .start_i(start),
      .rest_i(rest),
      .here_o(here_5_o),
      .next_o(next_5_o),
      .previous_o(previous_5_o),
      .shift_o(shift_5_o),
      .outside_o(outside_5_o),
      .first_group_o(first_group_5_o),
      .last_group_o(last_group_5_o),
      .start_o(start_5_o),
      .rest_o(rest_5_o)
  );

  // To stages 5 and 7: the edges' place (picture_edges.v). A row's last tap is no tap beside.
  wire [3:0] asked_tap = by_taps ? gather_tap : dot_tap;
  wire asked = by_taps ? gather_valid : dot_valid && dot_first_output;
  wire [15:0] asked_word = by_taps ? gather_word : dot_word;
  wire keeps = asked && last_group && kernel_w_last != 4'd0 && asked_tap == kernel_w_last;

  delay #(
      .WIDTH (14),
      .CYCLES(5)
  ) delay_edge (
      .clk_i (clk_i),
      .data_i({by_taps ? gather_tap_row : dot_tap_row, asked_word[9:0]}),
      .data_o({row_5_o, word_5_o})
  );
  delay #(
      .WIDTH (1),
      .CYCLES(7)
  ) delay_keep (
      .clk_i (clk_i),
      .data_i(keeps && !rst_i),
      .data_o(keep_7_o)
  );

  // To stages 2, 6, 7, 8 and 9: marks, and weights by their addresses.
  wire [15:0] weight_7;
  wire [15:0] scale_7;

  delay #(
      .WIDTH (1),
      .CYCLES(2)
  ) delay_filled (
      .clk_i (clk_i),
      .data_i(gather_valid && gather_last && !rst_i),
      .data_o(filled_2)
  );
  delay #(
      .WIDTH (8),
      .CYCLES(8)
  ) delay_gather (
      .clk_i (clk_i),
      .data_i({gather_valid, gather_first, gather_index, gather_half}),
      .data_o({gather_valid_8_o, gather_first_8_o, gather_index_8_o, gather_half_8_o})
  );
  delay #(
      .WIDTH (10),
      .CYCLES(6)
  ) delay_tap (
      .clk_i (clk_i),
      .data_i({tap_half, tap_row, tap_channel}),
      .data_o({tap_half_6_o, tap_row_6_o, tap_channel_6_o})
  );
  delay #(
      .WIDTH (32),
      .CYCLES(7)
  ) delay_beat (
      .clk_i (clk_i),
      .data_i({by_taps ? tap_weight : dot_weight, by_taps ? tap_scale : dot_scale}),
      .data_o({weight_7, scale_7})
  );
  delay #(
      .WIDTH (5),
      .CYCLES(9)
  ) delay_marks (
      .clk_i(clk_i),
      .data_i({(dot_valid || tap_valid) && !rst_i, by_taps ? tap_marks : dot_marks}),
      .data_o({valid_9_o, marks_9_o})
  );

  picture_rom #(
      .FILE (WEIGHTS_FILE),
      .WIDTH(8 * K),
      .DEPTH(WEIGHTS)
  ) weights (
      .clk_i(clk_i),
      .address_i(weight_7[WEIGHT_BITS-1:0]),
      .word_o(weights_9_o)
  );
  picture_rom #(
      .FILE (SCALES_FILE),
      .WIDTH(8),
      .DEPTH(SCALES)
  ) scales (
      .clk_i(clk_i),
      .address_i(scale_7[SCALE_BITS-1:0]),
      .word_o(scale_9_o)
  );

  wire unused = &{1'b0, step_i, weight_7, scale_7, asked_word};

endmodule

`default_nettype wire
