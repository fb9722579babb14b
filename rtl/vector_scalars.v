// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What the vector unit gathers over a vector and needs of it afterwards, all in
// shift registers that move by a fixed number of cycles:
//
//   clear_i            begins: the sum is epsilon_i where norm_i, or else 0
//   magnitude_valid_i  takes a |X|; only the bit length of the largest matters
//   scale_i            makes shift_o = max(0, bit_length(|X|) - 15) and the sum
//                      max(1, epsilon >> 2 shift_o): busy for 17 cycles
//   addend_valid_i     adds
//   normalise_i        brings the sum into the range of the function table: busy
//                      for 12 cycles. It is then no sum any more.
//
//   length_o      n, the bit length of the sum
//   mantissa_o    the sum / 2^n, or where norm_i / 2^(2 ceil(n / 2)), in 1/65536
//   norm_shift_o  ceil(n / 2) - 1
//
// Timing: the busy cycles begin after the one with the pulse; outputs then hold.
// Resources: 85 registers, a 48-bit adder, a multiplexer of four for each bit.
module vector_scalars (
    input wire clk_i,
    input wire rst_i,

    input wire norm_i,
    input wire clear_i,
    input wire [46:0] epsilon_i,
    input wire magnitude_valid_i,
    input wire [30:0] magnitude_i,
    input wire scale_i,
    input wire addend_valid_i,
    input wire [29:0] addend_i,
    input wire normalise_i,
    output wire busy_o,

    output reg [4:0] shift_o,
    output wire [5:0] length_o,
    output wire [15:0] mantissa_o,
    output wire [4:0] norm_shift_o
);

  localparam [4:0] SCALE_STEPS = 17, NORMALISE_STEPS = 12;
  localparam [1:0] ADD = 0, LOAD = 1, DOWN = 2, UP = 3;

  reg scaling;
  reg [4:0] steps;  // left
  reg busy;  // some are left
  reg [30:0] magnitudes;  // every |X| or-ed together: the length of the largest
  reg [47:0] sum;
  reg [3:0] nibbles;  // of the sum that are not yet known to be 0

  wire normalising = !scaling && busy;
  wire too_large = magnitudes[30:15] != 16'd0;
  wire top_empty = sum[47:44] == 4'd0;

  always @(posedge clk_i) begin
    if (rst_i) steps <= 5'd0;
    else if (scale_i) steps <= SCALE_STEPS;
    else if (normalise_i) steps <= NORMALISE_STEPS;
    else if (busy) steps <= steps - 5'd1;
    busy <= !rst_i && (scale_i || normalise_i || (busy && steps != 5'd1));
  end

  always @(posedge clk_i) begin
    if (scale_i || normalise_i) scaling <= scale_i;

    if (clear_i) magnitudes <= 31'd0;
    else if (scaling && busy && too_large) magnitudes <= magnitudes >> 1;
    else if (magnitude_valid_i) magnitudes <= magnitudes | magnitude_i;

    if (clear_i) shift_o <= 5'd0;
    else if (scaling && busy && too_large) shift_o <= shift_o + 5'd1;

    if (normalise_i) nibbles <= 4'd12;
    else if (normalising && top_empty) nibbles <= nibbles - 4'd1;
  end

  // One multiplexer of four words, and an enable for where none is wanted.
  reg [1:0] what;
  reg moves;

  always @* begin
    if (clear_i) {what, moves} = {LOAD, 1'b1};
    else if (scaling && busy) {what, moves} = {DOWN, too_large};
    else if (normalising) {what, moves} = {UP, top_empty};
    else {what, moves} = {ADD, addend_valid_i};
  end

  always @(posedge clk_i) begin
    if (moves)
      case (what)
        ADD: sum <= sum + {18'd0, addend_i};
        LOAD: sum <= norm_i ? {1'b0, epsilon_i} : 48'd0;
        DOWN: sum <= sum >> 2;
        default: sum <= sum << 4;
      endcase
    if (scaling && steps == 5'd1 && sum == 48'd0) sum[0] <= 1'b1;
  end

  // The leading one is in the top nibble, `gap` bits below the top.
  wire [1:0] gap = sum[47] ? 2'd0 : sum[46] ? 2'd1 : sum[45] ? 2'd2 : 2'd3;
  wire [1:0] gap_used = norm_i ? {gap[1], 1'b0} : gap;
  wire [18:0] window = sum[47:29] << gap_used;
  wire [5:0] length_less_1 = length_o - 6'd1;

  assign busy_o = busy;
  assign length_o = {nibbles, 2'd0} - {4'd0, gap};
  assign mantissa_o = window[18:3];
  assign norm_shift_o = length_less_1[5:1];

  wire unused = &{1'b0, window[2:0], length_less_1[0]};

endmodule

`default_nettype wire
