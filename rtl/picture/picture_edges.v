// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What a strip of a picture leaves for the next one, which lies to its right: of each
// operand with taps beside each other the last PIXELS columns, of each sum's other
// operand the last so many as it lies to the left. A strip's steps keep and want them
// in the same order, so that they pass through a memory outside as words of 32 bits,
// first in, first out, a strip long.
//
// Timing: next_i for one cycle with the fields of the step that will run next, whose
// edges then come while the one before runs; ready_o falls in the next cycle, and rises
// the cycle after they are there. begin_i for one cycle when it begins. words_7_o belongs to
// row_5_i and word_5_i, wides_6_o to channel_4_i of two cycles ago. Edges are kept at most every
// other cycle; they leave while this step and the next ones run: a step with edges is
// ready when those of the last one have left. Where an entry has more words than one,
// the lowest is the first.
// Resources: RAM for the entries of two steps that come and of one that leaves.
module picture_edges #(
    parameter WIDTH = 36,  // a word of a column and its exponent
    parameter PIXELS = 2,  // of an entry of words
    parameter SIDES = 13,  // values of an entry of wide ones, at most
    parameter [31:0] SKIPS = 32'd0,  // that are kept, by a sum's kind, 8 bits each
    parameter ROW_BITS = 2,
    parameter WORD_BITS = 4,
    parameter CHANNEL_BITS = 6
) (
    input wire clk_i,
    input wire clear_i,
    input wire comes_i,  // there is a strip before this one
    input wire goes_i,  // and one behind it

    input wire next_i,
    input wire next_by_taps_i,  // rows within words, else words within rows
    input wire [3:0] next_rows_last_i,
    input wire [9:0] next_words_i,  // of a row; 0: none
    input wire [15:0] next_wides_i,  // channels; 0: none
    input wire [1:0] next_skip_i,
    output reg ready_o,
    input wire begin_i,
    output wire busy_o,  // edges are leaving

    input wire [3:0] row_5_i,
    input wire [9:0] word_5_i,
    output wire [WIDTH*PIXELS-1:0] words_7_o,  // the leftmost lowest
    input wire [15:0] channel_4_i,
    output wire [18*SIDES-1:0] wides_6_o,

    input wire keep_words_i,
    input wire [WIDTH*PIXELS-1:0] kept_words_i,
    input wire keep_wides_i,
    input wire [18*SIDES-1:0] kept_wides_i,

    output wire out_valid_o,
    input wire out_ready_i,
    output wire [31:0] out_data_o,
    input wire in_valid_i,
    output wire in_ready_o,
    input wire [31:0] in_data_i
);

  localparam integer WORDS_BITS = WIDTH * PIXELS;
  localparam integer WIDES_BITS = 18 * SIDES;
  localparam integer LARGER = WORDS_BITS > WIDES_BITS ? WORDS_BITS : WIDES_BITS;
  localparam integer PIECES = (LARGER + 31) / 32;
  localparam integer WORDS_LAST = (WORDS_BITS + 31) / 32 - 1;
  localparam PIECE_BITS = PIECES > 1 ? $clog2(PIECES) : 1;

  // The last piece of an entry of wide values.
  function [11:0] wides_last(input [1:0] skip);
    wides_last = ({4'd0, SKIPS[8*skip+:8]} * 12'd9 + 12'd15) / 12'd16 - 12'd1;
  endfunction

  // ---- What comes: a step's words, then its wide values.
  reg loading;
  reg to_wides;
  reg load_half;
  reg by_taps;
  reg [3:0] rows_last;
  reg [9:0] words;
  reg [15:0] wides;
  reg [PIECE_BITS-1:0] last_piece;  // of an entry of wide values
  reg [3:0] row;
  reg [9:0] word;
  reg [15:0] channel;
  reg [PIECE_BITS-1:0] piece;
  reg [32*PIECES-1:0] entry;
  reg write_words;
  reg write_wides;
  reg [3:0] write_row;
  reg [9:0] write_word;
  reg [15:0] write_channel;

  wire [11:0] next_last_piece = wides_last(next_skip_i);
  wire take = in_valid_i && in_ready_o;
  wire entry_ends = take && piece == (to_wides ? last_piece : WORDS_LAST[PIECE_BITS-1:0]);
  wire row_ends = row == rows_last;
  wire word_ends = word == words - 10'd1;
  wire words_end = row_ends && word_ends;
  wire wides_end = channel == wides - 16'd1;
  wire moves_row = by_taps || word_ends;
  wire moves_word = !by_taps || row_ends;

  assign in_ready_o = loading;

  always @(posedge clk_i)
    if (clear_i) {loading, to_wides} <= 2'b00;
    else if (next_i) begin
      loading  <= comes_i && (next_words_i != 10'd0 || next_wides_i != 16'd0);
      to_wides <= next_words_i == 10'd0;
    end else if (entry_ends) begin
      loading  <= to_wides ? !wides_end : !words_end || wides != 16'd0;
      to_wides <= to_wides || words_end;
    end

  integer i;

  always @(posedge clk_i) begin
    if (next_i) begin
      load_half <= !load_half;
      {by_taps, rows_last, words} <= {next_by_taps_i, next_rows_last_i, next_words_i};
      {wides, last_piece} <= {next_wides_i, next_last_piece[PIECE_BITS-1:0]};
      {row, word, channel} <= 30'd0;
      piece <= 0;
    end else if (take) begin
      piece <= entry_ends ? {PIECE_BITS{1'b0}} : piece + 1'b1;
      if (entry_ends && !to_wides) begin
        if (moves_row) row <= row_ends ? 4'd0 : row + 4'd1;
        if (moves_word) word <= word_ends ? 10'd0 : word + 10'd1;
      end
      if (entry_ends && to_wides) channel <= channel + 16'd1;
    end
    if (clear_i) load_half <= 1'b0;
    for (i = 0; i < PIECES; i = i + 1)
      if (take && piece == i[PIECE_BITS-1:0]) entry[32*i+:32] <= in_data_i;
    write_words <= entry_ends && !to_wides;
    write_wides <= entry_ends && to_wides;
    {write_row, write_word, write_channel} <= {row, word, channel};
  end

  // ---- What is read: the half of the step that runs.
  reg read_half;

  always @(posedge clk_i) if (begin_i) read_half <= load_half;

  store #(
      .WIDTH(WORDS_BITS),
      .DEPTH(1 << (1 + ROW_BITS + WORD_BITS))
  ) words_store (
      .clk_i(clk_i),
      .write_i(write_words),
      .write_address_i({load_half, write_row[ROW_BITS-1:0], write_word[WORD_BITS-1:0]}),
      .write_data_i(entry[WORDS_BITS-1:0]),
      .read_address_i({read_half, row_5_i[ROW_BITS-1:0], word_5_i[WORD_BITS-1:0]}),
      .read_data_o(words_7_o)
  );

  store #(
      .WIDTH(WIDES_BITS),
      .DEPTH(1 << (1 + CHANNEL_BITS))
  ) wides_store (
      .clk_i(clk_i),
      .write_i(write_wides),
      .write_address_i({load_half, write_channel[CHANNEL_BITS-1:0]}),
      .write_data_i(entry[WIDES_BITS-1:0]),
      .read_address_i({read_half, channel_4_i[CHANNEL_BITS-1:0]}),
      .read_data_o(wides_6_o)
  );

  // ---- What goes, in the same order: entries wait in queues.
  reg [15:0] words_left;
  reg [15:0] wides_left;
  reg some_words;  // are left
  reg some_wides;
  reg [PIECE_BITS-1:0] out_last;  // piece of an entry of wide values
  reg [PIECE_BITS-1:0] out_piece;
  wire leaving = some_words || some_wides;
  wire gives_wides = !some_words;
  wire words_valid;
  wire wides_valid;
  wire [WORDS_BITS-1:0] words_front;
  wire [WIDES_BITS-1:0] wides_front;
  wire [32*PIECES-1:0] front = gives_wides ? {{32 * PIECES - WIDES_BITS{1'b0}}, wides_front} :
                                             {{32 * PIECES - WORDS_BITS{1'b0}}, words_front};
  wire out_ends = out_piece == (gives_wides ? out_last : WORDS_LAST[PIECE_BITS-1:0]);
  wire gives = out_valid_o && out_ready_i;
  wire words_room;
  wire wides_room;
  wire begins = begin_i && goes_i && (words != 10'd0 || wides != 16'd0);

  assign out_valid_o = leaving && (gives_wides ? wides_valid : words_valid);
  assign out_data_o = front[32*out_piece+:32];
  assign busy_o = leaving;

  always @(posedge clk_i)
    ready_o <= !next_i && !loading && !write_words && !write_wides &&
               !(leaving && (words != 10'd0 || wides != 16'd0));

  always @(posedge clk_i)
    if (clear_i) begin
      {some_words, some_wides} <= 2'b00;
      out_piece <= 0;
    end else if (begins) begin
      words_left <= {6'd0, words} * ({12'd0, rows_last} + 16'd1);
      {wides_left, out_last} <= {wides, last_piece};
      {some_words, some_wides} <= {words != 10'd0, wides != 16'd0};
      out_piece <= 0;
    end else if (gives) begin
      out_piece <= out_ends ? {PIECE_BITS{1'b0}} : out_piece + 1'b1;
      if (out_ends && !gives_wides) begin
        words_left <= words_left - 16'd1;
        some_words <= words_left != 16'd1;
      end
      if (out_ends && gives_wides) begin
        wides_left <= wides_left - 16'd1;
        some_wides <= wides_left != 16'd1;
      end
    end

  fifo #(
      .WIDTH(WORDS_BITS),
      .DEPTH(1 << (ROW_BITS + WORD_BITS < 2 ? 2 : ROW_BITS + WORD_BITS))
  ) words_queue (
      .clk_i(clk_i),
      .rst_i(clear_i),
      .flush_i(1'b0),
      .in_valid_i(keep_words_i && goes_i),
      .in_ready_o(words_room),
      .in_data_i(kept_words_i),
      .out_valid_o(words_valid),
      .out_ready_i(gives && out_ends && !gives_wides),
      .out_data_o(words_front)
  );

  fifo #(
      .WIDTH(WIDES_BITS),
      .DEPTH(1 << (CHANNEL_BITS < 2 ? 2 : CHANNEL_BITS))
  ) wides_queue (
      .clk_i(clk_i),
      .rst_i(clear_i),
      .flush_i(1'b0),
      .in_valid_i(keep_wides_i && goes_i),
      .in_ready_o(wides_room),
      .in_data_i(kept_wides_i),
      .out_valid_o(wides_valid),
      .out_ready_i(gives && out_ends && gives_wides),
      .out_data_o(wides_front)
  );

  wire unused = &{1'b0, row_5_i, word_5_i, channel_4_i, write_row, write_word, write_channel,
                  entry, next_last_piece, words_room, wides_room};

endmodule

`default_nettype wire
