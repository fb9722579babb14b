// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// The end of a network: the last convolution's values as pixels, SCALE x SCALE of
// them to one, plus the resized picture, as bytes. Rows of the larger picture leave
// one after the other, each channel by itself:
//
//   row = saturate(round_shift(sum over rows of weight x byte, ROWS_SHIFT))
//   anchor = saturate(round_shift(sum along the row of weight x row, 14))
//   v = saturate(round_shift((value << LEFT_A) + (anchor << LEFT_B), RIGHT))
//   byte = round_shift(v, FRACTION), held to 0..255
//
// with the anchor alone, FRACTION of its own, where anchor_only_i is set; TAPS is 0
// where nothing is resized.
//
// Timing: start_i for one cycle, with fields that hold until busy_o falls, which is
// when the last byte has been taken. A sample takes TAPS cycles, or one. Values are
// there three cycles after out_read_o.
// Resources: a multiplier where TAPS is not 0; a row of the picture's width and
// 2^ROW_BITS rows of its bytes in RAM; about 400 registers.
module picture_tail #(
    parameter FAMILY = "generic",
    parameter COLUMNS = 4,
    parameter OUTPUTS = 4,  // of the last convolution
    parameter OUTS = 64,
    parameter CHANNELS = 1,
    parameter SCALE = 2,
    parameter PIXEL_FIRST = 0,  // the order of the last convolution's channels
    parameter TAPS = 0,
    parameter [16*32-1:0] RESIZE_WEIGHTS = 512'd0,  // by phase, then tap
    parameter [31:0] RESIZE_FIRST = 32'd0,  // tap's place by phase, 4 bits signed
    parameter ROWS_SHIFT = 7,
    parameter LEFT_MAX = 8,
    parameter LEFT_A = 0,
    parameter LEFT_B = 0,
    parameter RIGHT = 0,
    parameter FRACTION = 6,
    parameter ANCHOR_FRACTION = 7,
    parameter X_BITS = 6,
    parameter ROW_BITS = 3,
    parameter BESIDE = 0  // pixels in a row before that of the first value, and behind the last
) (
    input wire clk_i,
    input wire rst_i,

    input wire load_i,  // a pixel of the picture
    input wire [15:0] load_row_i,
    input wire [15:0] load_x_i,
    input wire [8*CHANNELS-1:0] load_pixel_i,

    input wire start_i,
    input wire anchor_only_i,
    input wire half_i,  // of the output's stores
    input wire [15:0] row_i,
    input wire [15:0] width_last_i,
    input wire [15:0] first_i,  // of the row, what is in the picture
    input wire [15:0] last_i,
    input wire [15:0] height_last_i,
    output wire busy_o,

    output reg [15:0] out_column_o,
    output reg [15:0] out_read_o,
    input wire [17:0] out_i,

    output wire valid_o,
    input wire ready_i,
    output wire [7:0] data_o
);

  localparam OUT_BITS = OUTS > 1 ? $clog2(OUTS) : 1;
  localparam [15:0] OUT_HALF = 16'd1 << (OUT_BITS - 1);
  localparam integer TAPS_LAST = TAPS > 1 ? TAPS - 1 : 0;
  localparam integer SCALE_LAST = SCALE - 1;
  localparam integer CHANNELS_LAST = CHANNELS - 1;
  localparam integer COLUMNS_LAST = COLUMNS - 1;
  localparam integer PHASE_STEP = PIXEL_FIRST != 0 ? CHANNELS : 1;
  localparam integer CHANNEL_STEP = PIXEL_FIRST != 0 ? 1 : SCALE * SCALE;
  localparam [3:0] SETTLE = 4'd9;  // from a row's last sample asked for to its being there
  localparam SUM = 19 + LEFT_MAX;
  localparam [1:0] IDLE = 0, ROWS = 1, WAIT = 2, ALONG = 3;

  function [15:0] held;  // index held to first .. last
    input signed [16:0] index;
    input [15:0] first;
    input [15:0] last;
    held = index < $signed({1'b0, first}) ? first : index > $signed({1'b0, last}) ? last :
           index[15:0];
  endfunction

  // A tap, which is asked for at stage 0.
  reg [1:0] state;
  reg [3:0] settled;
  reg [2:0] dy;
  reg [2:0] dx;
  reg [1:0] channel;
  reg [15:0] x;
  reg [2:0] tap;
  reg [15:0] out_column;
  reg [15:0] group_offset;
  reg room;

  localparam [15:0] ASIDE = BESIDE;
  wire [15:0] row_last_x = width_last_i + 2 * ASIDE;
  // A sample that has begun is not held up: each cycle adds to its sum.
  wire issue = state == ROWS || (state == ALONG && (room || tap != 3'd0));
  wire tap_last = tap == TAPS_LAST[2:0];
  wire along = state == ALONG;
  wire x_last = x == (along ? width_last_i : row_last_x);
  wire sample_last = tap_last && (!along || dx == SCALE_LAST[2:0]);
  wire row_last = sample_last && x_last;
  wire channel_last = channel == CHANNELS_LAST[1:0];
  wire all_last = row_last && along && channel_last && dy == SCALE_LAST[2:0];
  wire [1:0] begins = TAPS == 0 ? ALONG : ROWS;

  always @(posedge clk_i)
    if (rst_i) state <= IDLE;
    else
      case (state)
        IDLE: if (start_i) state <= begins;
        ROWS: if (row_last) state <= WAIT;
        WAIT: if (settled == SETTLE) state <= ALONG;
        default: if (issue && row_last) state <= all_last ? IDLE : begins;
      endcase

  always @(posedge clk_i) begin
    settled <= state == WAIT ? settled + 4'd1 : 4'd0;
    if (state == IDLE) begin
      {dy, dx, channel, x, tap, group_offset, out_column} <= 59'd0;
    end else if (issue) begin
      tap <= tap_last ? 3'd0 : tap + 3'd1;
      if (tap_last && along) dx <= dx == SCALE_LAST[2:0] ? 3'd0 : dx + 3'd1;
      if (sample_last) begin
        x <= x_last ? 16'd0 : x + 16'd1;
        if (row_last || out_column == COLUMNS_LAST[15:0]) out_column <= 16'd0;
        else out_column <= out_column + 16'd1;
        if (row_last) group_offset <= 16'd0;
        else if (out_column == COLUMNS_LAST[15:0]) group_offset <= group_offset + OUTPUTS[15:0];
      end
      if (row_last && along) begin
        channel <= channel_last ? 2'd0 : channel + 2'd1;
        if (channel_last) dy <= dy + 3'd1;
      end
    end
  end

  // The last convolution's value.
  wire [15:0] phase = {13'd0, dy} * SCALE[15:0] + {13'd0, dx};
  reg sample_0;
  reg along_0;

  always @(posedge clk_i) begin
    out_column_o <= out_column;
    out_read_o <= (half_i ? OUT_HALF : 16'd0) + group_offset + phase * PHASE_STEP[15:0] +
                  {14'd0, channel} * CHANNEL_STEP[15:0];
    {sample_0, along_0} <= {issue && tap_last && !rst_i, along};
  end

  // The resized picture, at stage 6.
  wire [17:0] anchor_6;
  wire valid_6;
  wire along_6;

  delay #(
      .WIDTH (2),
      .CYCLES(6)
  ) delay_sample (
      .clk_i (clk_i),
      .data_i({sample_0, along_0}),
      .data_o({valid_6, along_6})
  );

  generate
    if (TAPS > 0) begin : g_resize
      wire [2:0] at = along ? dx : dy;
      wire [4:0] weight_index = {at, 2'b00} >> (TAPS == 4 ? 0 : TAPS == 2 ? 1 : 2);
      reg [15:0] weight_0;
      wire [3:0] first_row = RESIZE_FIRST[4*dy+:4];
      wire [3:0] first_column = RESIZE_FIRST[4*dx+:4];
      wire signed [16:0] below = {{13{first_row[3]}}, first_row} + {14'd0, tap};
      wire signed [16:0] beside = {{13{first_column[3]}}, first_column} + {14'd0, tap};
      reg first_0;
      reg [1:0] channel_0;
      reg [15:0] x_0;
      reg [15:0] row_0;
      reg [15:0] column_0;

      always @(posedge clk_i) begin
        weight_0 <= RESIZE_WEIGHTS[16*(weight_index+{2'd0, tap})+:16];
        {first_0, channel_0, x_0} <= {tap == 3'd0, channel, x};
        row_0 <= held($signed({1'b0, row_i}) + below, 16'd0, height_last_i);
        column_0 <= held($signed({1'b0, x + ASIDE}) + beside, first_i, last_i);
      end

      wire [8*CHANNELS-1:0] pixel_2;
      wire [17:0] line_2;
      wire [15:0] weight_2;
      wire [1:0] channel_2;
      wire along_2;
      wire first_4;
      wire along_5;
      wire [15:0] x_6;
      wire signed [35:0] product_4;
      reg signed [39:0] sum_5;
      wire [39:0] rounded = along_5 ? (sum_5 + 40'sd8192) >>> 14 :
                                      (sum_5 + ((40'sd1 << ROWS_SHIFT) >>> 1)) >>> ROWS_SHIFT;
      wire [17:0] limited;
      reg [17:0] limited_6;

      store #(
          .WIDTH(8 * CHANNELS),
          .DEPTH(1 << (X_BITS + ROW_BITS))
      ) picture (
          .clk_i(clk_i),
          .write_i(load_i),
          .write_address_i({load_row_i[ROW_BITS-1:0], load_x_i[X_BITS-1:0]}),
          .write_data_i(load_pixel_i),
          .read_address_i({row_0[ROW_BITS-1:0], x_0[X_BITS-1:0]}),
          .read_data_o(pixel_2)
      );
      store #(
          .WIDTH(18),
          .DEPTH(1 << X_BITS)
      ) line (
          .clk_i(clk_i),
          .write_i(valid_6 && !along_6),
          .write_address_i(x_6[X_BITS-1:0]),
          .write_data_i(limited_6),
          .read_address_i(column_0[X_BITS-1:0]),
          .read_data_o(line_2)
      );

      delay #(
          .WIDTH (19),
          .CYCLES(2)
      ) delay_weight (
          .clk_i (clk_i),
          .data_i({weight_0, channel_0, along_0}),
          .data_o({weight_2, channel_2, along_2})
      );

      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (18)
      ) weigh (
          .clk_i(clk_i),
          .a_i(along_2 ? line_2 : {10'd0, pixel_2[8*channel_2+:8]}),
          .b_i({{2{weight_2[15]}}, weight_2}),
          .product_o(product_4)
      );

      delay #(
          .WIDTH (1),
          .CYCLES(4)
      ) delay_first (
          .clk_i (clk_i),
          .data_i(first_0),
          .data_o(first_4)
      );
      delay #(
          .WIDTH (1),
          .CYCLES(5)
      ) delay_along (
          .clk_i (clk_i),
          .data_i(along_0),
          .data_o(along_5)
      );
      delay #(
          .WIDTH (16),
          .CYCLES(6)
      ) delay_x (
          .clk_i (clk_i),
          .data_i(x_0),
          .data_o(x_6)
      );

      saturate #(
          .IN_BITS (40),
          .OUT_BITS(18)
      ) limit (
          .value_i(rounded),
          .value_o(limited)
      );

      always @(posedge clk_i) begin
        sum_5 <= (first_4 ? 40'sd0 : sum_5) + {{4{product_4[35]}}, product_4};
        limited_6 <= limited;
      end
      assign anchor_6 = limited_6;

      wire unused = &{1'b0, row_0, column_0, x_6, load_row_i, load_x_i};
    end else begin : g_none
      assign anchor_6 = 18'd0;
      wire unused = &{1'b0, load_i, load_row_i, load_x_i, load_pixel_i, row_i, height_last_i,
                      first_i, last_i};
    end
  endgenerate

  // Stages 7 and 8: the sum, the byte.
  wire signed [17:0] out_6;
  wire signed [SUM-1:0] a = {{SUM - 18{out_6[17]}}, out_6} <<< LEFT_A;
  wire signed [SUM-1:0] b = {{SUM - 18{anchor_6[17]}}, anchor_6} <<< LEFT_B;
  localparam signed [SUM-1:0] ONE = 1;
  wire signed [SUM-1:0] sum = (TAPS == 0 ? a : a + b) + ((ONE << RIGHT) >>> 1);
  wire [SUM-1:0] total = sum >>> RIGHT;
  wire [17:0] limited_total;
  reg signed [17:0] value_7;
  reg valid_7;
  wire [4:0] fraction = anchor_only_i ? ANCHOR_FRACTION[4:0] : FRACTION[4:0];
  wire signed [17:0] level_8;
  reg valid_8;
  wire [7:0] byte_8 = level_8 < 0 ? 8'd0 : level_8 > 18'sd255 ? 8'd255 : level_8[7:0];

  delay #(
      .WIDTH (18),
      .CYCLES(3)
  ) delay_out (
      .clk_i (clk_i),
      .data_i(out_i),
      .data_o(out_6)
  );
  saturate #(
      .IN_BITS (SUM),
      .OUT_BITS(18)
  ) limit_total (
      .value_i(total),
      .value_o(limited_total)
  );
  round_shift #(
      .WIDTH(18),
      .SHIFT_BITS(5)
  ) round (
      .clk_i  (clk_i),
      .value_i(value_7),
      .shift_i(fraction),
      .value_o(level_8)
  );

  always @(posedge clk_i) begin
    value_7 <= anchor_only_i ? anchor_6 : limited_total;
    valid_7 <= valid_6 && along_6;
    valid_8 <= valid_7 && !rst_i;
  end

  // Bytes wait for the link; one that is asked for always finds room.
  localparam DEPTH_BITS = 5;
  reg [7:0] queue[0:(1<<DEPTH_BITS)-1];
  reg [DEPTH_BITS:0] head;
  reg [DEPTH_BITS:0] back;
  wire [DEPTH_BITS:0] level = head - back;
  wire underway;
  reg [3:0] flying;

  assign valid_o = level != 6'd0;
  assign data_o = queue[back[DEPTH_BITS-1:0]];
  assign underway = flying != 4'd0;
  assign busy_o = state != IDLE || underway || valid_o;

  always @(posedge clk_i) begin
    room <= level < 6'd16;
    if (valid_8) queue[head[DEPTH_BITS-1:0]] <= byte_8;
    if (rst_i) {head, back, flying} <= 16'd0;
    else begin
      head   <= head + {5'd0, valid_8};
      back   <= back + {5'd0, valid_o && ready_i};
      flying <= issue ? 4'd10 : flying - {3'd0, underway};
    end
  end

endmodule

`default_nettype wire
