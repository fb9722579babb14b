// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A network that makes pictures larger, as a device behind a stream of bytes: rows
// of a picture come in from the link, each starts a tick, and what a tick has made
// leaves while the next one runs.
//
// Timing: one clock, a synchronous reset.
// Resources: those of its parts.
module picture #(
    parameter FAMILY = "generic",
    parameter COLUMNS = 4,
    parameter K = 4,
    parameter ACTS = 8,  // bits of a mantissa
    parameter GROUPS = 4,  // of COLUMNS pixels that a row may have
    parameter CHANNELS = 1,
    parameter SCALE = 2,
    parameter SELECTIVE = 0,
    parameter TILE_BITS = 0,  // log2 of a patch's side, whose edges are scored; 0: they are not
    parameter LAG = 0,  // ticks from a row to its pixels' being computed
    parameter ANCHOR_LAG = 0,  // the same of the anchor alone
    parameter LEFT = 1,  // columns to a tap
    parameter RIGHT = 1,
    parameter MULTIPLY = 0,
    parameter LEFT_MAX = 8,
    parameter SEGMENTS = 1,
    parameter RING_MAX = 4,
    parameter PICTURE_RING = 1,
    parameter WORDS = 64,
    parameter WIDES = 64,
    parameter OUTS = 64,
    parameter OUTPUTS = 4,
    parameter EDGES = 0,  // of strips are kept (picture_edges.v)
    parameter SIDE = 0,  // pixels that a strip's pixels lie to the left of it
    parameter CONTEXT = 0,  // pixels of a row before the strip's, for the tail
    parameter BESIDE = 0,
    parameter SIDES = 1,
    parameter [31:0] SKIPS = 32'd0,
    parameter EDGE_ROW_BITS = 2,
    parameter EDGE_WORD_BITS = 4,
    parameter EDGE_CHANNEL_BITS = 6,
    parameter PROGRAM_WORDS = 16,
    parameter PROGRAM_HALF = 0,
    parameter WEIGHTS = 16,
    parameter SCALES = 16,
    parameter CONSTANTS = 16,
    parameter PROGRAM_FILE = "",
    parameter WEIGHTS_FILE = "",
    parameter SCALES_FILE = "",
    parameter CONSTANTS_FILE = "",
    parameter PIXEL_FIRST = 0,
    parameter TAPS = 0,
    parameter [16*32-1:0] RESIZE_WEIGHTS = 512'd0,
    parameter [31:0] RESIZE_FIRST = 32'd0,
    parameter ROWS_SHIFT = 7,
    parameter LEFT_A = 0,
    parameter LEFT_B = 0,
    parameter SUM_RIGHT = 0,
    parameter FRACTION = 6,
    parameter ANCHOR_FRACTION = 7,
    parameter ROW_BITS = 3,
    parameter [31:0] FINGERPRINT = 32'd0,
    parameter [95:0] BOARD = 96'd0
) (
    input wire clk_i,
    input wire rst_i,
    input wire restart_i,
    input wire rx_valid_i,
    output wire rx_ready_o,
    input wire [7:0] rx_data_i,
    output wire tx_valid_o,
    input wire tx_ready_i,
    output wire [7:0] tx_data_o,

    // The memory that kept edges pass through: first in, first out; cleared as a picture
    // begins.
    output wire edge_clear_o,
    output wire edge_valid_o,
    input wire edge_ready_i,
    output wire [31:0] edge_o,
    input wire edge_valid_i,
    output wire edge_ready_o,
    input wire [31:0] edge_i
);

  localparam WIDTH_MOST = COLUMNS * GROUPS;
  localparam X_BITS = WIDTH_MOST + CONTEXT > 1 ? $clog2(WIDTH_MOST + CONTEXT) : 1;
  localparam [1:0] IDLE = 0, START = 1, RUN = 2, MAKE = 3;

  // The link.
  wire begins;
  wire scoring;
  wire [31:0] threshold_half;
  wire [31:0] threshold_full;
  wire [15:0] width_last;
  wire [15:0] height;
  wire [15:0] groups_last;
  wire [1:0] subnet;
  wire edges_come;
  wire edges_go;
  wire [15:0] strip;
  wire [15:0] picture_last;
  wire [16:0] missing = CONTEXT[16:0] - {1'b0, strip};
  wire [15:0] row_first = missing[16] ? 16'd0 : missing[15:0];
  wire [15:0] row_last = picture_last - strip + CONTEXT[15:0];
  wire row_clear;
  wire row_valid;
  wire [7:0] row_data;
  wire row_start;
  wire pixel_valid;
  wire [7:0] pixel_data;
  wire score_valid;
  wire [7:0] score_data;
  wire answer_ready;
  reg [39:0] cycles;
  reg [39:0] beats;
  reg made;

  // A tick: the steps run while a row is loaded for the next, and the tail starts.
  reg [1:0] state;
  wire [15:0] tick;
  wire [5*RING_MAX-1:0] ticks;
  wire loader_busy;
  wire load_hold;
  wire core_busy;
  wire beat;
  wire tail_busy;
  wire anchor_only = SELECTIVE != 0 && subnet == 2'd0;
  wire steps = !anchor_only && !scoring;
  wire scores_busy;
  // A row is scored as the next one comes.
  wire [15:0] lag = scoring ? 16'd1 : anchor_only ? ANCHOR_LAG[15:0] : LAG[15:0];
  wire [15:0] made_row = tick - lag;
  wire makes = made_row < height;  // which is below 2^15
  wire over = !makes && !made_row[15];  // all rows have been made
  wire edges_busy;
  wire leaves = edges_busy && made_row == height - 16'd1;  // the strip's last edges
  wire ends = state == MAKE && !tail_busy && !loader_busy && !leaves && !scores_busy;
  wire patches_end;  // with made_row

  reg [15:0] tail_row;
  reg tail_half;
  reg tail_start;

  always @(posedge clk_i)
    if (rst_i || begins) state <= IDLE;
    else
      case (state)
        IDLE: if (row_start && !over) state <= START;
        START: state <= steps ? RUN : MAKE;
        RUN: if (!core_busy) state <= MAKE;
        default: if (ends) state <= IDLE;
      endcase

  always @(posedge clk_i) begin
    tail_start <= ends && makes && !scoring && !rst_i && !begins;
    if (ends) begin
      tail_row  <= made_row;
      tail_half <= tick[0];
    end
    if (rst_i || begins) made <= 1'b0;
    else if (ends) made <= makes && (patches_end || !scoring);
    if (begins || rst_i) {cycles, beats} <= 80'd0;
    else begin
      cycles <= cycles + {39'd0, state != IDLE};
      beats  <= beats + {39'd0, beat};
    end
  end

  picture_ticks #(
      .RING_MAX(RING_MAX)
  ) clock (
      .clk_i  (clk_i),
      .reset_i(begins),
      .next_i (ends),
      .tick_o (tick),
      .ticks_o(ticks)
  );

  picture_link #(
      .COLUMNS(COLUMNS),
      .K(K),
      .CHANNELS(CHANNELS),
      .SCALE(SCALE),
      .WIDTH_MOST(WIDTH_MOST),
      .LAG(LAG),
      .ANCHOR_LAG(ANCHOR_LAG),
      .SELECTIVE(SELECTIVE),
      .TILE_BITS(TILE_BITS),
      .SIDE(SIDE[7:0]),
      .CONTEXT(CONTEXT),
      .EDGES(EDGES),
      .FINGERPRINT(FINGERPRINT),
      .BOARD(BOARD)
  ) link (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .restart_i(restart_i),
      .rx_valid_i(rx_valid_i),
      .rx_ready_o(rx_ready_o),
      .rx_data_i(rx_data_i),
      .tx_valid_o(tx_valid_o),
      .tx_ready_i(tx_ready_i),
      .tx_data_o(tx_data_o),
      .begin_o(begins),
      .scoring_o(scoring),
      .threshold_half_o(threshold_half),
      .threshold_full_o(threshold_full),
      .width_last_o(width_last),
      .height_o(height),
      .groups_last_o(groups_last),
      .subnet_o(subnet),
      .edges_come_o(edges_come),
      .edges_go_o(edges_go),
      .strip_o(strip),
      .picture_last_o(picture_last),
      .row_hold_i(loader_busy),
      .row_clear_o(row_clear),
      .row_valid_o(row_valid),
      .row_data_o(row_data),
      .row_start_o(row_start),
      .idle_i(state == IDLE && !core_busy),
      .made_i(made),
      .cycles_i(cycles),
      .beats_i(beats),
      .pixel_valid_i(scoring ? score_valid : pixel_valid),
      .pixel_ready_o(answer_ready),
      .pixel_data_i(scoring ? score_data : pixel_data)
  );

  // A row of the picture.
  wire load;
  wire load_to_columns;
  wire [15:0] load_x;
  wire [15:0] load_column;
  wire [15:0] load_group;
  wire [8*CHANNELS-1:0] load_pixel;
  wire [15:0] load_row;

  picture_loader #(
      .COLUMNS(COLUMNS),
      .CHANNELS(CHANNELS),
      .X_BITS(X_BITS),
      .CONTEXT(CONTEXT)
  ) loader (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .clear_i(row_clear),
      .valid_i(row_valid),
      .data_i(row_data),
      .start_i(state == START && tick < height),
      .hold_i(load_hold),
      .width_last_i(width_last),
      .busy_o(loader_busy),
      .load_o(load),
      .to_columns_o(load_to_columns),
      .x_o(load_x),
      .column_o(load_column),
      .group_o(load_group),
      .pixel_o(load_pixel)
  );

  generate
    if (TILE_BITS != 0) begin : g_scores
      localparam integer SCORE_BITS = 2 * TILE_BITS + 8;
      wire unused = &{1'b0, threshold_half, threshold_full};
      assign patches_end = (&made_row[TILE_BITS-1:0]) || made_row == height - 16'd1;

      picture_scores #(
          .CHANNELS(CHANNELS),
          .TILE_BITS(TILE_BITS),
          .WIDTH_MOST(WIDTH_MOST)
      ) scores (
          .clk_i(clk_i),
          .begin_i(begins),
          .width_last_i(width_last),
          .height_last_i(height - 16'd1),
          .threshold_half_i(threshold_half[SCORE_BITS-1:0]),
          .threshold_full_i(threshold_full[SCORE_BITS-1:0]),
          .pixel_valid_i(scoring && load && load_to_columns),
          .pixel_i(load_pixel),
          .flush_i(scoring && state == START && tick == height),
          .busy_o(scores_busy),
          .half_i(tick[0]),
          .rewind_i(row_start),
          .valid_o(score_valid),
          .ready_i(answer_ready && scoring),
          .data_o(score_data)
      );
    end else begin : g_no_scores
      assign {patches_end, scores_busy, score_valid, score_data} = 11'd0;
      wire unused = &{1'b0, threshold_half, threshold_full};
    end
  endgenerate

  // The picture's ring lies first in the store.
  picture_row #(
      .RING_MAX(RING_MAX)
  ) row_of_picture (
      .clk_i(clk_i),
      .ticks_i(ticks),
      .base_i(16'd0),
      .row_words_i(GROUPS[15:0]),
      .ring_i(PICTURE_RING[4:0]),
      .delta_i(5'd0),
      .address_o(load_row)
  );

  wire [15:0] out_column;
  wire [15:0] out_read;
  wire [17:0] out;

  picture_core #(
      .FAMILY(FAMILY),
      .COLUMNS(COLUMNS),
      .K(K),
      .ACTS(ACTS),
      .LEFT(LEFT),
      .RIGHT(RIGHT),
      .MULTIPLY(MULTIPLY),
      .LEFT_MAX(LEFT_MAX),
      .SEGMENTS(SEGMENTS),
      .RING_MAX(RING_MAX),
      .WORDS(WORDS),
      .WIDES(WIDES),
      .OUTS(OUTS),
      .EDGES(EDGES),
      .SIDES(SIDES),
      .SKIPS(SKIPS),
      .EDGE_ROW_BITS(EDGE_ROW_BITS),
      .EDGE_WORD_BITS(EDGE_WORD_BITS),
      .EDGE_CHANNEL_BITS(EDGE_CHANNEL_BITS),
      .PROGRAM_WORDS(PROGRAM_WORDS),
      .WEIGHTS(WEIGHTS),
      .SCALES(SCALES),
      .CONSTANTS(CONSTANTS),
      .PROGRAM_FILE(PROGRAM_FILE),
      .WEIGHTS_FILE(WEIGHTS_FILE),
      .SCALES_FILE(SCALES_FILE),
      .CONSTANTS_FILE(CONSTANTS_FILE)
  ) core (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .tick_start_i(state == START && steps),
      .program_i(SELECTIVE != 0 && subnet == 2'd1 ? PROGRAM_HALF[15:0] : 16'd0),
      .tick_i(tick),
      .ticks_i(ticks),
      .width_last_i(picture_last),
      .strip_i(strip),
      .groups_last_i(groups_last),
      .height_i(height),
      .busy_o(core_busy),
      .beat_o(beat),
      .load_hold_o(load_hold),
      .load_i(load && load_to_columns),
      .load_column_i(load_column),
      .load_address_i(load_row + load_group),
      .load_word_i({{8 * (K - CHANNELS) {1'b0}}, load_pixel}),
      .out_half_i(tick[0]),
      .out_column_i(out_column),
      .out_read_i(out_read),
      .out_o(out),
      .edges_clear_i(edge_clear_o),
      .edges_come_i(edges_come),
      .edges_go_i(edges_go),
      .edges_busy_o(edges_busy),
      .edge_valid_o(edge_valid_o),
      .edge_ready_i(edge_ready_i),
      .edge_o(edge_o),
      .edge_valid_i(edge_valid_i),
      .edge_ready_o(edge_ready_o),
      .edge_i(edge_i)
  );

  // Until a picture's first tick nothing is kept that one before it has left.
  reg fresh;

  always @(posedge clk_i) fresh <= rst_i || begins || (fresh && state != START);
  assign edge_clear_o = fresh && !edges_come;

  picture_tail #(
      .FAMILY(FAMILY),
      .COLUMNS(COLUMNS),
      .OUTPUTS(OUTPUTS),
      .OUTS(OUTS),
      .CHANNELS(CHANNELS),
      .SCALE(SCALE),
      .PIXEL_FIRST(PIXEL_FIRST),
      .TAPS(TAPS),
      .RESIZE_WEIGHTS(RESIZE_WEIGHTS),
      .RESIZE_FIRST(RESIZE_FIRST),
      .ROWS_SHIFT(ROWS_SHIFT),
      .LEFT_MAX(LEFT_MAX),
      .LEFT_A(LEFT_A),
      .LEFT_B(LEFT_B),
      .RIGHT(SUM_RIGHT),
      .FRACTION(FRACTION),
      .ANCHOR_FRACTION(ANCHOR_FRACTION),
      .X_BITS(X_BITS),
      .ROW_BITS(ROW_BITS),
      .BESIDE(BESIDE)
  ) pixels (
      .clk_i(clk_i),
      .rst_i(rst_i || begins),
      .load_i(load),
      .load_row_i(tick),
      .load_x_i(load_x),
      .load_pixel_i(load_pixel),
      .start_i(tail_start),
      .anchor_only_i(anchor_only),
      .half_i(tail_half),
      .row_i(tail_row),
      .width_last_i(width_last),
      .first_i(row_first),
      .last_i(row_last),
      .height_last_i(height - 16'd1),
      .busy_o(tail_busy),
      .out_column_o(out_column),
      .out_read_o(out_read),
      .out_i(out),
      .valid_o(pixel_valid),
      .ready_i(answer_ready && !scoring),
      .data_o(pixel_data)
  );

endmodule

`default_nettype wire
