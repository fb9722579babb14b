// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Turns a stream of 18-bit values into mantissas of 9, BITS (8 to 12) or 4 bits, sign-
// extended to LANE, 9 or more, under a shared power-of-two exponent for every block: the OCP
// microscaling form, as block_quantise() in gen/op/numerics.h.
//
// A block is 16 values, or, with head_i, all values up to element_last_i (at
// most MAX_BLOCK). element_last_i ends a block early; zeros fill it up to 16,
// or, with head_i, to MAX_BLOCK values.
//
// Timing: takes an element a cycle, always. One half of the buffer fills while
// the other is emitted, an element a cycle, so blocks of 16 follow each other
// without a gap. After element_last_i there must be a pause until busy_o is low.
// A block's first word comes K + 6 cycles after its last element, later if the
// block before it is still being emitted. The last word comes when busy_o falls.
// word_valid_o has no ready: the store behind it always writes.
// head_i, nine_bits_i and four_bits_i (BITS without both) hold still while busy.
// Resources: a RAM of 2 x MAX_BLOCK x 18 bits, one 18-bit shifter.
module block_quantiser #(
    parameter K = 8,
    parameter BITS = 8,
    parameter MAX_BLOCK = 64,
    parameter LANE = BITS > 9 ? BITS : 9
) (
    input wire clk_i,
    input wire rst_i,

    input wire head_i,
    input wire nine_bits_i,
    input wire four_bits_i,
    output wire busy_o,

    input wire element_valid_i,
    input wire element_last_i,
    input wire [17:0] element_i,

    output reg word_valid_o,
    output reg [LANE*K-1:0] word_o,
    output reg [3:0] exponent_o
);

  localparam integer FULL = BITS - 1;
  localparam [LANE-1:0] LIMIT_9 = 255;
  localparam [LANE-1:0] LIMIT_4 = 7;
  localparam [LANE-1:0] LIMIT = (1 << FULL) - 1;
  localparam INDEX_BITS = $clog2(MAX_BLOCK);
  localparam [INDEX_BITS-1:0] BLOCK_LAST = 15;
  localparam [INDEX_BITS-1:0] HEAD_LAST = MAX_BLOCK[INDEX_BITS-1:0] - 1'b1;
  localparam LANE_BITS = $clog2(K);

  // Fill. All magnitudes or-ed together have the bit length of the largest. Of 4 bits the
  // largest may be below 9 steps and not 8: a leading one with three zeros behind it counts
  // one place lower.
  reg half;
  reg [INDEX_BITS-1:0] fill;
  reg [16:0] seen;

  wire [16:0] magnitude = element_i[17] ? ~element_i[16:0] + 1'b1 : element_i[16:0];
  wire [16:0] nearly = {1'b0, magnitude[16:1]} |
      magnitude & ({magnitude[15:0], 1'b0} | {magnitude[14:0], 2'b0} | {magnitude[13:0], 3'b0});
  wire [16:0] seen_now = seen | (four_bits_i ? nearly : magnitude);
  wire complete = element_valid_i && (element_last_i || (!head_i && fill == BLOCK_LAST));

  always @(posedge clk_i)
    if (rst_i) begin
      half <= 1'b0;
      fill <= {INDEX_BITS{1'b0}};
      seen <= 17'd0;
    end else if (element_valid_i) begin
      half <= complete ? ~half : half;
      fill <= complete ? {INDEX_BITS{1'b0}} : fill + 1'b1;
      seen <= complete ? 17'd0 : seen_now;
    end

  // A complete block waits for the one before it: a last block can be short.
  reg waiting;
  reg [INDEX_BITS-1:0] waiting_last;
  reg [16:0] waiting_seen;

  // Emit.
  reg emitting;
  reg emit_half;
  reg [INDEX_BITS-1:0] index;
  reg [INDEX_BITS-1:0] filled_last;
  reg [16:0] largest;

  wire emit_last = index == (head_i ? HEAD_LAST : BLOCK_LAST);
  wire begin_block = waiting && (!emitting || emit_last);

  always @(posedge clk_i)
    if (rst_i) begin
      waiting   <= 1'b0;
      emitting  <= 1'b0;
      emit_half <= 1'b1;
      index <= {INDEX_BITS{1'b0}};
    end else begin
      waiting   <= complete || (waiting && !begin_block);
      emitting  <= begin_block || (emitting && !emit_last);
      emit_half <= emit_half ^ begin_block;
      index <= begin_block ? {INDEX_BITS{1'b0}} : index + 1'b1;
    end

  always @(posedge clk_i) begin
    if (complete) begin
      waiting_last <= fill;
      waiting_seen <= seen_now;
    end
    if (begin_block) begin
      filled_last <= waiting_last;
      largest <= waiting_seen;
    end
  end

  // The exponent of the block that is being emitted.
  wire [4:0] length;
  wire [4:0] kept = nine_bits_i ? 5'd8 : four_bits_i ? 5'd3 : FULL[4:0];
  wire [3:0] excess = length[3:0] - kept[3:0];
  reg [3:0] exponent_1;
  reg [3:0] exponent_2;
  reg [3:0] exponent_3;

  bit_length #(
      .WIDTH(17)
  ) length_of_largest (
      .value_i (largest),
      .length_o(length)
  );

  always @(posedge clk_i) begin
    exponent_1 <= length > kept ? excess : 4'd0;
    exponent_2 <= exponent_1;
    exponent_3 <= exponent_2;
  end

  // Stage 2: the element and whether it is only there to fill the block.
  wire [17:0] element;
  reg [1:0] padding;
  reg [3:1] valid;
  reg [3:1] word_end;

  store #(
      .WIDTH(18),
      .DEPTH(2 << INDEX_BITS)
  ) buffer (
      .clk_i(clk_i),
      .write_i(element_valid_i),
      .write_address_i({half, fill}),
      .write_data_i(element_i),
      .read_address_i({emit_half, index}),
      .read_data_o(element)
  );

  always @(posedge clk_i) begin
    padding  <= {padding[0], index > filled_last};
    valid    <= rst_i ? 3'd0 : {valid[2:1], emitting};
    word_end <= {word_end[2:1], &index[LANE_BITS-1:0]};
  end

  // Stage 3: divided and rounded. The largest of the block has `kept` bits then, so that
  // only 2^kept, which a rounding may reach, and -2^kept are beyond the limits; or, of 4
  // bits, is below 9.
  reg signed [18:0] doubled;
  wire [LANE-1:0] limit = nine_bits_i ? LIMIT_9 : four_bits_i ? LIMIT_4 : LIMIT;
  wire odd = doubled[0];
  wire negative = doubled[18];
  wire [LANE-1:0] floor = doubled[LANE:1];
  wire ones = (floor & limit) == limit;
  wire zeros = (floor & limit) == {LANE{1'b0}};
  wire up = odd ? negative || !ones : negative && zeros;
  wire beyond = four_bits_i && floor[3] != negative;
  wire [LANE-1:0] held = {{LANE - 3{negative}}, 2'b11 ^ {2{negative}}, 1'b1};  // 7 or -7
  wire [LANE-1:0] mantissa = beyond ? held : floor + {{LANE - 1{1'b0}}, up};

  always @(posedge clk_i)
    doubled <= $signed({padding[1] ? 18'd0 : element, 1'b0}) >>> exponent_2;

  always @(posedge clk_i) begin
    word_valid_o <= !rst_i && valid[3] && word_end[3];
    if (valid[3]) begin
      word_o <= {mantissa, word_o[LANE*K-1:LANE]};
      exponent_o <= exponent_3;
    end
  end

  assign busy_o = waiting || emitting || valid != 3'd0;

  wire unused = &{1'b0, doubled};

endmodule

`default_nettype wire
