// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The tap address generator: from a tap of a group of pixels to the address, in
// each column's store, of the word that lies there.
//
// Columns are neighbouring pixels, so a tap beside a pixel lies in another column's
// store, for those at the group's ends in the next or the last group's words: hence
// three addresses. A row above or below the picture is held to it, and outside_o
// says so.
//
// Timing: outputs belong to the inputs of five cycles ago (LATENCY). row_i to
// edges hold still while requests are under way, and have for a cycle before.
// Resources: seven adders of 16 bits, about 200 registers.
module picture_fetch #(
    parameter RING_MAX = 16
) (
    input wire clk_i,

    input wire [5*RING_MAX-1:0] ticks_i,
    input wire [15:0] row_i,
    input wire [15:0] height_i,
    input wire [3:0] pad_top_i,
    input wire [3:0] pad_left_i,

    // The segment's and the tap's place.
    input wire [15:0] base_i,
    input wire [15:0] row_words_i,
    input wire [4:0] ring_i,
    input wire [4:0] delta_i,
    input wire [15:0] pixel_words_i,
    input wire [15:0] offset_i,  // in the row
    input wire [3:0] tap_row_i,
    input wire [3:0] tap_i,
    input wire first_group_i,
    input wire last_group_i,
    input wire signed [16:0] start_i,  // of the group's first pixel from the picture's first one
    input wire signed [16:0] rest_i,  // and to its last one

    output reg [15:0] here_o,
    output reg [15:0] next_o,
    output reg [15:0] previous_o,
    output wire signed [4:0] shift_o,  // columns to the tap's
    output wire outside_o,
    output wire first_group_o,
    output wire last_group_o,
    output wire signed [8:0] start_o,  // held to 9 bits, which no tap reaches beyond
    output wire signed [8:0] rest_o
);

  function [8:0] held_to_9(input signed [16:0] pixels);
    held_to_9 = pixels > 17'sd255 ? 9'd255 : pixels < -17'sd256 ? 9'h100 : pixels[8:0];
  endfunction


  // Stage 1: which of the ring's rows.
  wire [15:0] rows_above = {12'd0, pad_top_i} - row_i;  // that the picture lacks
  wire [15:0] rows_below = height_i + rows_above;
  reg [3:0] first_row;  // of taps that lies in the picture
  reg [4:0] end_row;  // the first one behind it, at most 16
  wire above = tap_row_i < first_row;
  wire below = {1'b0, tap_row_i} >= end_row;
  wire [4:0] held = above ? {1'b0, first_row} : below ? end_row - 5'd1 : {1'b0, tap_row_i};

  reg [15:0] base_1;
  reg [15:0] row_words_1;
  reg [4:0] ring_1;
  reg [4:0] delta_1;
  reg outside_1;
  reg signed [4:0] shift_1;

  always @(posedge clk_i) begin
    first_row <= rows_above[15] ? 4'd0 : rows_above[3:0];
    end_row <= rows_below > 16'd16 ? 5'd16 : rows_below[4:0];
    {base_1, row_words_1, ring_1} <= {base_i, row_words_i, ring_i};
    delta_1 <= delta_i - held;
    outside_1 <= above || below;
    shift_1 <= {1'b0, tap_i} - {1'b0, pad_left_i};
  end

  // Stage 3: the row's address.
  wire [15:0] row_3;
  wire [15:0] offset_3;
  wire [15:0] pixel_words_4;

  picture_row #(
      .RING_MAX(RING_MAX)
  ) place (
      .clk_i(clk_i),
      .ticks_i(ticks_i),
      .base_i(base_1),
      .row_words_i(row_words_1),
      .ring_i(ring_1),
      .delta_i(delta_1),
      .address_o(row_3)
  );

  delay #(
      .WIDTH (16),
      .CYCLES(3)
  ) delay_offset (
      .clk_i (clk_i),
      .data_i(offset_i),
      .data_o(offset_3)
  );

  delay #(
      .WIDTH (16),
      .CYCLES(4)
  ) delay_pixel_words (
      .clk_i (clk_i),
      .data_i(pixel_words_i),
      .data_o(pixel_words_4)
  );

  // Stages 4 and 5.
  reg [15:0] here_4;

  always @(posedge clk_i) begin
    here_4 <= row_3 + offset_3;
    here_o <= here_4;
    next_o <= here_4 + pixel_words_4;
    previous_o <= here_4 - pixel_words_4;
  end

  delay #(
      .WIDTH (6),
      .CYCLES(4)
  ) delay_tap (
      .clk_i (clk_i),
      .data_i({outside_1, shift_1}),
      .data_o({outside_o, shift_o})
  );

  delay #(
      .WIDTH (20),
      .CYCLES(5)
  ) delay_group (
      .clk_i (clk_i),
      .data_i({first_group_i, last_group_i, held_to_9(start_i), held_to_9(rest_i)}),
      .data_o({first_group_o, last_group_o, start_o, rest_o})
  );

  wire unused = &{1'b0, rows_above};

endmodule

`default_nettype wire
