// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What the vector unit has made, quantised: the array's operands in three regions of
// the operand store, each from its own first block on, and the stage buffer, from
// which a key or a value goes into the KV cache.
//
//   region           block holds
//   0 matrices'      16 inputs
//   1 queries        a head
//   2 probabilities  16 positions
//
// Timing: start_i, with fields that hold still until the next one, begins at the
// start of a region and of the stage buffer; then elements as block_quantiser.v takes
// them. An operand is there two cycles after its offset, a word of the stage one.
// Resources: block_quantiser, operand_store, a stage buffer of a head.
module quantised_store #(
    parameter K = 8,
    parameter WIDEST = 64,  // inputs of a matrix
    parameter HEADS = 4,  // 0: there are neither queries nor probabilities
    parameter HEAD_DIM = 16,
    parameter MAX_SEQ = 64
) (
    input wire clk_i,
    input wire rst_i,

    input wire start_i,
    input wire in_queries_i,
    input wire in_probabilities_i,
    input wire [7:0] head_i,  // of the queries
    input wire whole_head_i,  // a block is a head
    input wire nine_bits_i,
    input wire four_bits_i,  // 8 without both
    input wire to_stage_i,

    output wire busy_o,
    input wire element_valid_i,
    input wire element_last_i,
    input wire [17:0] element_i,

    input wire [15:0] offset_i,  // a word of K, from the region's (or the query's) start
    output wire [8*K-1:0] operand_o,
    output wire [3:0] exponent_o,

    input wire [7:0] stage_address_i,
    output reg [9*K-1:0] stage_word_o,
    output reg [3:0] stage_exponent_o
);

  localparam integer HEAD_BLOCKS = (HEAD_DIM + 15) / 16;
  localparam integer HEAD_SHIFT = $clog2(HEAD_BLOCKS);
  localparam integer QUERY_BASE = (WIDEST + 15) / 16;
  localparam integer PROBABILITY_BASE = QUERY_BASE + (HEADS << HEAD_SHIFT);
  localparam integer BLOCKS = PROBABILITY_BASE + (HEADS != 0 ? (MAX_SEQ + 15) / 16 : 0);
  localparam integer BLOCK_BITS = BLOCKS > 1 ? $clog2(BLOCKS) : 1;
  localparam integer BEAT_BITS = 4 - $clog2(K);
  localparam integer ADDRESS_BITS = BLOCK_BITS + BEAT_BITS;
  localparam integer STAGE_WORDS = HEAD_BLOCKS * 16 / K;
  localparam integer STAGE_BITS = STAGE_WORDS > 1 ? $clog2(STAGE_WORDS) : 1;

  wire word_valid;
  wire [9*K-1:0] word;
  wire [8*K-1:0] word_low;
  wire [3:0] word_exponent;
  reg [ADDRESS_BITS-1:0] write_address;
  reg [STAGE_BITS-1:0] stage_write;
  // Read only after all of a head is in it.
  (* no_rw_check *) reg [9*K-1:0] stage[0:(1<<STAGE_BITS)-1];
  reg started;
  reg [BLOCK_BITS-1:0] region;  // from the cycle after start_i on
  wire [BLOCK_BITS+7:0] head_blocks = {{BLOCK_BITS{1'b0}}, head_i} << HEAD_SHIFT;
  wire [BLOCK_BITS-1:0] query_region = QUERY_BASE[BLOCK_BITS-1:0] + head_blocks[BLOCK_BITS-1:0];

  block_quantiser #(
      .K(K),
      .MAX_BLOCK(16 * HEAD_BLOCKS)
  ) quantiser (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .head_i(whole_head_i),
      .nine_bits_i(nine_bits_i),
      .four_bits_i(four_bits_i),
      .busy_o(busy_o),
      .element_valid_i(element_valid_i),
      .element_last_i(element_last_i),
      .element_i(element_i),
      .word_valid_o(word_valid),
      .word_o(word),
      .exponent_o(word_exponent)
  );

  // What goes to the operand store has no more than 8 bits.
  genvar g;
  generate
    for (g = 0; g < K; g = g + 1) begin : g_low
      assign word_low[8*g+:8] = word[9*g+:8];
    end
  endgenerate

  always @(posedge clk_i) begin
    started <= start_i;
    if (in_queries_i) region <= query_region;
    else if (in_probabilities_i) region <= PROBABILITY_BASE[BLOCK_BITS-1:0];
    else region <= {BLOCK_BITS{1'b0}};
    if (started) begin
      write_address <= {region, {BEAT_BITS{1'b0}}};
      stage_write   <= {STAGE_BITS{1'b0}};
    end else if (word_valid) begin
      write_address <= write_address + 1'b1;
      stage_write   <= stage_write + 1'b1;
    end
    if (word_valid && to_stage_i) begin
      stage[stage_write] <= word;
      stage_exponent_o   <= word_exponent;
    end
    stage_word_o <= stage[stage_address_i[STAGE_BITS-1:0]];
  end

  operand_store #(
      .K(K),
      .BLOCKS(BLOCKS)
  ) operands (
      .clk_i(clk_i),
      .write_i(word_valid && !to_stage_i),
      .write_address_i(write_address),
      .write_word_i(word_low),
      .write_exponent_i(word_exponent),
      .read_address_i({region, {BEAT_BITS{1'b0}}} + offset_i[ADDRESS_BITS-1:0]),
      .read_word_o(operand_o),
      .read_exponent_o(exponent_o)
  );

  wire unused = &{1'b0, stage_address_i, offset_i, head_blocks};

endmodule

`default_nettype wire
