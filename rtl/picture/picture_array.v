// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// COLUMNS columns, which are neighbouring pixels of a row, with what each takes of
// its neighbours. All but the picture's loading and the output's reading is the
// same for all of them.
//
// Timing: an address in cycle t gives an operand in t + 3 (picture_window.v); the
// rest as in picture_column.v. out_o belongs to out_column_i and out_read_i of three
// cycles ago.
// Resources: COLUMNS columns, a multiplexer of COLUMNS x 18 bits.
module picture_array #(
    parameter FAMILY = "generic",
    parameter COLUMNS = 4,
    parameter K = 4,
    parameter ACTS = 8,  // bits of a mantissa
    parameter LEFT = 1,
    parameter RIGHT = 1,
    parameter MULTIPLY = 0,
    parameter LEFT_MAX = 8,
    parameter WORDS = 64,
    parameter WIDES = 64,
    parameter OUTS = 64,
    parameter EDGES = 0,  // of strips are kept
    parameter SIDES = 1,
    parameter [31:0] SKIPS = 32'd0  // columns that a sum's other operand lies to the left
) (
    input wire clk_i,
    input wire rst_i,

    input wire load_i,
    input wire [15:0] load_column_i,
    input wire [15:0] load_address_i,
    input wire [8*K-1:0] load_word_i,

    input wire [15:0] here_i,
    input wire [15:0] next_i,
    input wire [15:0] previous_i,
    input wire signed [4:0] shift_i,
    input wire outside_i,
    input wire first_group_i,
    input wire last_group_i,
    input wire signed [8:0] start_i,
    input wire signed [8:0] rest_i,
    input wire [(ACTS*K+4)*(LEFT>0?LEFT:1)-1:0] edge_words_i,  // two cycles after the address
    output wire [(ACTS*K+4)*(LEFT>0?LEFT:1)-1:0] last_words_o,  // of the rightmost columns
    input wire edge_i,
    input wire [7:0] fill_i,

    input wire bytes_i,
    input wire taps_i,
    input wire gather_valid_i,
    input wire gather_first_i,
    input wire gather_half_i,
    input wire [4:0] gather_index_i,
    input wire tap_half_i,
    input wire [4:0] tap_row_i,
    input wire [3:0] tap_channel_i,

    input wire valid_i,
    input wire first_beat_i,
    input wire last_beat_i,
    input wire first_block_i,
    input wire last_block_i,
    input wire [8*K-1:0] weights_i,
    input wire [7:0] scale_i,
    input wire [5:0] shift_right_i,  // of a total
    output wire result_valid_o,

    input wire activate_i,
    input wire wide_source_i,
    input wire add_i,
    input wire [17:0] low_i,
    input wire [17:0] high_i,
    input wire [4:0] left_a_i,
    input wire [4:0] left_b_i,
    input wire [4:0] right_i,
    input wire [17:0] bias_i,
    input wire [17:0] slope_i,
    input wire [15:0] wide_read_i,
    input wire [15:0] wide_previous_i,
    input wire wide_other_i,
    input wire [1:0] skip_i,
    input wire first_group_2_i,  // two cycles after the address
    input wire [18*SIDES-1:0] edge_wides_i,  // likewise
    output wire [18*SIDES-1:0] last_wides_o,  // likewise, of the rightmost columns
    input wire wide_write_i,
    input wire [15:0] wide_address_i,
    input wire out_write_i,
    input wire [15:0] out_address_i,
    input wire element_valid_i,
    input wire element_last_i,
    output wire quantised_o,
    input wire word_write_i,
    input wire [15:0] word_write_address_i,

    input wire [15:0] out_column_i,
    input wire [15:0] out_read_i,
    output reg [17:0] out_o
);

  localparam WIDTH = ACTS * K + 4;
  localparam REACH = LEFT + RIGHT + 1;

  wire signed [5:0] shift = {shift_i[4], shift_i};
  wire [WIDTH*COLUMNS-1:0] words;
  wire [18*COLUMNS-1:0] outs;
  wire [18*COLUMNS-1:0] wides;
  wire [COLUMNS-1:0] result_valid;
  wire [COLUMNS-1:0] quantised;
  reg [15:0] out_column_1;
  reg [COLUMNS-1:0] out_choice_2;
  reg [17:0] out;
  reg [3:0] skip_choice;  // holds for the step
  reg first_group_1;
  reg first_group_2;

  always @(posedge clk_i) begin
    {first_group_2, first_group_1} <= {first_group_1, first_group_i};
    skip_choice <= 4'd1 << skip_i;
  end

  genvar c;
  genvar n;
  generate
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
      localparam integer COLUMN = c;

      // Whose tap lies here: of a column to the left, or of the next group's or the
      // last one's.
      wire goes_next = !last_group_i && shift > $signed(COLUMN[5:0]) && COLUMN < RIGHT;
      wire goes_back = !first_group_i && COLUMN >= COLUMNS - LEFT &&
                       shift < $signed(COLUMN[5:0] - COLUMNS[5:0] + 6'd1);
      wire [WIDTH*REACH-1:0] window;
      wire [WIDTH-1:0] operand;

      for (n = 0; n < REACH; n = n + 1) begin : g_neighbour
        localparam integer FROM = (c + n - LEFT + COLUMNS) % COLUMNS;
        if (EDGES != 0 && c + n < LEFT) begin : g_edge
          assign window[WIDTH*n+:WIDTH] = first_group_2 ? edge_words_i[WIDTH*(c+n)+:WIDTH] :
                                                          words[WIDTH*FROM+:WIDTH];
        end else begin : g_inside
          assign window[WIDTH*n+:WIDTH] = words[WIDTH*FROM+:WIDTH];
        end
      end

      // The other operand of a sum lies in a column to the left, which may be the last
      // group's, or the last strip's.
      wire [18*4-1:0] others;
      wire [3:0] in_previous;
      wire [17:0] other = others[0+:18] | others[18+:18] | others[36+:18] | others[54+:18];

      for (n = 0; n < 4; n = n + 1) begin : g_skip
        localparam integer SKIP = EDGES != 0 ? {24'd0, SKIPS[8*n+:8]} : 0;
        assign in_previous[n] = c >= COLUMNS - SKIP;
        wire [17:0] value;
        if (c < SKIP) begin : g_edge
          assign value = first_group_2_i ? edge_wides_i[18*c+:18] : wides[18*(c-SKIP+COLUMNS)+:18];
        end else begin : g_inside
          assign value = wides[18*(c-SKIP)+:18];
        end
        assign others[18*n+:18] = skip_choice[n] ? value : 18'd0;
      end

      picture_window #(
          .K(K),
          .ACTS(ACTS),
          .COLUMN(c),
          .LEFT(LEFT),
          .RIGHT(RIGHT)
      ) neighbourhood (
          .clk_i(clk_i),
          .edge_i(edge_i),
          .fill_i(fill_i),
          .shift_i(shift_i),
          .outside_i(outside_i),
          .start_i(start_i),
          .rest_i(rest_i),
          .words_i(window),
          .operand_o(operand)
      );

      picture_column #(
          .FAMILY(FAMILY),
          .K(K),
          .ACTS(ACTS),
          .MULTIPLY(MULTIPLY),
          .LEFT_MAX(LEFT_MAX),
          .WORDS(WORDS),
          .WIDES(WIDES),
          .OUTS(OUTS)
      ) column (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .word_address_i(goes_next ? next_i : goes_back ? previous_i : here_i),
          .word_o(words[WIDTH*c+:WIDTH]),
          .load_i(load_i && load_column_i == COLUMN[15:0]),
          .load_address_i(load_address_i),
          .load_word_i(load_word_i),
          .operand_i(operand),
          .bytes_i(bytes_i),
          .taps_i(taps_i),
          .gather_valid_i(gather_valid_i),
          .gather_first_i(gather_first_i),
          .gather_half_i(gather_half_i),
          .gather_index_i(gather_index_i),
          .tap_half_i(tap_half_i),
          .tap_row_i(tap_row_i),
          .tap_channel_i(tap_channel_i),
          .valid_i(valid_i),
          .first_beat_i(first_beat_i),
          .last_beat_i(last_beat_i),
          .first_block_i(first_block_i),
          .last_block_i(last_block_i),
          .weights_i(weights_i),
          .scale_i(scale_i),
          .shift_i(shift_right_i),
          .result_valid_o(result_valid[c]),
          .activate_i(activate_i),
          .wide_source_i(wide_source_i),
          .add_i(add_i),
          .low_i(low_i),
          .high_i(high_i),
          .left_a_i(left_a_i),
          .left_b_i(left_b_i),
          .right_i(right_i),
          .bias_i(bias_i),
          .slope_i(slope_i),
          .wide_read_i(wide_other_i && |(in_previous & skip_choice) ? wide_previous_i :
                                                                      wide_read_i),
          .wide_o(wides[18*c+:18]),
          .other_i(other),
          .wide_write_i(wide_write_i),
          .wide_address_i(wide_address_i),
          .out_write_i(out_write_i),
          .out_address_i(out_address_i),
          .out_read_i(out_read_i),
          .out_o(outs[18*c+:18]),
          .element_valid_i(element_valid_i),
          .element_last_i(element_last_i),
          .quantised_o(quantised[c]),
          .word_write_i(word_write_i),
          .word_write_address_i(word_write_address_i)
      );

      wire unused = &{1'b0, COLUMN[31:16]};
    end
  endgenerate

  generate
    if (LEFT > 0) begin : g_last
      assign last_words_o = words[WIDTH*COLUMNS-1-:WIDTH*LEFT];
    end else begin : g_none
      assign last_words_o = {WIDTH{1'b0}};
    end
  endgenerate

  // What a sum of each kind leaves for the next strip.
  wire [4*18*SIDES-1:0] last_wides;
  localparam EDGE = 18 * SIDES;

  generate
    for (n = 0; n < 4; n = n + 1) begin : g_last_wides
      localparam integer SKIP = EDGES != 0 ? {24'd0, SKIPS[8*n+:8]} : 0;
      if (SKIP == 0) begin : g_none
        assign last_wides[18*SIDES*n+:18*SIDES] = {18 * SIDES{1'b0}};
      end else if (SKIP < SIDES) begin : g_some
        assign last_wides[18*SIDES*n+:18*SIDES] =
            {{18 * (SIDES - SKIP) {1'b0}}, wides[18*COLUMNS-1-:18*SKIP]};
      end else begin : g_most
        assign last_wides[18*SIDES*n+:18*SIDES] = wides[18*COLUMNS-1-:18*SKIP];
      end
    end
  endgenerate

  assign last_wides_o = (last_wides[0+:EDGE] & {EDGE{skip_choice[0]}}) |
                        (last_wides[EDGE+:EDGE] & {EDGE{skip_choice[1]}}) |
                        (last_wides[2*EDGE+:EDGE] & {EDGE{skip_choice[2]}}) |
                        (last_wides[3*EDGE+:EDGE] & {EDGE{skip_choice[3]}});
  assign result_valid_o = result_valid[0];
  assign quantised_o = quantised[0];

  integer i;

  always @* begin
    out = 18'd0;
    for (i = 0; i < COLUMNS; i = i + 1) out = out | (outs[18*i+:18] & {18{out_choice_2[i]}});
  end

  always @(posedge clk_i) begin
    out_column_1 <= out_column_i;
    for (i = 0; i < COLUMNS; i = i + 1) out_choice_2[i] <= out_column_1 == i[15:0];
    out_o <= out;
  end

  wire unused = &{1'b0, result_valid, quantised, last_group_i, first_group_2, edge_words_i,
                  edge_wides_i, wide_previous_i, first_group_2_i, wides};

endmodule

`default_nettype wire
