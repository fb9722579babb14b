// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The edge scores of a row of patches, kept until the host has them: 4 bytes for each
// patch from left to right, its sum of 24 bits, the lowest byte first, then its subnet.
//
// Timing: pixels and flush_i as picture_edge_score has them. rewind_i for one cycle goes to
// the first patch of those that came while half_i was not as it is then: while they leave, the
// next row's may come.
// Resources: picture_edge_score, 64 bits of RAM for each patch of a row.
module picture_scores #(
    parameter CHANNELS = 3,
    parameter TILE_BITS = 4,
    parameter WIDTH_MOST = 32,
    parameter SCORE_BITS = 2 * TILE_BITS + 8
) (
    input wire clk_i,

    input wire begin_i,
    input wire [15:0] width_last_i,
    input wire [15:0] height_last_i,
    input wire [SCORE_BITS-1:0] threshold_half_i,
    input wire [SCORE_BITS-1:0] threshold_full_i,
    input wire pixel_valid_i,
    input wire [8*CHANNELS-1:0] pixel_i,
    input wire flush_i,
    output wire busy_o,

    input wire half_i,
    input wire rewind_i,
    output wire valid_o,
    input wire ready_i,
    output wire [7:0] data_o
);

  localparam integer PATCHES = (WIDTH_MOST + (1 << TILE_BITS) - 1) >> TILE_BITS;
  localparam integer PATCH_BITS = PATCHES > 1 ? $clog2(PATCHES) : 1;

  wire patch_valid;
  wire [15:0] patch_column;
  wire [SCORE_BITS-1:0] patch_score;
  wire [1:0] patch_subnet;
  wire score_ready;

  picture_edge_score #(
      .CHANNELS(CHANNELS),
      .TILE_BITS(TILE_BITS),
      .WIDTH_MOST(WIDTH_MOST),
      .SCORE_BITS(SCORE_BITS)
  ) score (
      .clk_i(clk_i),
      .begin_i(begin_i),
      .width_last_i(width_last_i),
      .height_last_i(height_last_i),
      .threshold_half_i(threshold_half_i),
      .threshold_full_i(threshold_full_i),
      .valid_i(pixel_valid_i),
      .ready_o(score_ready),
      .pixel_i(pixel_i),
      .flush_i(flush_i),
      .busy_o(busy_o),
      .patch_valid_o(patch_valid),
      .patch_column_o(patch_column),
      .patch_score_o(patch_score),
      .patch_subnet_o(patch_subnet)
  );

  // A patch's word is there two cycles after its address.
  reg [PATCH_BITS-1:0] patch;
  reg half;
  reg [1:0] byte_at;
  reg [1:0] age;
  wire [31:0] word;
  wire taken = valid_o && ready_i;

  assign valid_o = age[1];
  assign data_o  = word[8*byte_at+:8];

  always @(posedge clk_i) begin
    if (rewind_i) half <= !half_i;
    if (rewind_i) {patch, byte_at} <= {PATCH_BITS + 2{1'b0}};
    else if (taken) {patch, byte_at} <= {patch, byte_at} + 1'b1;
    age <= rewind_i || (taken && byte_at == 2'd3) ? 2'd0 : age[1] ? age : age + 2'd1;
  end

  store #(
      .WIDTH(32),
      .DEPTH(2 << PATCH_BITS)
  ) patches (
      .clk_i(clk_i),
      .write_i(patch_valid),
      .write_address_i({half_i, patch_column[PATCH_BITS-1:0]}),
      .write_data_i({6'd0, patch_subnet, {24 - SCORE_BITS{1'b0}}, patch_score}),
      .read_address_i({half, patch}),
      .read_data_o(word)
  );

  wire unused = &{1'b0, patch_column, score_ready};

endmodule

`default_nettype wire
