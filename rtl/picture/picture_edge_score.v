// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// How many edges each patch of a picture has, and the subnet that it asks for, bit for bit
// as host/image/edge_score.h and patches_choose have it: the sum over the patch of
// |Laplacian| of luma, each held to 255; luma is (77 R + 150 G + 29 B + 128) >> 8, the
// kernel [2 0 2; 0 -8 0; 2 0 2], a patch's border mirrored about its last pixels.
//
// A patch has a side of 2^TILE_BITS pixels; one at the picture's right or lower border may
// be smaller, and is measured against as much smaller thresholds: score x 4^TILE_BITS
// against the sum of the threshold over its pixels.
//
//   stage 0  a pixel; the two rows above are read      4  their difference to the centre
//         2  its luma; what is above and below it      5  of what size
//         3  what is to either side                    6  the patch's sum
//
// Timing: begin_i for one cycle, with the picture's size and thresholds, which then stay.
// A pixel in each cycle with valid_i and ready_o, row by row; behind a row ready_o is low for
// two cycles. Row y is measured as row y + 1 comes; so behind the last one flush_i for one
// cycle while busy_o is low, and ready_o is low for a row. A patch's score is there for one
// cycle with patch_valid_o, 8 cycles after the pixel that is to the lower right of its last.
// Resources: two rows of luma and a row of patches' sums in RAM, about 350 registers.
module picture_edge_score #(
    parameter CHANNELS = 3,  // 3: RGB, the first lowest; or 1
    parameter TILE_BITS = 4,  // 1 to 8
    parameter WIDTH_MOST = 32,
    parameter SCORE_BITS = 2 * TILE_BITS + 8
) (
    input wire clk_i,

    input wire begin_i,
    input wire [15:0] width_last_i,
    input wire [15:0] height_last_i,  // below 2^15 - 1
    input wire [SCORE_BITS-1:0] threshold_half_i,
    input wire [SCORE_BITS-1:0] threshold_full_i,

    input wire valid_i,
    output wire ready_o,
    input wire [8*CHANNELS-1:0] pixel_i,
    input wire flush_i,
    output wire busy_o,

    output reg patch_valid_o,
    output reg [15:0] patch_column_o,
    output reg [SCORE_BITS-1:0] patch_score_o,
    output reg [1:0] patch_subnet_o  // 0 bilinear, 1 half, 2 full
);

  localparam integer AREA_BITS = 2 * TILE_BITS;
  localparam integer LIMIT_BITS = SCORE_BITS + AREA_BITS;
  localparam integer X_BITS = WIDTH_MOST > 1 ? $clog2(WIDTH_MOST) : 1;
  localparam integer PATCHES = (WIDTH_MOST + (1 << TILE_BITS) - 1) >> TILE_BITS;
  localparam integer PATCH_BITS = PATCHES > 1 ? $clog2(PATCHES) : 1;

  // Where the pixel is that comes, and the row above it, which is measured.
  reg [15:0] x;
  reg [15:0] row;
  reg flushing;
  wire tail = x > width_last_i;
  wire step = tail || flushing || valid_i;
  wire row_ends = tail && x != width_last_i + 16'd1;
  wire row_first = row[TILE_BITS-1:0] == {TILE_BITS{1'b0}};
  wire row_last = (&row[TILE_BITS-1:0]) || row == height_last_i;

  assign ready_o = !tail && !flushing;

  always @(posedge clk_i)
    if (begin_i) begin
      x <= 16'd0;
      row <= 16'hFFFF;
      flushing <= 1'b0;
    end else begin
      if (flush_i) flushing <= 1'b1;
      if (step) x <= x + 16'd1;
      if (row_ends) begin
        x <= 16'd0;
        row <= row + 16'd1;
        flushing <= 1'b0;
      end
    end

  // Stages 1 to 4 of what goes along.
  reg [6:1] valid;  // of a pixel that is measured from stage 4 on
  reg [15:0] x_1, x_2, x_3;
  reg [2:0] rows_1, rows_2, rows_3;  // whether the row is measured, a patch's first, last
  reg [1:0] rows_4, rows_5, rows_6;
  reg [15:0] at_4, at_5, at_6;
  reg first_4, first_5, first_6, last_4, last_5, last_6;
  wire [15:0] at_3 = x_3 - 16'd1;
  wire first_3 = at_3[TILE_BITS-1:0] == {TILE_BITS{1'b0}};
  wire last_3 = (&at_3[TILE_BITS-1:0]) || at_3 == width_last_i;
  wire measured_3 = rows_3[2] && x_3 != 16'd0 && at_3 <= width_last_i;

  reg patch_ends_7;

  assign busy_o = tail || flushing || (|valid) || patch_ends_7;

  always @(posedge clk_i) begin
    valid <= begin_i ? 6'd0 : {valid[5:4], valid[3] && measured_3, valid[2:1], step};
    {x_1, x_2, x_3} <= {x, x_1, x_2};
    {rows_1, rows_2, rows_3} <= {!row[15], row_first, row_last, rows_1, rows_2};
    {rows_4, rows_5, rows_6} <= {rows_3[1:0], rows_4, rows_5};
    {at_4, at_5, at_6} <= {at_3, at_4, at_5};
    {first_4, first_5, first_6} <= {first_3, first_4, first_5};
    {last_4, last_5, last_6} <= {last_3, last_4, last_5};
  end

  // Luma, in two stages.
  wire [7:0] luma_2;

  generate
    if (CHANNELS == 3) begin : g_rgb
      wire [15:0] red = {8'd0, pixel_i[7:0]};
      wire [15:0] green = {8'd0, pixel_i[15:8]};
      wire [15:0] blue = {8'd0, pixel_i[23:16]};
      reg [15:0] red_1, green_1, blue_1;
      reg  [15:0] sum_2;
      wire unused = &{1'b0, sum_2[7:0]};

      always @(posedge clk_i) begin
        red_1   <= (red << 6) + (red << 3) + (red << 2) + red;
        green_1 <= (green << 7) + (green << 4) + (green << 2) + (green << 1);
        blue_1  <= (blue << 5) - (blue << 2) + blue;
        sum_2   <= red_1 + green_1 + blue_1 + 16'd128;
      end
      assign luma_2 = sum_2[15:8];
    end else begin : g_luma
      delay #(
          .WIDTH (8),
          .CYCLES(2)
      ) delay_luma (
          .clk_i (clk_i),
          .data_i(pixel_i),
          .data_o(luma_2)
      );
    end
  endgenerate

  // The two rows above.
  wire [7:0] above_2;
  wire [7:0] centre_2;

  store #(
      .WIDTH(16),
      .DEPTH(1 << X_BITS)
  ) lines (
      .clk_i(clk_i),
      .write_i(valid[2] && x_2 <= width_last_i),
      .write_address_i(x_2[X_BITS-1:0]),
      .write_data_i({centre_2, luma_2}),
      .read_address_i(x[X_BITS-1:0]),
      .read_data_o({above_2, centre_2})
  );

  // What is above and below a pixel, then that to either side of the one before it.
  wire [7:0] lower_2 = !rows_2[0] ? luma_2 : rows_2[1] ? centre_2 : above_2;
  wire [7:0] upper_2 = rows_2[1] ? lower_2 : above_2;
  reg [8:0] beside_3, beside_4, beside_5;  // of this pixel, and of the last two
  reg [7:0] centre_3, centre_4;
  wire [8:0] right_3 = !last_3 ? beside_3 : first_3 ? beside_4 : beside_5;
  wire [8:0] left_3 = first_3 ? right_3 : beside_5;
  reg [9:0] corners_4;
  reg [7:0] middle_4;

  always @(posedge clk_i) begin
    beside_3  <= {1'b0, upper_2} + {1'b0, lower_2};
    centre_3  <= centre_2;
    corners_4 <= {1'b0, left_3} + {1'b0, right_3};
    middle_4  <= centre_4;
    if (valid[3]) begin
      beside_4 <= beside_3;
      beside_5 <= beside_4;
      centre_4 <= centre_3;
    end
  end

  // |2 corners - 8 centre|, held to 255.
  reg signed [11:0] laplacian_5;
  wire [11:0] size_5 = laplacian_5[11] ? -laplacian_5 : laplacian_5;
  reg [7:0] size_6;

  always @(posedge clk_i) begin
    laplacian_5 <= {1'b0, corners_4, 1'b0} - {1'b0, middle_4, 3'd0};
    size_6 <= size_5 > 12'd255 ? 8'd255 : size_5[7:0];
  end

  // The patch's sum, which waits in RAM for its next row.
  wire [SCORE_BITS-1:0] kept_6;
  reg [SCORE_BITS-1:0] sum;
  wire [SCORE_BITS-1:0] before_6 = !first_6 ? sum : rows_6[1] ? {SCORE_BITS{1'b0}} : kept_6;
  wire [SCORE_BITS-1:0] sum_6 = before_6 + {{SCORE_BITS - 8{1'b0}}, size_6};
  wire [15:0] patch_4 = at_4 >> TILE_BITS;
  wire [15:0] patch_6 = at_6 >> TILE_BITS;

  store #(
      .WIDTH(SCORE_BITS),
      .DEPTH(1 << PATCH_BITS)
  ) sums (
      .clk_i(clk_i),
      .write_i(valid[6] && last_6),
      .write_address_i(patch_6[PATCH_BITS-1:0]),
      .write_data_i(sum_6),
      .read_address_i(patch_4[PATCH_BITS-1:0]),
      .read_data_o(kept_6)
  );

  // Thresholds times the pixels so far of a whole patch, and of the last one of a row.
  wire [15:0] border = width_last_i >> TILE_BITS;
  wire on_border_6 = patch_6 == border;
  reg on_border_7;
  reg [LIMIT_BITS-1:0] whole_half, whole_full, border_half, border_full;
  reg [15:0] patch_7;
  wire [LIMIT_BITS-1:0] scaled_7 = {sum, {AREA_BITS{1'b0}}};

  always @(posedge clk_i) begin
    if (valid[6]) begin
      sum <= sum_6;
      if (at_6 == 16'd0) begin
        whole_half <= (rows_6[1] ? {LIMIT_BITS{1'b0}} : whole_half) +
                      ({{AREA_BITS{1'b0}}, threshold_half_i} << TILE_BITS);
        whole_full <= (rows_6[1] ? {LIMIT_BITS{1'b0}} : whole_full) +
                      ({{AREA_BITS{1'b0}}, threshold_full_i} << TILE_BITS);
      end
      if (on_border_6) begin
        border_half <= (first_6 && rows_6[1] ? {LIMIT_BITS{1'b0}} : border_half) +
                       {{AREA_BITS{1'b0}}, threshold_half_i};
        border_full <= (first_6 && rows_6[1] ? {LIMIT_BITS{1'b0}} : border_full) +
                       {{AREA_BITS{1'b0}}, threshold_full_i};
      end
    end
    patch_ends_7 <= valid[6] && last_6 && rows_6[0] && !begin_i;
    {on_border_7, patch_7} <= {on_border_6, patch_6};
    patch_valid_o <= patch_ends_7 && !begin_i;
    patch_column_o <= patch_7;
    patch_score_o <= sum;
    patch_subnet_o <= scaled_7 >= (on_border_7 ? border_full : whole_full) ? 2'd2 :
                      scaled_7 >= (on_border_7 ? border_half : whole_half) ? 2'd1 : 2'd0;
  end

  wire unused = &{1'b0, x, x_2, patch_4, patch_6};

endmodule

`default_nettype wire
