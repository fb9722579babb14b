// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Turns words of K channels, one a tap, into words of K taps, one a channel: two
// halves of up to 32 taps, so that one fills while the other is read. The taps of
// a block come with exponents of their own and leave brought to the largest.
//
// Timing: a word, its exponent and its place come in one cycle; it may be read in the
// next one. taps_o and exponent_o belong to the read place of two cycles ago, an adder
// behind a register.
// Resources: 64 x (K x ACTS + 4) bits of distributed RAM, K shifters and K
// multiplexers of as many.
module picture_tap_buffer #(
    parameter K = 4,
    parameter ACTS = 8  // bits of a mantissa
) (
    input wire clk_i,

    input wire valid_i,
    input wire first_i,  // tap
    input wire bytes_i,  // exponents are 0
    input wire half_i,
    input wire [4:0] index_i,
    input wire [ACTS*K-1:0] word_i,
    input wire [3:0] exponent_i,

    input wire read_half_i,
    input wire [4:0] read_row_i,  // of K taps
    input wire [3:0] read_channel_i,
    output wire [ACTS*K-1:0] taps_o,
    output reg [3:0] exponent_o
);

  localparam LANE_BITS = $clog2(K);
  localparam ROW_BITS = 5 - LANE_BITS;
  localparam DEPTH = 2 << ROW_BITS;

  // The largest exponent of each block of 16 taps, by half.
  reg [7:0] largest[0:1];
  wire block = index_i[4];
  wire [3:0] exponent = bytes_i ? 4'd0 : exponent_i;
  wire [3:0] so_far = block ? largest[half_i][7:4] : largest[half_i][3:0];
  wire begins = first_i || index_i == 5'd16;
  wire [3:0] greater = !begins && so_far > exponent ? so_far : exponent;

  always @(posedge clk_i)
    if (valid_i) begin
      if (block) largest[half_i][7:4] <= greater;
      else largest[half_i][3:0] <= greater;
    end

  wire [3:0] target = read_row_i[4-LANE_BITS] ? largest[read_half_i][7:4] :
                                                largest[read_half_i][3:0];
  reg [3:0] target_1;

  always @(posedge clk_i) {exponent_o, target_1} <= {target_1, target};

  // Lane by lane: bank `lane` holds the words of taps that are `lane` modulo K.
  wire [ROW_BITS:0] write_row = {half_i, index_i[4:LANE_BITS]};
  wire [ROW_BITS:0] read_row = {read_half_i, read_row_i[ROW_BITS-1:0]};

  genvar lane;
  generate
    for (lane = 0; lane < K; lane = lane + 1) begin : g_lane
      localparam [LANE_BITS-1:0] LANE = lane;
      reg  [ACTS*K+3:0] memory[0:DEPTH-1];
      wire [ACTS*K+3:0] read = memory[read_row];
      reg  [ACTS-1:0] mantissa;
      reg  [3:0] down;

      always @(posedge clk_i) begin
        if (valid_i && index_i[LANE_BITS-1:0] == LANE) memory[write_row] <= {exponent, word_i};
        mantissa <= read[ACTS*read_channel_i[LANE_BITS-1:0]+:ACTS];
        down <= target - read[ACTS*K+:4];
      end

      // Bytes are as they are: nothing to be rounded, and no sign.
      round_shift #(
          .WIDTH(ACTS),
          .SHIFT_BITS(4)
      ) align (
          .clk_i  (clk_i),
          .value_i(mantissa),
          .shift_i(down),
          .value_o(taps_o[ACTS*lane+:ACTS])
      );
    end
  endgenerate

  wire unused = &{1'b0, read_channel_i, read_row_i};

endmodule

`default_nettype wire
