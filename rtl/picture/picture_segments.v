// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Where the parts of a step's operand lie: a segment is one node's words of a
// pixel, several where nodes are concatenated.
//
// Timing: the next step's words are written one after the other and are the step's
// after take_i. Fields are those
// of index_i in the same cycle. next_group_i for one cycle moves offset_o on to
// the next group of pixels, first_group_i back to the first.
// Resources: SEGMENTS x 272 registers and an adder of 16 bits each.
module picture_segments #(
    parameter SEGMENTS = 1
) (
    input wire clk_i,
    input wire take_i,
    input wire write_i,
    input wire [4:0] write_index_i,  // its lowest bit: which word
    input wire [63:0] write_word_i,
    input wire first_group_i,
    input wire next_group_i,

    input wire [3:0] index_i,
    output wire [15:0] base_o,
    output wire [15:0] row_words_o,
    output wire [4:0] ring_o,
    output wire [4:0] delta_o,
    output wire [9:0] words_last_o,  // of a tap, less one
  output wire [15:0] single_o,  // segments of one word
    output wire [15:0] offset_o,  // of the group of pixels in the row
    output wire [15:0] pixel_words_o,
    output wire [15:0] channel_words_o,  // from one group of channels to the next
    output wire [15:0] weight_stride_o,
    output wire [15:0] scale_stride_o
);

  localparam INDEX_BITS = SEGMENTS > 1 ? $clog2(SEGMENTS) : 1;

  reg [128*SEGMENTS-1:0] next;
  reg [128*SEGMENTS-1:0] table_words;
  reg [16*SEGMENTS-1:0] offset;

  wire [INDEX_BITS-1:0] index = index_i[INDEX_BITS-1:0];
  wire [INDEX_BITS:0] written = write_index_i[INDEX_BITS:0];
  wire [9:0] words_last = write_word_i[51:42] - 10'd1;
  wire [63:0] word_0 = table_words[128*index+:64];
  wire [63:0] word_1 = table_words[128*index+64+:64];

  integer i;

  always @(posedge clk_i) begin
    for (i = 0; i < 2 * SEGMENTS; i = i + 1)
      if (write_i && written == i[INDEX_BITS:0]) next[64*i+:64] <= write_word_i;
    for (i = 0; i < SEGMENTS; i = i + 1)
      if (write_i && written == {i[INDEX_BITS-1:0], 1'b0}) next[128*i+42+:10] <= words_last;
    if (take_i) table_words <= next;
    for (i = 0; i < SEGMENTS; i = i + 1)
      if (first_group_i) offset[16*i+:16] <= 16'd0;
      else if (next_group_i) offset[16*i+:16] <= offset[16*i+:16] + table_words[128*i+64+:16];
  end

  genvar s;
  generate
    for (s = 0; s < 16; s = s + 1) begin : g_single
      if (s < SEGMENTS) assign single_o[s] = table_words[128*s+42+:10] == 10'd0;
      else assign single_o[s] = 1'b0;
    end
  endgenerate

  assign base_o = word_0[15:0];
  assign row_words_o = word_0[31:16];
  assign ring_o = word_0[36:32];
  assign delta_o = word_0[41:37];
  assign words_last_o = word_0[51:42];
  assign offset_o = offset[16*index+:16];
  assign pixel_words_o = word_1[15:0];
  assign channel_words_o = word_1[31:16];
  assign weight_stride_o = word_1[47:32];
  assign scale_stride_o = word_1[63:48];

  wire unused = &{1'b0, index_i, write_index_i, word_0, word_1};

endmodule

`default_nettype wire
