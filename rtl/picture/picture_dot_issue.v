// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through a convolution in dot direction, a beat a cycle:
//
//   group of pixels, output channel, row of taps, tap, segment, word
//
// A block is 16 channels of a tap or what is left of the segment. With SERIAL blocks
// end every other cycle at most (row_totals.v), so one of a single beat waits for a
// cycle; and an output channel takes pace_i cycles at least.
//
// Timing: start_i for one cycle, fields hold until the step has ended. A beat's place is
// there while valid_o is high; it is issued in that cycle. next_group_o is high in
// the last beat of a group but the last.
// Resources: counters.
module picture_dot_issue #(
    parameter K = 4,
    parameter SERIAL = 1
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [15:0] outputs_last_i,
    input wire [15:0] group_outputs_last_i,  // of a group of channels
    input wire [3:0] kernel_h_last_i,
    input wire [3:0] kernel_w_last_i,
    input wire [3:0] segments_i,
    input wire [7:0] pace_i,
    input wire [15:0] weight_base_i,
    input wire [15:0] scale_base_i,
    input wire last_group_i,  // of pixels

    output wire [3:0] segment_o,
    input wire [9:0] segment_words_last_i,
    input wire [15:0] single_i,  // segments of one word
    input wire [15:0] channel_words_i,
    input wire [15:0] weight_stride_i,
    input wire [15:0] scale_stride_i,

    output wire valid_o,
    output wire first_output_o,
    output wire [3:0] tap_row_o,
    output wire [3:0] tap_o,
    output wire [15:0] word_o,
    output wire first_beat_o,
    output wire last_beat_o,
    output wire first_block_o,
    output wire last_block_o,
    output wire [15:0] weight_address_o,
    output wire [15:0] scale_address_o,
    output wire next_group_o
);

  localparam BLOCK_BITS = 4 - $clog2(K);
  localparam integer BEATS = 16 / K;

  reg busy;
  reg ended;  // a block, in the cycle before
  reg [7:0] cycles;  // of the output channel
  reg first_output;
  reg last_output;
  reg [15:0] outputs_left;
  reg [15:0] group_outputs;
  reg [3:0] tap_row;
  reg [3:0] tap;
  reg [3:0] segment;
  reg segment_ends;  // with this word
  reg last_segment;
  reg [9:0] word;
  reg [15:0] channel_offset;
  reg [15:0] weight;  // of the segment's first beat
  reg [15:0] scale;
  reg first_block;

  // Where a pixel's words stand within a block; a segment begins with a block.
  wire [4:0] beat = {1'b0, word[3:0]} & (BEATS[4:0] - 5'd1);
  wire block_ends = segment_ends || beat == BEATS[4:0] - 5'd1;
  wire [3:0] next_segment = last_segment ? 4'd0 : segment + 4'd1;
  wire tap_ends = segment_ends && last_segment;
  wire row_ends = tap_ends && tap == kernel_w_last_i;
  wire output_ends = row_ends && tap_row == kernel_h_last_i;
  wire pixels_end = output_ends && last_output;
  wire waits = SERIAL != 0 && ended && block_ends;
  wire issue = busy && !waits && !(output_ends && cycles < pace_i);
  wire channels_end = group_outputs == group_outputs_last_i;

  assign segment_o = segment;
  assign valid_o = issue;
  assign first_output_o = first_output;
  assign tap_row_o = tap_row;
  assign tap_o = tap;
  assign word_o = {6'd0, word} + channel_offset;
  assign first_beat_o = beat == 5'd0;
  assign last_beat_o = block_ends;
  assign first_block_o = first_block;
  assign last_block_o = output_ends;
  assign weight_address_o = weight + {6'd0, word};
  assign scale_address_o = scale + {{6 + BLOCK_BITS{1'b0}}, word[9:BLOCK_BITS]};
  assign next_group_o = issue && pixels_end && !last_group_i;
  wire done = issue && pixels_end && last_group_i;

  always @(posedge clk_i)
    if (rst_i) busy <= 1'b0;
    else busy <= start_i || (busy && !done);

  always @(posedge clk_i) begin
    ended <= issue && block_ends;
    cycles <= issue && output_ends ? 8'd1 : cycles == 8'hFF ? cycles : cycles + 8'd1;
    if (start_i || (issue && pixels_end)) begin
      {group_outputs, channel_offset} <= 32'd0;
      {first_output, last_output} <= {1'b1, outputs_last_i == 16'd0};
      outputs_left <= outputs_last_i;
    end else if (issue && output_ends) begin
      {first_output, last_output} <= {1'b0, outputs_left == 16'd1};
      outputs_left <= outputs_left - 16'd1;
      group_outputs <= channels_end ? 16'd0 : group_outputs + 16'd1;
      if (channels_end) channel_offset <= channel_offset + channel_words_i;
    end
    if (start_i) begin
      {tap_row, tap, segment, word, first_block} <= {22'd0, 1'b1};
      {weight, scale} <= {weight_base_i, scale_base_i};
      segment_ends <= single_i[0];
      last_segment <= segments_i == 4'd1;
      cycles <= pace_i;
    end else if (issue) begin
      segment_ends <= segment_ends ? single_i[next_segment] :
                                     word + 10'd1 == segment_words_last_i;
      word <= segment_ends ? 10'd0 : word + 10'd1;
      if (block_ends) first_block <= output_ends;
      if (segment_ends) begin
        segment <= next_segment;
        last_segment <= segments_i == next_segment + 4'd1;
        weight <= pixels_end ? weight_base_i : weight + weight_stride_i;
        scale <= pixels_end ? scale_base_i : scale + scale_stride_i;
      end
      if (tap_ends) tap <= row_ends ? 4'd0 : tap + 4'd1;
      if (row_ends) tap_row <= output_ends ? 4'd0 : tap_row + 4'd1;
    end
  end

endmodule

`default_nettype wire
