// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What a scan asks of the memory that its state is kept in: reads each window, the state
// of 16 channels of a slot, ahead of the scan, and writes it back behind it.
//
// Layout: window n, of all layers and slots, begins n << (SEGMENT_SHIFT + 1) bytes into
// the memory's state; its mantissas come first, its exponents a segment of
// 1 << SEGMENT_SHIFT bytes later, and they are read and written first.
// Order: where a window is done it is written before another one is read. No more than
// two are under way before the scan, and two behind it: so much the queues hold. Of a
// prefill's columns, which share a slot, each waits until what the one before it left is
// written.
// Timing: start_i with the fields, which hold until busy_o falls. grant_o says that the
// scan may begin a window; given_i that its last channel was begun, scanned_i that its
// last word is in the queue to the memory. State port as in docs/memories.md; words that
// are read are exponents while read_exponents_o is high; a word is written of the queue
// of write_exponents_o or of write_mantissas_o while that is high.
// Resources: two window_walk and about 80 registers.
module state_bursts #(
    parameter T = 32,
    parameter GROUPS = 4,
    parameter COLUMNS = 1,
    parameter INDEX_BITS = 2,
    parameter MANTISSA_WORDS = 64,  // of a window, of T bits
    parameter EXPONENT_WORDS = 4,
    parameter SEGMENT_SHIFT = 8
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [7:0] layer_i,
    input wire [7:0] last_column_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    output reg busy_o,

    output wire grant_o,
    input wire given_i,
    input wire scanned_i,
    output reg read_exponents_o,
    output wire write_exponents_o,
    output wire write_mantissas_o,

    output wire state_valid_o,
    input wire state_ready_i,
    output reg state_write_o,
    output wire [23:0] state_address_o,
    output wire [7:0] state_length_o,
    input wire state_written_i,  // a word of a burst was taken, or
    input wire state_read_i  // has come
);

  localparam integer WORD_SHIFT = $clog2(T / 8);
  localparam integer PIECE = 128;  // words that are asked for at a time
  localparam integer PIECE_SHIFT = WORD_SHIFT + 7;
  localparam integer COUNT_BITS = $clog2(MANTISSA_WORDS);
  localparam integer MANTISSA_MOST = MANTISSA_WORDS - 1;
  localparam integer EXPONENT_MOST = EXPONENT_WORDS - 1;
  localparam [COUNT_BITS-1:0] LAST_MANTISSA = MANTISSA_MOST[COUNT_BITS-1:0];
  localparam [COUNT_BITS-1:0] LAST_EXPONENT = EXPONENT_MOST[COUNT_BITS-1:0];

  generate
    if (INDEX_BITS + SEGMENT_SHIFT + 1 > 24 || EXPONENT_WORDS > 255 || EXPONENT_WORDS < 1)
      unsupported_size unsupported ();
  endgenerate

  // Windows, counted by what has come of them.
  reg [1:0] unscanned;  // asked for
  reg [1:0] waiting;  // read, and not given to the scan
  reg [1:0] unwritten;  // given to it
  reg [1:0] finished;  // scanned, and their writing has not begun
  wire arrives;
  wire begin_read;
  wire begin_write;
  wire ends_write;

  function [1:0] counted;
    input [1:0] count;
    input more;
    input less;
    counted = more == less ? count : more ? count + 2'd1 : count - 2'd1;
  endfunction

  always @(posedge clk_i)
    if (rst_i) begin
      unscanned <= 2'd0;
      waiting   <= 2'd0;
      unwritten <= 2'd0;
      finished  <= 2'd0;
    end else begin
      unscanned <= counted(unscanned, begin_read, scanned_i);
      waiting   <= counted(waiting, arrives, given_i);
      unwritten <= counted(unwritten, given_i, ends_write);
      finished  <= counted(finished, scanned_i, begin_write);
    end

  assign grant_o = waiting != 2'd0 && !unwritten[1];

  // Where they lie.
  wire walk_busy;
  wire unused_write_walk_busy;
  wire shares;  // the slot with the window before
  wire first_column;
  wire all_asked;
  wire unused_written_over;
  wire [INDEX_BITS-1:0] read_index;
  wire [INDEX_BITS-1:0] write_index;
  wire unused_first_written;

  assign shares = prefill_i && !first_column;

  window_walk #(
      .GROUPS(GROUPS),
      .COLUMNS(COLUMNS),
      .INDEX_BITS(INDEX_BITS)
  ) read_walk (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .last_column_i(last_column_i),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .busy_o(walk_busy),
      .step_i(begin_read),
      .first_column_o(first_column),
      .index_o(read_index),
      .over_o(all_asked)
  );

  window_walk #(
      .GROUPS(GROUPS),
      .COLUMNS(COLUMNS),
      .INDEX_BITS(INDEX_BITS)
  ) write_walk (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .last_column_i(last_column_i),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .busy_o(unused_write_walk_busy),
      .step_i(begin_write),
      .first_column_o(unused_first_written),
      .index_o(write_index),
      .over_o(unused_written_over)
  );

  // A window's bursts: its exponents, then its mantissas in pieces.
  localparam [1:0] IDLE = 2'd0, ASK = 2'd1, PASS = 2'd2;
  localparam integer PIECES = (MANTISSA_WORDS + PIECE - 1) / PIECE;
  localparam integer PIECE_BITS = PIECES > 1 ? $clog2(PIECES) : 1;
  localparam integer LAST_PIECE = PIECES - 1;
  localparam integer LAST_WORDS = MANTISSA_WORDS - LAST_PIECE * PIECE;

  reg [1:0] state;
  reg mantissas;
  reg [INDEX_BITS-1:0] index;
  reg [PIECE_BITS-1:0] piece;
  reg [7:0] left;  // words to be written
  wire last_piece = piece == LAST_PIECE[PIECE_BITS-1:0];
  wire asked = state == ASK && state_ready_i;
  wire passed = state == PASS && state_written_i && left == 8'd1;
  wire burst_ends = state_write_o ? passed : asked;
  wire window_ends = burst_ends && mantissas && last_piece;
  wire [23:0] place = {{23 - INDEX_BITS{1'b0}}, index, mantissas};
  wire [23:0] offset = {{24 - PIECE_BITS{1'b0}}, piece};

  assign begin_write = state == IDLE && finished != 2'd0;
  assign begin_read = state == IDLE && finished == 2'd0 && !all_asked && !walk_busy &&
      (shares ? unscanned == 2'd0 && unwritten == 2'd0 : !unscanned[1]);
  assign ends_write = window_ends && state_write_o;
  assign write_exponents_o = state == PASS && !mantissas;
  assign write_mantissas_o = state == PASS && mantissas;
  assign state_valid_o = state == ASK;
  assign state_address_o = place << SEGMENT_SHIFT | offset << PIECE_SHIFT;
  assign state_length_o =
      !mantissas ? EXPONENT_WORDS[7:0] : last_piece ? LAST_WORDS[7:0] : PIECE[7:0];

  always @(posedge clk_i) begin
    busy_o <= !all_asked || unscanned != 2'd0 || unwritten != 2'd0 || state != IDLE;
    if (rst_i) state <= IDLE;
    else if (state == IDLE) state <= begin_read || begin_write ? ASK : IDLE;
    else if (burst_ends) state <= window_ends ? IDLE : ASK;
    else if (asked) state <= PASS;

    if (state == IDLE) begin
      state_write_o <= begin_write;
      index <= begin_write ? write_index : read_index;
      mantissas <= 1'b0;
      piece <= {PIECE_BITS{1'b0}};
    end else if (burst_ends) begin
      mantissas <= 1'b1;
      if (mantissas) piece <= piece + 1'b1;
    end

    if (asked) left <= state_length_o;
    else if (state_written_i) left <= left - 8'd1;
  end

  // What comes, in the order in which it was asked for.
  reg [COUNT_BITS-1:0] come;  // of the exponents or of the mantissas
  wire come_all = come == (read_exponents_o ? LAST_EXPONENT : LAST_MANTISSA);

  assign arrives = state_read_i && come_all && !read_exponents_o;

  always @(posedge clk_i)
    if (rst_i) begin
      come <= {COUNT_BITS{1'b0}};
      read_exponents_o <= 1'b1;
    end else if (state_read_i) begin
      come <= come_all ? {COUNT_BITS{1'b0}} : come + 1'b1;
      if (come_all) read_exponents_o <= !read_exponents_o;
    end

  wire unused = &{1'b0, unused_write_walk_busy, unused_written_over, unused_first_written};

endmodule

`default_nettype wire
