// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What one column takes of its neighbourhood: the word that lies `shift` columns to
// the right, or, beyond the picture's border, the border's own or a filling.
//
// Timing: shift_i to outside_i belong to an address that is there in this cycle;
// the words come two cycles later, operand_o three.
// Resources: a multiplexer of REACH words, two comparators of 10 bits.
module picture_window #(
    parameter K = 4,
    parameter ACTS = 8,  // bits of a mantissa
    parameter COLUMN = 0,
    parameter LEFT = 1,  // neighbours
    parameter RIGHT = 1
) (
    input wire clk_i,
    input wire edge_i,  // beyond the border is the border's pixel, else fill_i
    input wire [7:0] fill_i,

    input wire signed [4:0] shift_i,
    input wire outside_i,  // above or below the picture
    input wire signed [8:0] start_i,  // of the group's first pixel from the picture's first one
    input wire signed [8:0] rest_i,  // and to its last one

    input wire [(ACTS*K+4)*(LEFT+RIGHT+1)-1:0] words_i,  // the leftmost lowest
    output reg [ACTS*K+3:0] operand_o
);

  localparam WIDTH = ACTS * K + 4;
  localparam signed [9:0] FROM_FIRST = COLUMN;
  localparam signed [9:0] LOWEST = -LEFT;
  localparam REACH = LEFT + RIGHT + 1;

  // Stage 1: how far the picture goes to the right, and to the left.
  reg signed [9:0] right_1;
  reg signed [9:0] left_1;
  reg signed [9:0] shift_1;
  reg fills_1;
  reg outside_1;

  always @(posedge clk_i) begin
    right_1 <= {rest_i[8], rest_i} - FROM_FIRST;
    left_1 <= -{start_i[8], start_i} - FROM_FIRST;
    shift_1 <= {{5{shift_i[4]}}, shift_i};
    fills_1 <= !edge_i;
    outside_1 <= outside_i;
  end

  // Stage 2: whose word it is, or none's. A column beyond the border has nothing to take;
  // what it does is no one's.
  wire over = shift_1 > right_1;
  wire under = shift_1 < left_1;
  wire signed [9:0] in_picture = over ? right_1 : under ? left_1 : shift_1;
  wire filled = fills_1 && (outside_1 || over || under);
  reg [REACH-1:0] choice_2;
  reg filled_2;
  integer i;

  always @(posedge clk_i) begin
    for (i = 0; i < REACH; i = i + 1) begin
      choice_2[i] <= !filled && in_picture == $signed(i[9:0]) + LOWEST;
    end
    if (!filled && in_picture <= LOWEST) choice_2[0] <= 1'b1;
    filled_2 <= filled;
  end

  // Stage 3.
  wire [15:0] filling = {8'd0, fill_i};
  wire unused = &{1'b0, filling};
  reg [WIDTH-1:0] word;

  always @* begin
    word = filled_2 ? {4'd0, {K{filling[ACTS-1:0]}}} : {WIDTH{1'b0}};
    for (i = 0; i < REACH; i = i + 1)
      word = word | (words_i[WIDTH*i+:WIDTH] & {WIDTH{choice_2[i]}});
  end

  always @(posedge clk_i) operand_o <= word;

endmodule

`default_nettype wire
