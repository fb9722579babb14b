// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What the vector unit needs once a vector: how far to shift X so that its
// squares fit, and a sum brought into the range of the function table.
//
//   shift_o      max(0, bit_length(|X|) - 15)
//   total        sum, or for a norm sum + max(1, epsilon >> 2 shift)
//   length_o     n, the bit length of the total (at least 16, or 0 for a norm)
//   mantissa_o   the total / 2^n (or 2^(2 ceil(n / 2)) for a norm) in 1/65536:
//                16 bits, the function table's argument
//   norm_shift_o ceil(n / 2) - 1
//
// Timing: free running; the outputs follow steady inputs after SETTLE = 6
// cycles. Resources: two shifters of 48 and 64 bits, a 48-bit adder.
module vector_scalars (
    input wire clk_i,

    input wire norm_i,
    input wire [30:0] magnitudes_i,  // every |X| or-ed together
    input wire [47:0] sum_i,
    input wire [47:0] epsilon_i,

    output reg [4:0] shift_o,
    output reg [5:0] length_o,
    output reg [15:0] mantissa_o,
    output reg [4:0] norm_shift_o
);

  wire [4:0] largest_length;
  wire [5:0] total_length;
  reg [47:0] epsilon;
  reg [47:0] total;
  wire [5:0] half_length = (length_o + 6'd1) >> 1;
  reg [5:0] down;
  wire [63:0] shifted = {total, 16'd0} >> down;

  bit_length #(
      .WIDTH(31)
  ) length_of_largest (
      .value_i (magnitudes_i),
      .length_o(largest_length)
  );

  bit_length #(
      .WIDTH(48)
  ) length_of_total (
      .value_i (total),
      .length_o(total_length)
  );

  always @(posedge clk_i) begin
    shift_o <= largest_length > 5'd15 ? largest_length - 5'd15 : 5'd0;
    epsilon <= epsilon_i >> {shift_o, 1'b0};
    total <= !norm_i ? sum_i : sum_i + (epsilon == 48'd0 ? 48'd1 : epsilon);
    length_o <= total_length;
    down <= norm_i ? {half_length[4:0], 1'b0} : length_o;
    norm_shift_o <= half_length[4:0] - 5'd1;
    mantissa_o <= shifted[15:0];
  end

  wire unused = &{1'b0, half_length[5], shifted[63:16]};

endmodule

`default_nettype wire
