// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Counts through a convolution whose blocks are taps of one channel, K taps a beat,
// from the columns' tap buffers:
//
//   group of pixels, word of channels, output channel, channel, block of taps, beat
//
// A depthwise one has one channel for each output, K outputs a word; one of bytes
// has a word's channels for every output.
//
// Timing: as picture_dot_issue. filled_i for one cycle says that one more half is
// filled; release_o, in a half's last beat, that it is free.
// Resources: counters.
module picture_tap_issue #(
    parameter K = 4,
    parameter SERIAL = 1
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire bytes_i,
    input wire [15:0] outputs_last_i,
    input wire [3:0] channels_last_i,  // of bytes
    input wire [4:0] taps_last_i,
    input wire [7:0] pace_i,
    input wire [15:0] weight_base_i,
    input wire [15:0] scale_base_i,
    input wire [15:0] groups_last_i,  // of pixels
    input wire filled_i,
    output wire release_o,

    output wire valid_o,
    output reg half_o,
    output wire [4:0] row_o,  // of K taps
    output wire [3:0] channel_o,  // of the word
    output wire first_beat_o,
    output wire last_beat_o,
    output wire first_block_o,
    output wire last_block_o,
    output wire [15:0] weight_address_o,
    output wire [15:0] scale_address_o
);

  localparam LANE_BITS = $clog2(K);
  localparam integer BEATS = 16 / K;
  localparam integer LANES_LAST = K - 1;

  reg busy;
  reg ended;
  reg [7:0] cycles;
  reg [1:0] filled;
  reg [15:0] group;
  reg [15:0] outputs_left;
  reg last_output;
  reg [3:0] channel;
  reg [4:0] row;
  reg taps_end;  // with this row
  reg [15:0] weight;
  reg [15:0] scale;
  reg first_block;

  wire [4:0] beat = row & (BEATS[4:0] - 5'd1);
  wire [4:0] row_last = taps_last_i >> LANE_BITS;
  wire [4:0] next_row = taps_end ? 5'd0 : row + 5'd1;
  wire block_ends = taps_end || beat == BEATS[4:0] - 5'd1;
  wire output_ends = taps_end && (!bytes_i || channel == channels_last_i);
  wire pixels_end = output_ends && last_output;
  wire word_ends = pixels_end || (output_ends && !bytes_i && channel == LANES_LAST[3:0]);
  wire waits = SERIAL != 0 && ended && block_ends;
  wire issue = busy && !waits && filled != 2'd0 && !(output_ends && cycles < pace_i);

  assign valid_o = issue;
  assign row_o = row;
  assign channel_o = channel;
  assign first_beat_o = beat == 5'd0;
  assign last_beat_o = block_ends;
  assign first_block_o = first_block;
  assign last_block_o = output_ends;
  assign weight_address_o = weight;
  assign scale_address_o = scale;
  assign release_o = issue && word_ends;
  wire done = issue && pixels_end && group == groups_last_i;

  always @(posedge clk_i)
    if (rst_i) busy <= 1'b0;
    else busy <= start_i || (busy && !done);

  always @(posedge clk_i) begin
    ended  <= issue && block_ends;
    cycles <= issue && output_ends ? 8'd1 : cycles == 8'hFF ? cycles : cycles + 8'd1;
    if (start_i) begin
      {half_o, filled, group, channel, row, first_block} <= {28'd0, 1'b1};
      taps_end <= row_last == 5'd0;
      {outputs_left, last_output} <= {outputs_last_i, outputs_last_i == 16'd0};
      {weight, scale} <= {weight_base_i, scale_base_i};
      cycles <= pace_i;
    end else begin
      filled <= filled + {1'b0, filled_i} - {1'b0, release_o};
      if (release_o) half_o <= !half_o;
      if (issue) begin
        row <= next_row;
        taps_end <= next_row == row_last;
        weight <= pixels_end ? weight_base_i : weight + 16'd1;
        if (block_ends) begin
          scale <= pixels_end ? scale_base_i : scale + 16'd1;
          first_block <= output_ends;
        end
        if (taps_end)
          channel <= (bytes_i ? output_ends : word_ends) ? 4'd0 : channel + 4'd1;
        if (output_ends) begin
          outputs_left <= pixels_end ? outputs_last_i : outputs_left - 16'd1;
          last_output <= pixels_end ? outputs_last_i == 16'd0 : outputs_left == 16'd1;
        end
        if (pixels_end) group <= group + 16'd1;
      end
    end
  end

endmodule

`default_nettype wire
