// SPDX-License-Identifier: Apache-2.0
// The KV cache of one slot: words of K mantissas of 9 bits (of a key; an element of K
// values, of 8 bits sign-extended), and an exponent for each key and each value vector.
// Nine bits are a byte of the block RAMs that have a ninth bit for parity.
//
// Write: in the cycle in which write_enable_i is high, those mantissas whose bit of
//   write_lanes_i is; the exponent is written with every word of its vector.
// Read: address in cycle t, data in cycle t + 2. Nothing is read while a store runs, so
//   that the block RAMs need no logic around them; in simulation such a read of the word
//   that is being written gives a wrong one.
// Resources: kv_blocks.v; with SPRAM, for which K is 4 and WORDS 16384 at most, kv_spram.v; and
//   VECTORS x 4 bits.
`default_nettype none
module kv_memory #(
    parameter FAMILY = "generic",
    parameter SPRAM = 0,            // the words lie in large RAMs with one port
    parameter K = 8,
    parameter WORDS = 1024,         // of keys and values together
    parameter VECTORS = 256,        // keys, and as many values
    parameter WORD_BITS = 10,
    parameter VECTOR_BITS = 8
) (
    input  wire                   clk_i,
    input  wire                   write_enable_i,
    input  wire                   write_value_i,
    input  wire [WORD_BITS-1:0]   write_word_at_i,
    input  wire [VECTOR_BITS-1:0] write_vector_at_i,
    input  wire [K-1:0]           write_lanes_i,
    input  wire [9*K-1:0]         write_word_i,
    input  wire [3:0]             write_exponent_i,
    input  wire                   read_enable_i,
    input  wire [WORD_BITS-1:0]   read_word_at_i,
    input  wire [VECTOR_BITS-1:0] read_vector_at_i,
    output wire [9*K-1:0]         word_o,
    output wire [3:0]             key_exponent_o,
    output reg  [3:0]             value_exponent_o
);
    generate
        if (SPRAM != 0) begin : spram
            kv_spram #(.FAMILY(FAMILY), .K(K), .WORD_BITS(WORD_BITS)) words (
                .clk_i(clk_i), .write_enable_i(write_enable_i), .write_lanes_i(write_lanes_i),
                .write_at_i(write_word_at_i), .write_word_i(write_word_i),
                .write_exponent_i(write_exponent_i), .read_enable_i(read_enable_i),
                .read_at_i(read_word_at_i), .word_o(word_o), .key_exponent_o(key_exponent_o)
            );
        end else begin : blocks
            kv_blocks #(
                .K(K), .WORDS(WORDS), .VECTORS(VECTORS), .WORD_BITS(WORD_BITS),
                .VECTOR_BITS(VECTOR_BITS)
            ) words (
                .clk_i(clk_i), .write_enable_i(write_enable_i), .write_value_i(write_value_i),
                .write_word_at_i(write_word_at_i), .write_vector_at_i(write_vector_at_i),
                .write_lanes_i(write_lanes_i), .write_word_i(write_word_i),
                .write_exponent_i(write_exponent_i), .read_enable_i(read_enable_i),
                .read_word_at_i(read_word_at_i), .read_vector_at_i(read_vector_at_i),
                .word_o(word_o), .key_exponent_o(key_exponent_o)
            );
        end
    endgenerate

    (* no_rw_check *) reg [3:0] value_exponents [0:VECTORS-1];
    reg [3:0] value_exponent_read;
    always @(posedge clk_i) begin
        if (write_enable_i & write_value_i) value_exponents[write_vector_at_i] <= write_exponent_i;
        if (read_enable_i) value_exponent_read <= value_exponents[read_vector_at_i];
        value_exponent_o <= value_exponent_read;
    end
endmodule
`default_nettype wire
