// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// B or C of every column: mantissas of 8 bits, written two at a time and read LANES
// at a time, and an exponent for 16 of them.
//
// Timing: word and exponent belong to the read address of two cycles ago.
// Resources: COLUMNS x STATE bytes of RAM, an exponent of 4 bits for 16.
module parameter_store #(
    parameter LANES = 4,
    parameter COLUMN_BITS = 1,
    parameter STATE_BITS = 6  // of an element's number
) (
    input wire clk_i,
    input wire write_i,
    input wire [COLUMN_BITS+STATE_BITS-2:0] write_address_i,  // column, pair
    input wire [15:0] write_pair_i,
    input wire [3:0] write_exponent_i,
    input wire [COLUMN_BITS+STATE_BITS-$clog2(LANES)-1:0] read_address_i,  // column, word
    output wire [8*LANES-1:0] word_o,
    output wire [3:0] exponent_o
);

  localparam integer LANE_BITS = $clog2(LANES);
  localparam integer READ_BITS = COLUMN_BITS + STATE_BITS - LANE_BITS;
  localparam integer BLOCK_BITS = COLUMN_BITS + STATE_BITS - 4;

  generate
    if (LANES == 1) begin : g_half
      wire [15:0] pair;
      wire odd;

      store #(
          .WIDTH(16),
          .DEPTH(1 << (READ_BITS - 1))
      ) pairs (
          .clk_i(clk_i),
          .write_i(write_i),
          .write_address_i(write_address_i),
          .write_data_i(write_pair_i),
          .read_address_i(read_address_i[READ_BITS-1:1]),
          .read_data_o(pair)
      );

      delay #(
          .WIDTH (1),
          .CYCLES(2)
      ) delay_odd (
          .clk_i (clk_i),
          .data_i(read_address_i[0]),
          .data_o(odd)
      );

      assign word_o = odd ? pair[15:8] : pair[7:0];
    end else if (LANES == 2) begin : g_pair
      store #(
          .WIDTH(16),
          .DEPTH(1 << READ_BITS)
      ) pairs (
          .clk_i(clk_i),
          .write_i(write_i),
          .write_address_i(write_address_i),
          .write_data_i(write_pair_i),
          .read_address_i(read_address_i),
          .read_data_o(word_o)
      );
    end else begin : g_pairs
      genvar g;
      for (g = 0; g < LANES / 2; g = g + 1) begin : g_bank
        localparam [LANE_BITS-2:0] OWN = g;
        store #(
            .WIDTH(16),
            .DEPTH(1 << READ_BITS)
        ) pairs (
            .clk_i(clk_i),
            .write_i(write_i && write_address_i[LANE_BITS-2:0] == OWN),
            .write_address_i(write_address_i[COLUMN_BITS+STATE_BITS-2:LANE_BITS-1]),
            .write_data_i(write_pair_i),
            .read_address_i(read_address_i),
            .read_data_o(word_o[16*g+:16])
        );
      end
    end
  endgenerate

  store #(
      .WIDTH(4),
      .DEPTH(1 << BLOCK_BITS)
  ) exponents (
      .clk_i(clk_i),
      .write_i(write_i),
      .write_address_i(write_address_i[COLUMN_BITS+STATE_BITS-2:3]),
      .write_data_i(write_exponent_i),
      .read_address_i(read_address_i[READ_BITS-1-:BLOCK_BITS]),
      .read_data_o(exponent_o)
  );

endmodule

`default_nettype wire
