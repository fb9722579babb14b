// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Products of block sums and scales, times the rest of 2^exponent, summed over
// the blocks: for one row, or for two in turn.
//
// Timing: takes a product a cycle. Two cycles after one that is marked last_i
// comes its row's total, with valid_o, for one cycle.
// Resources: a multiplexer of WIDTH + 8 bits, an adder of TOTAL_BITS bits, ROWS
// x TOTAL_BITS registers.
module row_accumulator #(
    parameter ROWS = 1,
    parameter WIDTH = 34,
    parameter TOTAL_BITS = 48,
    parameter OFFSET = 13
) (
    input wire clk_i,
    input wire rst_i,

    input wire valid_i,
    input wire first_i,
    input wire last_i,
    input wire row_i,
    input wire signed [WIDTH-1:0] product_i,
    input wire high_i,  // times 2^OFFSET
    input wire times_256_i,

    output wire valid_o,
    output reg signed [TOTAL_BITS-1:0] total_o
);

  localparam FULL = WIDTH + 8 + OFFSET > TOTAL_BITS ? WIDTH + 8 + OFFSET : TOTAL_BITS;

  wire signed [FULL-1:0] product = {{FULL - WIDTH{product_i[WIDTH-1]}}, product_i};
  wire [FULL-1:0] raised = high_i ? product <<< OFFSET : product;
  wire [FULL-1:0] shifted = times_256_i ? raised << 8 : raised;

  reg [TOTAL_BITS-1:0] addend_1;
  reg valid_1;
  reg last_1;
  reg first_1;
  reg row_1;
  reg ends_2;

  wire [TOTAL_BITS-1:0] previous;
  wire [TOTAL_BITS-1:0] total = (first_1 ? {TOTAL_BITS{1'b0}} : previous) + addend_1;

  always @(posedge clk_i) begin
    valid_1 <= valid_i && !rst_i;
    {first_1, last_1, row_1} <= {first_i, last_i, row_i};
    addend_1 <= shifted[TOTAL_BITS-1:0];
    ends_2 <= valid_1 && last_1 && !rst_i;
    if (valid_1) total_o <= total;
  end

  // The row that is not in work waits.
  generate
    if (ROWS == 2) begin : g_two
      reg [TOTAL_BITS-1:0] sum[0:1];
      always @(posedge clk_i) if (valid_1) sum[row_1] <= total;
      assign previous = sum[row_1];
    end else begin : g_one
      assign previous = total_o;
    end
  endgenerate

  assign valid_o = ends_2;

  wire unused = &{1'b0, shifted, row_1};

endmodule

`default_nettype wire
