// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A head's scores, with the exponents of the values that they will weigh, and the
// largest of both over the positions that count.
//
// Timing: clear_i before the first score. A score and its exponent are taken where
// valid_i is high, and count in the largest from the next cycle on; a read is answered
// two cycles later.
// Resources: MAX_SEQ x 22 bits of RAM, two comparators.
module score_store #(
    parameter MAX_SEQ = 64
) (
    input wire clk_i,
    input wire clear_i,
    input wire valid_i,
    input wire [15:0] index_i,
    input wire signed [17:0] score_i,
    input wire [3:0] exponent_i,
    input wire [15:0] position_i,  // later ones do not count
    input wire [15:0] read_address_i,
    output wire [21:0] read_data_o,  // exponent, score
    output reg signed [17:0] score_max_o,
    output reg [3:0] exponent_max_o
);

  localparam integer BITS = MAX_SEQ > 1 ? $clog2(MAX_SEQ) : 1;

  always @(posedge clk_i)
    if (clear_i) begin
      score_max_o <= 18'h20000;
      exponent_max_o <= 4'd0;
    end else if (valid_i && index_i <= position_i) begin
      if (score_i > score_max_o) score_max_o <= score_i;
      if (exponent_i > exponent_max_o) exponent_max_o <= exponent_i;
    end

  store #(
      .WIDTH(22),
      .DEPTH(MAX_SEQ)
  ) scores (
      .clk_i(clk_i),
      .write_i(valid_i),
      .write_address_i(index_i[BITS-1:0]),
      .write_data_i({exponent_i, score_i}),
      .read_address_i(read_address_i[BITS-1:0]),
      .read_data_o(read_data_o)
  );

  wire unused = &{1'b0, read_address_i};

endmodule

`default_nettype wire
