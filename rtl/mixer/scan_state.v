// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The state's part of SCAN: its words through the step, back to where they are kept, and
// with C to y. gen/op/scan.c defines it.
//
// The read of a word and its write are 16 / LANES + 16 cycles apart; a column that
// shares its slot with the one before it comes 16 channels later, which is longer.
//
// Timing: start_i begins at the first word of the layer; busy_o falls after the last
// channel's write_o. Where word_i is high the next word's reads are given, mantissa_i
// and right_i being its channel's; keep_i follows four cycles later. A channel's
// words come without a gap; channel_taken_o is high with its last. B and C are
// written before, in pairs. The state's word at read_address_o is stored_i four cycles
// later, with its exponent; new_valid_o writes one to new_address_o, new_ends_o the last
// of a block, whose exponent is the block's.
// Resources: 3 LANES multipliers, B and C of each column.
module scan_state #(
    parameter FAMILY = "generic",
    parameter LANES = 4,
    parameter STATE_BITS = 8,
    parameter INNER = 64,
    parameter STATE = 16,
    parameter COLUMNS = 1,
    parameter INDEX_BITS = 2,  // of a window's number, of 16 channels
    parameter ELEMENT_BITS = $clog2(STATE),
    parameter WORD_BITS = $clog2(STATE / LANES),
    parameter ADDRESS_BITS = INDEX_BITS + 4 + WORD_BITS
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire [7:0] layer_i,
    input wire [5:0] shift_i,
    input wire [5:0] d_left_i,
    input wire [7:0] last_column_i,
    input wire prefill_i,
    input wire [7:0] slot_i,
    input wire [COLUMNS-1:0] fresh_i,
    input wire [2*COLUMNS-1:0] turns_i,
    output reg busy_o,

    input wire write_b_i,
    input wire write_c_i,
    input wire [7:0] parameter_column_i,
    input wire [ELEMENT_BITS-2:0] parameter_pair_i,
    input wire [15:0] pair_i,
    input wire [3:0] pair_exponent_i,

    input wire word_i,
    output wire channel_taken_o,
    input wire [17*LANES-1:0] keep_i,
    input wire [7:0] mantissa_i,
    input wire signed [6:0] right_i,

    output wire [ADDRESS_BITS-1:0] read_address_o,
    input wire [LANES*STATE_BITS-1:0] stored_i,
    input wire [4:0] exponent_i,
    output wire new_valid_o,
    output wire new_ends_o,
    output wire [ADDRESS_BITS-1:0] new_address_o,
    output wire [LANES*STATE_BITS-1:0] new_word_o,
    output wire [4:0] new_exponent_o,

    output wire d_x_taken_o,
    input wire [33:0] d_x_i,

    output wire write_o,
    output wire [7:0] write_column_o,
    output wire [15:0] write_address_o,
    output wire [31:0] write_data_o
);

  localparam integer GROUPS = INNER / 16;
  localparam integer COLUMN_BITS = COLUMNS > 1 ? $clog2(COLUMNS) : 1;
  localparam integer WORDS = STATE / LANES;
  localparam integer BLOCK_WORDS = 16 / LANES;
  localparam [WORD_BITS-1:0] BLOCK_LAST = BLOCK_WORDS[WORD_BITS-1:0] - 1'b1;
  localparam integer BLOCK_BITS = 4 - $clog2(LANES);  // of a word's number within its block
  localparam integer BLOCKS = STATE / 16;
  localparam [WORD_BITS-1:0] LAST_BLOCK = BLOCKS[WORD_BITS-1:0] - 1'b1;
  // A quantised state's exponent is at most 30 less its magnitude's bits.
  localparam integer EXPONENT_MOST = 31 - STATE_BITS;
  localparam integer KEEP_LEFT = EXPONENT_MOST > 16 ? EXPONENT_MOST - 16 : 0;
  localparam integer KEEP_RIGHT = 16 + KEEP_LEFT;
  localparam integer LANE_BITS = 4 - BLOCK_BITS;
  localparam integer TO_OUTPUT = 10 + BLOCK_WORDS + 2;  // from a word's reads to C's

  generate
    if (!(LANES == 1 || LANES == 2 || LANES == 4 || LANES == 8)) unsupported_lanes unsupported ();
    if (!(STATE_BITS == 8 || STATE_BITS == 12 || STATE_BITS == 16))
      unsupported_state_bits unsupported ();
    if (STATE % 16 != 0 || INNER % 16 != 0) unsupported_size unsupported ();
  endgenerate

  // Cycle 0: the reads.
  wire [7:0] column;
  wire [WORD_BITS-1:0] word;
  wire last_word;
  wire fresh;

  wire unused_read_walk_busy;
  scan_walk #(
      .GROUPS(GROUPS),
      .COLUMNS(COLUMNS),
      .WORDS(WORDS),
      .WORD_BITS(WORD_BITS),
      .INDEX_BITS(INDEX_BITS)
  ) read_walk (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .last_column_i(last_column_i),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .busy_o(unused_read_walk_busy),
      .step_i(word_i),
      .column_o(column),
      .word_o(word),
      .address_o(read_address_o),
      .last_word_o(last_word)
  );

  column_bit #(
      .COLUMNS(COLUMNS)
  ) select_fresh (
      .bits_i  (fresh_i),
      .column_i(column),
      .bit_o   (fresh)
  );

  assign channel_taken_o = word_i && last_word;

  // Cycle 2: B; cycle 4: the state.
  wire [8*LANES-1:0] b_2;
  wire [3:0] b_exponent_2;
  wire fresh_4;
  wire [LANES*STATE_BITS-1:0] state_4 = fresh_4 ? {LANES * STATE_BITS{1'b0}} : stored_i;
  wire [7:0] mantissa_3;
  wire signed [6:0] right_3;
  reg [3:0] b_exponent_3;

  parameter_store #(
      .LANES(LANES),
      .COLUMN_BITS(COLUMN_BITS),
      .STATE_BITS(ELEMENT_BITS)
  ) b_store (
      .clk_i(clk_i),
      .write_i(write_b_i),
      .write_address_i({parameter_column_i[COLUMN_BITS-1:0], parameter_pair_i}),
      .write_pair_i(pair_i),
      .write_exponent_i(pair_exponent_i),
      .read_address_i({column[COLUMN_BITS-1:0], word}),
      .word_o(b_2),
      .exponent_o(b_exponent_2)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(4)
  ) delay_fresh (
      .clk_i (clk_i),
      .data_i(fresh),
      .data_o(fresh_4)
  );

  delay #(
      .WIDTH (15),
      .CYCLES(3)
  ) delay_input (
      .clk_i (clk_i),
      .data_i({mantissa_i, right_i}),
      .data_o({mantissa_3, right_3})
  );

  // Cycle 4: how far u B moves to the right, -60 to 60: whole bytes, and the rest
  // to the left in u. Beyond 16 nothing is left, beyond -32 all is too large.
  reg signed [6:0] right_4;
  wire signed [7:0] bytes_4 = ($signed({right_4[6], right_4}) + 8'sd7) >>> 3;
  reg [2:0] place_4;

  always @*
    if (bytes_4 > 8'sd2) place_4 = 3'd7;
    else if (bytes_4 > 8'sd0) place_4 = bytes_4[1] ? 3'd5 : 3'd6;
    else if (bytes_4 < -8'sd4) place_4 = 3'd4;
    else place_4 = -bytes_4[2:0];

  // Cycles 4 to 10: the lanes.
  wire [8*LANES-1:0] b_5;
  reg [7:0] mantissa_4;
  reg [14:0] input_5;
  wire [2:0] left_4 = -right_4[2:0];
  wire [5:0] keep_right_6;
  wire [2:0] place_7;
  wire [31*LANES-1:0] values_10;

  always @(posedge clk_i) begin
    b_exponent_3 <= b_exponent_2;
    right_4 <= right_3 - $signed({3'd0, b_exponent_3});
    mantissa_4 <= mantissa_3;
    input_5 <= {{7{mantissa_4[7]}}, mantissa_4} << left_4;
  end

  delay #(
      .WIDTH (8 * LANES),
      .CYCLES(3)
  ) delay_b (
      .clk_i (clk_i),
      .data_i(b_2),
      .data_o(b_5)
  );

  delay #(
      .WIDTH (6),
      .CYCLES(2)
  ) delay_exponent (
      .clk_i (clk_i),
      .data_i(KEEP_RIGHT[5:0] - {1'b0, exponent_i}),
      .data_o(keep_right_6)
  );

  delay #(
      .WIDTH (3),
      .CYCLES(3)
  ) delay_place (
      .clk_i (clk_i),
      .data_i(place_4),
      .data_o(place_7)
  );

  genvar g;
  generate
    for (g = 0; g < LANES; g = g + 1) begin : g_lane
      scan_lane #(
          .FAMILY(FAMILY),
          .STATE_BITS(STATE_BITS),
          .KEEP_LEFT(KEEP_LEFT)
      ) lane (
          .clk_i(clk_i),
          .keep_i(keep_i[17*g+:17]),
          .mantissa_i(state_4[STATE_BITS*g+:STATE_BITS]),
          .keep_right_i(keep_right_6),
          .input_i(input_5),
          .b_i(b_5[8*g+:8]),
          .place_i(place_7),
          .value_o(values_10[31*g+:31])
      );
    end
  endgenerate

  // Then a block's exponent, and its words behind it.
  wire valid_10;

  delay #(
      .WIDTH (1),
      .CYCLES(10)
  ) delay_valid (
      .clk_i (clk_i),
      .data_i(word_i && !rst_i),
      .data_o(valid_10)
  );

  state_quantiser #(
      .LANES(LANES),
      .STATE_BITS(STATE_BITS)
  ) quantiser (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .valid_i(valid_10),
      .values_i(values_10),
      .turn_i(turn),
      .valid_o(new_valid_o),
      .word_o(new_word_o),
      .exponent_o(new_exponent_o)
  );

  // Two cycles before its word comes: the reads of C, and where the word goes.
  wire output_valid;
  wire [7:0] output_column;
  wire [WORD_BITS-1:0] output_word;
  wire [WORD_BITS+3:0] output_element = {4'd0, output_word} << LANE_BITS;
  wire [1:0] element_turn = output_element[1:0];
  wire [WORD_BITS-1:0] output_block = output_word >> BLOCK_BITS;
  wire [ADDRESS_BITS-1:0] output_address;
  wire [8*LANES-1:0] c;
  wire [3:0] c_exponent;
  wire begins;
  wire first;
  wire last;

  delay #(
      .WIDTH (1),
      .CYCLES(TO_OUTPUT)
  ) delay_output (
      .clk_i (clk_i),
      .data_i(word_i && !rst_i),
      .data_o(output_valid)
  );

  // A cycle before its word comes: which of its elements are rounded up.
  wire [1:0] column_turn;
  reg [1:0] turn;

  column_bit #(
      .COLUMNS(COLUMNS),
      .WIDTH  (2)
  ) select_turn (
      .bits_i  (turns_i),
      .column_i(output_column),
      .bit_o   (column_turn)
  );

  always @(posedge clk_i) turn <= column_turn + element_turn;

  wire unused_output_walk_last_word;
  wire unused_output_walk_busy;
  scan_walk #(
      .GROUPS(GROUPS),
      .COLUMNS(COLUMNS),
      .WORDS(WORDS),
      .WORD_BITS(WORD_BITS),
      .INDEX_BITS(INDEX_BITS)
  ) output_walk (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .start_i(start_i),
      .layer_i(layer_i),
      .last_column_i(last_column_i),
      .prefill_i(prefill_i),
      .slot_i(slot_i),
      .busy_o(unused_output_walk_busy),
      .step_i(output_valid),
      .column_o(output_column),
      .word_o(output_word),
      .address_o(output_address),
      .last_word_o(unused_output_walk_last_word)
  );

  parameter_store #(
      .LANES(LANES),
      .COLUMN_BITS(COLUMN_BITS),
      .STATE_BITS(ELEMENT_BITS)
  ) c_store (
      .clk_i(clk_i),
      .write_i(write_c_i),
      .write_address_i({parameter_column_i[COLUMN_BITS-1:0], parameter_pair_i}),
      .write_pair_i(pair_i),
      .write_exponent_i(pair_exponent_i),
      .read_address_i({output_column[COLUMN_BITS-1:0], output_word}),
      .word_o(c),
      .exponent_o(c_exponent)
  );

  delay #(
      .WIDTH (ADDRESS_BITS + 4),
      .CYCLES(2)
  ) delay_place_back (
      .clk_i(clk_i),
      .data_i({
        output_address,
        (output_word & BLOCK_LAST) == {WORD_BITS{1'b0}},
        (output_word & BLOCK_LAST) == BLOCK_LAST,
        output_block == {WORD_BITS{1'b0}},
        output_block == LAST_BLOCK
      }),
      .data_o({new_address_o, begins, new_ends_o, first, last})
  );

  scan_output #(
      .FAMILY(FAMILY),
      .LANES(LANES),
      .STATE_BITS(STATE_BITS)
  ) out (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .d_left_i(d_left_i),
      .shift_i(shift_i),
      .valid_i(new_valid_o),
      .first_block_i(first),
      .last_block_i(last),
      .block_begins_i(begins),
      .block_ends_i(new_ends_o),
      .word_i(new_word_o),
      .exponent_i(new_exponent_o),
      .c_i(c),
      .c_exponent_i(c_exponent),
      .d_x_taken_o(d_x_taken_o),
      .d_x_i(d_x_i),
      .valid_o(write_o),
      .y_o(write_data_o)
  );

  // Results.
  wire [3:0] channel;
  wire [11:0] group;
  wire ends_all;

  wire unused_write_walk_ends_group;
  channel_walk #(
      .GROUPS(GROUPS)
  ) write_walk (
      .clk_i(clk_i),
      .start_i(start_i),
      .step_i(write_o),
      .last_column_i(last_column_i),
      .channel_o(channel),
      .column_o(write_column_o),
      .group_o(group),
      .ends_group_o(unused_write_walk_ends_group),
      .ends_o(ends_all)
  );

  assign write_address_o = {group, channel};

  always @(posedge clk_i)
    if (rst_i) busy_o <= 1'b0;
    else if (start_i) busy_o <= 1'b1;
    else if (write_o && ends_all) busy_o <= 1'b0;

  wire unused = &{
    1'b0,
    parameter_column_i,
    output_column,
    output_element,
    unused_read_walk_busy,
    unused_output_walk_busy,
    unused_output_walk_last_word,
    unused_write_walk_ends_group
  };

endmodule

`default_nettype wire
