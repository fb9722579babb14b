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

    input wire [(8*K+4)*(LEFT+RIGHT+1)-1:0] words_i,  // the leftmost lowest
    output reg [8*K+3:0] operand_o
);

  localparam WIDTH = 8 * K + 4;
  localparam signed [9:0] FROM_FIRST = COLUMN;
  localparam signed [9:0] LOWEST = -LEFT;
  localparam signed [9:0] OWN = LEFT;

  // How far the picture goes to the right, and to the left.
  wire signed [9:0] shift = {{5{shift_i[4]}}, shift_i};
  wire signed [9:0] right = {rest_i[8], rest_i} - FROM_FIRST;
  wire signed [9:0] left = -{start_i[8], start_i} - FROM_FIRST;
  wire over = shift > right;
  wire under = shift < left;
  wire signed [9:0] in_picture = over ? right : under ? left : shift;
  // A column beyond the border has nothing to take; what it does is no one's.
  wire signed [9:0] held = in_picture < LOWEST ? LOWEST : in_picture;
  wire signed [9:0] index = held + OWN;

  reg [3:0] index_1;
  reg [3:0] index_2;
  reg filled_1;
  reg filled_2;

  always @(posedge clk_i) begin
    index_1  <= index[3:0];
    index_2  <= index_1;
    filled_1 <= !edge_i && (outside_i || over || under);
    filled_2 <= filled_1;
    operand_o <= filled_2 ? {4'd0, {K{fill_i}}} : words_i[WIDTH*index_2+:WIDTH];
  end

  wire unused = &{1'b0, index};

endmodule

`default_nettype wire
