// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Block sums to rows' totals: each times its row's scale and 2^exponent, summed
// over the blocks. In pairs low_i is a block sum of the first row, high_i of the
// second; otherwise high_i x 2^OFFSET + low_i is one row's.
//
// The multiplier takes the scale times 2^(exponent mod 8), and what is left of
// the exponent is 0 or 8. Exponents from 16 to 19 belong to scores alone, whose
// scale is 1: there the multiplier has room for 2^(8 + exponent mod 8).
//
// Where blocks come every other cycle at most (SERIAL) one multiplier and one
// accumulator serve low_i in one cycle and high_i in the next.
//
// Timing: ends_i and the block's marks come one cycle before its sums. From ends_i
// on a row's total takes five cycles, with SERIAL five for the first of two rows
// and six for the second or a single one; without it the second row's follows the
// first's. valid_o says for one cycle that total_o is a total; rows are in order.
// Resources: a multiplier, a shifter by 0 to 7 of 8 bits and a row_accumulator, or
// without SERIAL two and an adder.
module row_totals #(
    parameter FAMILY = "generic",
    parameter BITS = 18,
    parameter SERIAL = 1,
    parameter TOTAL_BITS = 48
) (
    input wire clk_i,
    input wire rst_i,

    input wire paired_i,
    input wire ends_i,
    input wire first_block_i,
    input wire last_block_i,
    input wire [4:0] exponent_i,
    input wire [15:0] scales_i,  // where not paired, both the same
    input wire signed [15:0] low_i,
    input wire signed [15:0] high_i,

    output wire valid_o,
    output wire [TOTAL_BITS-1:0] total_o
);

  localparam OFFSET = BITS == 18 ? 13 : 11;

  function [14:0] factor;
    input [7:0] scale;
    input [3:0] exponent;  // without its bit 3
    reg [14:0] shifted;
    begin
      shifted = {7'd0, scale} << exponent[2:0];
      factor  = exponent[3] ? {shifted[6:0], 8'd0} : shifted;
    end
  endfunction

  wire takes_256 = |exponent_i[4:3];

  generate
    if (SERIAL) begin : g_serial
      localparam WIDTH = 32;

      // Stage 0 has low_i, stage 1 the high sum. Marks are those of stage 0 and
      // stay for stage 1; a stage 1 is no other block's stage 0.
      reg [1:0] turn;
      reg first_block;
      reg last_block;
      reg by_256;
      reg [3:0] exponent;
      reg [7:0] second_scale;
      reg [15:0] high;
      reg [14:0] multiplier_factor;
      wire [2*BITS-1:0] product;
      wire second = turn[1];
      wire [15:0] sum = second ? high : low_i;

      always @(posedge clk_i) begin
        turn <= rst_i ? 2'd0 : {turn[0], ends_i};
        if (ends_i) begin
          {first_block, last_block, by_256} <= {first_block_i, last_block_i, takes_256};
          {exponent, second_scale} <= {exponent_i[4], exponent_i[2:0], scales_i[15:8]};
        end
        high <= high_i;
        multiplier_factor <= turn[0] ? factor(second_scale, exponent) :
                                       factor(scales_i[7:0], {exponent_i[4], exponent_i[2:0]});
      end

      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (BITS)
      ) scale (
          .clk_i(clk_i),
          .a_i({{BITS - 15{sum[15]}}, sum[14:0]}),
          .b_i({{BITS - 15{1'b0}}, multiplier_factor}),
          .product_o(product)
      );

      wire valid_2;
      wire first_2;
      wire last_2;
      wire row_2;
      wire high_2;
      wire by_256_2;

      delay #(
          .WIDTH (6),
          .CYCLES(2)
      ) delay_marks (
          .clk_i(clk_i),
          .data_i({
            turn != 2'd0 && !rst_i,
            first_block && (paired_i || !second),
            last_block && (paired_i || second),
            paired_i && second,
            !paired_i && second,
            by_256
          }),
          .data_o({valid_2, first_2, last_2, row_2, high_2, by_256_2})
      );

      row_accumulator #(
          .ROWS(2),
          .WIDTH(WIDTH),
          .TOTAL_BITS(TOTAL_BITS),
          .OFFSET(OFFSET)
      ) accumulator (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .valid_i(valid_2),
          .first_i(first_2),
          .last_i(last_2),
          .row_i(row_2),
          .product_i(product[WIDTH-1:0]),
          .high_i(high_2),
          .times_256_i(by_256_2),
          .valid_o(valid_o),
          .total_o(total_o)
      );

      wire unused = &{1'b0, product};
    end else begin : g_parallel
      localparam WIDTH = 34;

      reg [14:0] low_factor;
      reg [14:0] high_factor;
      wire [2*BITS-1:0] low_product;
      wire [2*BITS-1:0] high_product;
      wire [35:0] low_wide = {{37 - 2 * BITS{low_product[2*BITS-1]}}, low_product[2*BITS-2:0]};
      wire [35:0] high_wide = {{37 - 2 * BITS{high_product[2*BITS-1]}}, high_product[2*BITS-2:0]};
      wire [WIDTH-1:0] raised = {high_wide[WIDTH-OFFSET-1:0], {OFFSET{1'b0}}};
      wire valid_3;
      wire first_3;
      wire last_3;
      wire by_256_3;
      wire low_valid;
      wire high_valid;
      wire [TOTAL_BITS-1:0] low_total;
      wire [TOTAL_BITS-1:0] high_total;
      reg waits;
      reg [TOTAL_BITS-1:0] waiting;

      always @(posedge clk_i) begin
        low_factor <= factor(scales_i[7:0], {exponent_i[4], exponent_i[2:0]});
        high_factor <= factor(scales_i[15:8], {exponent_i[4], exponent_i[2:0]});
        waits <= high_valid && !rst_i;
        waiting <= high_total;
      end

      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (BITS)
      ) scale_low (
          .clk_i(clk_i),
          .a_i({{BITS - 15{low_i[15]}}, low_i[14:0]}),
          .b_i({{BITS - 15{1'b0}}, low_factor}),
          .product_o(low_product)
      );

      multiplier #(
          .FAMILY(FAMILY),
          .BITS  (BITS)
      ) scale_high (
          .clk_i(clk_i),
          .a_i({{BITS - 15{high_i[15]}}, high_i[14:0]}),
          .b_i({{BITS - 15{1'b0}}, high_factor}),
          .product_o(high_product)
      );

      delay #(
          .WIDTH (4),
          .CYCLES(3)
      ) delay_marks (
          .clk_i (clk_i),
          .data_i({ends_i && !rst_i, first_block_i, last_block_i, takes_256}),
          .data_o({valid_3, first_3, last_3, by_256_3})
      );

      row_accumulator #(
          .WIDTH(WIDTH),
          .TOTAL_BITS(TOTAL_BITS)
      ) accumulator_low (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .valid_i(valid_3),
          .first_i(first_3),
          .last_i(last_3),
          .row_i(1'b0),
          .product_i(low_wide[WIDTH-1:0] + (paired_i ? {WIDTH{1'b0}} : raised)),
          .high_i(1'b0),
          .times_256_i(by_256_3),
          .valid_o(low_valid),
          .total_o(low_total)
      );

      row_accumulator #(
          .WIDTH(WIDTH),
          .TOTAL_BITS(TOTAL_BITS)
      ) accumulator_high (
          .clk_i(clk_i),
          .rst_i(rst_i),
          .valid_i(valid_3 && paired_i),
          .first_i(first_3),
          .last_i(last_3),
          .row_i(1'b0),
          .product_i(high_wide[WIDTH-1:0]),
          .high_i(1'b0),
          .times_256_i(by_256_3),
          .valid_o(high_valid),
          .total_o(high_total)
      );

      assign valid_o = low_valid || waits;
      assign total_o = waits ? waiting : low_total;

      wire unused = &{1'b0, low_wide, high_wide};
    end
  endgenerate

endmodule

`default_nettype wire
