// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The scan's state where it is in the board's memory: state_bursts reads it ahead of the
// scan into one pair of queues, mantissas and exponents, and writes back what the scan
// leaves in another.
//
//   memory -> width_fifo -> the scan's words -> scan_state -> width_fifo -> memory
//
// Timing: start_i with the fields, which hold until busy_o falls. A channel may be begun
// while grant_o is high, and begun_i says that its last word was announced. What belongs
// to word_i is word_o and exponent_o four cycles later. Each write sets its block's
// exponent; that of its last word, write_ends_i, stays.
// Memory: a mantissa of 12 bits takes 16 there, an exponent 8; see state_bursts.v. The
// state port is that of docs/memories.md.
// Resources: two windows of 16 x STATE mantissas and exponents before the scan and two
// behind it, in RAM; state_bursts.
module state_stream #(
    parameter T = 32,
    parameter LANES = 4,
    parameter STATE_BITS = 8,
    parameter GROUPS = 4,
    parameter STATE = 16,
    parameter COLUMNS = 1,
    parameter INDEX_BITS = 2  // of a window's number
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [7:0] layer_i,
    input wire [7:0] last_column_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    output wire busy_o,

    output wire grant_o,
    input wire begun_i,
    input wire word_i,
    output reg [LANES*STATE_BITS-1:0] word_o,
    output reg [4:0] exponent_o,
    input wire write_i,
    input wire write_ends_i,
    input wire [LANES*STATE_BITS-1:0] write_word_i,
    input wire [4:0] write_exponent_i,

    output wire state_valid_o,
    input wire state_ready_i,
    output wire state_write_o,
    output wire [23:0] state_address_o,
    output wire [7:0] state_length_o,
    output wire state_write_valid_o,
    input wire state_write_ready_i,
    output wire [T-1:0] state_write_data_o,
    input wire state_read_valid_i,
    input wire [T-1:0] state_read_data_i
);

  localparam integer KEPT_BITS = STATE_BITS > 8 ? 16 : 8;  // of a mantissa in the memory
  localparam integer KEPT = LANES * KEPT_BITS;
  localparam integer WINDOW = 16 * STATE * KEPT_BITS;
  localparam integer WIDE = KEPT > T ? KEPT : T;
  localparam integer DEPTH = 1 << $clog2(2 * WINDOW / WIDE);
  localparam integer EXPONENT_DEPTH = 2 * STATE * 8 / T > 4 ? 1 << $clog2(2 * STATE * 8 / T) : 4;
  localparam integer BLOCK_WORDS = 16 / LANES;
  localparam integer WORD_BITS = $clog2(BLOCK_WORDS);
  localparam integer BLOCKS = STATE;  // of a window
  localparam integer BLOCK_BITS = $clog2(BLOCKS);
  localparam integer MOST_BLOCKS = BLOCKS - 1;
  localparam [BLOCK_BITS-1:0] LAST_BLOCK = MOST_BLOCKS[BLOCK_BITS-1:0];

  generate
    if (T < 16 || T > 128) unsupported_bus unsupported ();
  endgenerate

  // What the scan has of a window.
  reg [3:0] channel;
  reg [WORD_BITS-1:0] word;  // of its block
  reg [BLOCK_BITS-1:0] block;
  wire granted;
  wire read_3;
  wire given = begun_i && channel == 4'd15;
  wire scanned = write_i && write_ends_i && block == LAST_BLOCK;

  assign grant_o = channel != 4'd0 || granted;

  always @(posedge clk_i)
    if (rst_i) begin
      channel <= 4'd0;
      word <= {WORD_BITS{1'b0}};
      block <= {BLOCK_BITS{1'b0}};
    end else begin
      if (begun_i) channel <= channel + 4'd1;
      if (read_3) word <= word + 1'b1;
      if (write_i && write_ends_i) block <= scanned ? {BLOCK_BITS{1'b0}} : block + 1'b1;
    end

  delay #(
      .WIDTH (1),
      .CYCLES(3)
  ) delay_read (
      .clk_i (clk_i),
      .data_i(word_i && !rst_i),
      .data_o(read_3)
  );

  // Mantissas as they are kept.
  wire [KEPT-1:0] kept;
  wire [KEPT-1:0] write_kept;
  wire [7:0] exponent;
  genvar g;

  generate
    for (g = 0; g < LANES; g = g + 1) begin : g_lane
      localparam integer FILL = KEPT_BITS - STATE_BITS;

      always @(posedge clk_i)
        word_o[STATE_BITS*g+:STATE_BITS] <= kept[KEPT_BITS*g+:STATE_BITS];

      assign write_kept[KEPT_BITS*g+:STATE_BITS] = write_word_i[STATE_BITS*g+:STATE_BITS];
      if (FILL > 0) begin : g_fill
        assign write_kept[KEPT_BITS*g+STATE_BITS+:FILL] = {FILL{1'b0}};
        wire unused = &{1'b0, kept[KEPT_BITS*g+STATE_BITS+:FILL]};
      end
    end
  endgenerate

  always @(posedge clk_i) exponent_o <= exponent[4:0];

  // The queues. Windows are counted, so that there is room for what comes.
  wire read_exponents;
  wire write_exponents;
  wire write_mantissas;
  wire exponents_valid;
  wire mantissas_valid;
  wire [T-1:0] exponents_out;
  wire [T-1:0] mantissas_out;
  wire unused_mantissas_ready;
  wire unused_exponents_ready;
  wire unused_mantissa_valid;
  wire unused_exponent_valid;
  wire unused_write_ready;
  wire unused_write_exponent_ready;

  width_fifo #(
      .IN(T),
      .OUT(KEPT),
      .DEPTH(DEPTH)
  ) mantissas_ahead (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .in_valid_i(state_read_valid_i && !read_exponents),
      .in_ready_o(unused_mantissas_ready),
      .in_data_i(state_read_data_i),
      .out_valid_o(unused_mantissa_valid),
      .out_ready_i(read_3),
      .out_data_o(kept)
  );

  width_fifo #(
      .IN(T),
      .OUT(8),
      .DEPTH(EXPONENT_DEPTH)
  ) exponents_ahead (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .in_valid_i(state_read_valid_i && read_exponents),
      .in_ready_o(unused_exponents_ready),
      .in_data_i(state_read_data_i),
      .out_valid_o(unused_exponent_valid),
      .out_ready_i(read_3 && &word),
      .out_data_o(exponent)
  );

  width_fifo #(
      .IN(KEPT),
      .OUT(T),
      .DEPTH(DEPTH)
  ) mantissas_behind (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .in_valid_i(write_i),
      .in_ready_o(unused_write_ready),
      .in_data_i(write_kept),
      .out_valid_o(mantissas_valid),
      .out_ready_i(state_write_ready_i && write_mantissas),
      .out_data_o(mantissas_out)
  );

  width_fifo #(
      .IN(8),
      .OUT(T),
      .DEPTH(EXPONENT_DEPTH)
  ) exponents_behind (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .in_valid_i(write_i && write_ends_i),
      .in_ready_o(unused_write_exponent_ready),
      .in_data_i({3'd0, write_exponent_i}),
      .out_valid_o(exponents_valid),
      .out_ready_i(state_write_ready_i && write_exponents),
      .out_data_o(exponents_out)
  );

  assign state_write_valid_o =
      write_exponents && exponents_valid || write_mantissas && mantissas_valid;
  assign state_write_data_o = write_exponents ? exponents_out : mantissas_out;

  state_bursts #(
      .T(T),
      .GROUPS(GROUPS),
      .COLUMNS(COLUMNS),
      .INDEX_BITS(INDEX_BITS),
      .MANTISSA_WORDS(WINDOW / T),
      .EXPONENT_WORDS(STATE * 8 / T),
      .SEGMENT_SHIFT($clog2(WINDOW / 8))
  ) bursts (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .last_column_i(last_column_i),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .busy_o(busy_o),
      .grant_o(granted),
      .given_i(given),
      .scanned_i(scanned),
      .read_exponents_o(read_exponents),
      .write_exponents_o(write_exponents),
      .write_mantissas_o(write_mantissas),
      .state_valid_o(state_valid_o),
      .state_ready_i(state_ready_i),
      .state_write_o(state_write_o),
      .state_address_o(state_address_o),
      .state_length_o(state_length_o),
      .state_written_i(state_write_valid_o && state_write_ready_i),
      .state_read_i(state_read_valid_i)
  );

  wire unused = &{
    1'b0,
    exponent[7:5],
    unused_mantissas_ready,
    unused_exponents_ready,
    unused_mantissa_valid,
    unused_exponent_valid,
    unused_write_ready,
    unused_write_exponent_ready
  };

endmodule

`default_nettype wire
