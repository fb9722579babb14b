// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Asks for the taps of a word of channels, word after word, so that they fill
// halves of the columns' tap buffers.
//
// Timing: start_i for one cycle, fields hold until all has been asked for. A request's place
// is there while valid_o is high. A half is asked for when it is free: release_i
// for one cycle frees the older of the two. next_group_o is high in the last
// request of a group of pixels but the last.
// Resources: counters.
module picture_gather (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [9:0] words_last_i,  // of a pixel, less one
    input wire [3:0] kernel_h_last_i,
    input wire [3:0] kernel_w_last_i,
    input wire last_group_i,
    input wire release_i,

    output wire valid_o,
    output wire [3:0] tap_row_o,
    output wire [3:0] tap_o,
    output wire [15:0] word_o,
    output wire first_o,  // tap
    output wire last_o,  // tap: the half is filled
    output wire [4:0] index_o,  // of the tap
    output reg half_o,
    output wire next_group_o
);

  reg busy;
  reg [1:0] used;  // halves
  reg [3:0] tap_row;
  reg [3:0] tap;
  reg [4:0] index;
  reg [9:0] word;

  wire row_ends = tap == kernel_w_last_i;
  wire taps_end = row_ends && tap_row == kernel_h_last_i;
  wire begins = index == 5'd0;
  wire wait_half = begins && used == 2'd2 && !release_i;
  wire issue = busy && !wait_half;
  wire filled = issue && taps_end;
  wire word_last = word == words_last_i;
  wire pixels_end = filled && word_last;

  assign valid_o = issue;
  assign tap_row_o = tap_row;
  assign tap_o = tap;
  assign word_o = {6'd0, word};
  assign first_o = index == 5'd0;
  assign last_o = taps_end;
  assign index_o = index;
  assign next_group_o = pixels_end && !last_group_i;

  always @(posedge clk_i)
    if (rst_i) busy <= 1'b0;
    else busy <= start_i || (busy && !(pixels_end && last_group_i));

  always @(posedge clk_i) begin
    if (start_i) begin
      {tap_row, tap, index, word, used, half_o} <= 26'd0;
    end else begin
      used <= used + {1'b0, issue && begins} - {1'b0, release_i};
      if (issue) begin
        tap <= row_ends ? 4'd0 : tap + 4'd1;
        if (row_ends) tap_row <= taps_end ? 4'd0 : tap_row + 4'd1;
        index <= taps_end ? 5'd0 : index + 5'd1;
        if (filled) begin
          half_o <= !half_o;
          word   <= word_last ? 10'd0 : word + 10'd1;
        end
      end
    end
  end

endmodule

`default_nettype wire
