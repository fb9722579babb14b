// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Values of 31 bits, LANES a cycle, to mantissas of STATE_BITS with an exponent for
// 16: state_quantise() of gen/op/scan.c.
//
// Timing: a word a cycle; the words of a block come without a gap. word_o, its
// valid_o and exponent_o belong to the word of 16 / LANES + 4 cycles ago, turn_i,
// position + n modulo 4 of a word's first element, to that of 16 / LANES + 3 ago.
// Resources: LANES x 31 x (16 / LANES + 2) registers, LANES shifters of 34 bits.
module state_quantiser #(
    parameter LANES = 4,
    parameter STATE_BITS = 8
) (
    input wire clk_i,
    input wire rst_i,
    input wire valid_i,
    input wire [31*LANES-1:0] values_i,
    input wire [1:0] turn_i,
    output reg valid_o,
    output reg [LANES*STATE_BITS-1:0] word_o,
    output reg [4:0] exponent_o
);

  localparam integer BLOCK_WORDS = 16 / LANES;
  localparam [3:0] LAST = BLOCK_WORDS[3:0] - 4'd1;
  localparam [4:0] KEPT = STATE_BITS[4:0] - 5'd1;
  localparam integer WAIT = BLOCK_WORDS + 2;

  // Cycles 1 to 3: all magnitudes of a block or-ed together have the bit length of
  // its largest.
  reg [29:0] word_seen;
  reg [29:0] seen_1;
  reg [29:0] seen_2;
  reg [3:0] index;
  reg first_1;
  reg last_1;
  reg last_2;
  wire [4:0] length;
  wire [4:0] excess = length - KEPT;
  reg [4:0] exponent;
  integer i;

  always @* begin
    word_seen = 30'd0;
    for (i = 0; i < LANES; i = i + 1)
      word_seen = word_seen |
          (values_i[31*i+30] ? ~values_i[31*i+:30] + 30'd1 : values_i[31*i+:30]);
  end

  bit_length #(
      .WIDTH(30)
  ) find_length (
      .value_i (seen_2),
      .length_o(length)
  );

  always @(posedge clk_i) begin
    if (rst_i) index <= 4'd0;
    else if (valid_i) index <= index == LAST ? 4'd0 : index + 4'd1;
    first_1 <= index == 4'd0;
    last_1  <= valid_i && index == LAST;
    last_2  <= last_1;
    seen_1  <= word_seen;
    seen_2  <= first_1 ? seen_1 : seen_2 | seen_1;
    if (last_2) exponent <= length > KEPT ? excess : 5'd0;
  end

  // The words wait for the last one's.
  wire [31*LANES-1:0] values;
  wire valid;
  reg valid_rounded;
  reg [4:0] exponent_rounded;
  wire [LANES*STATE_BITS-1:0] word;

  delay #(
      .WIDTH (31 * LANES),
      .CYCLES(WAIT)
  ) delay_values (
      .clk_i (clk_i),
      .data_i(values_i),
      .data_o(values)
  );

  delay #(
      .WIDTH (1),
      .CYCLES(WAIT)
  ) delay_valid (
      .clk_i (clk_i),
      .data_i(valid_i && !rst_i),
      .data_o(valid)
  );

  genvar g;
  generate
    for (g = 0; g < LANES; g = g + 1) begin : g_lane
      wire [30:0] rounded;

      localparam [1:0] ELEMENT = g[1:0];
      wire [1:0] turn = turn_i + ELEMENT;

      dithered_shift #(
          .WIDTH(31),
          .SHIFT_BITS(5)
      ) divide (
          .clk_i(clk_i),
          .value_i(values[31*g+:31]),
          .shift_i(exponent),
          .eighths_i({turn[0], turn[1], 1'b1}),
          .value_o(rounded)
      );

      saturate #(
          .IN_BITS (STATE_BITS + 1),
          .OUT_BITS(STATE_BITS)
      ) limit (
          .value_i(rounded[STATE_BITS:0]),
          .value_o(word[STATE_BITS*g+:STATE_BITS])
      );

      wire unused = &{1'b0, rounded};
    end
  endgenerate

  always @(posedge clk_i) begin
    valid_rounded <= valid && !rst_i;
    exponent_rounded <= exponent;
    valid_o <= valid_rounded && !rst_i;
    exponent_o <= exponent_rounded;
    word_o <= word;
  end

endmodule

`default_nettype wire
