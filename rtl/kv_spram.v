// SPDX-License-Identifier: Apache-2.0
// The words of a KV cache, and the keys' exponents, in large RAMs with one port: a lane's
// mantissas in one, and with lane 0 the exponent of the key.
//
// Reads and writes must not meet: nothing reads while a head is stored.
// Timing: as kv_memory.v.
// Resources: an SPRAM (spram_block.v) a lane.
`default_nettype none
module kv_spram #(
    parameter FAMILY = "generic",
    parameter K = 2,
    parameter WORD_BITS = 10        // 14 at most
) (
    input  wire                 clk_i,
    input  wire                 write_enable_i,
    input  wire [K-1:0]         write_lanes_i,
    input  wire [WORD_BITS-1:0] write_at_i,
    input  wire [9*K-1:0]       write_word_i,
    input  wire [3:0]           write_exponent_i,
    input  wire                 read_enable_i,
    input  wire [WORD_BITS-1:0] read_at_i,
    output reg  [9*K-1:0]       word_o,
    output reg  [3:0]           key_exponent_o
);
    wire [WORD_BITS-1:0] at = write_enable_i ? write_at_i : read_at_i;
    wire [16*K-1:0]      shown;

    genvar g;
    generate
        for (g = 0; g < K; g = g + 1) begin : lanes
            wire [3:0] beside = (g == 0) ? write_exponent_i : 4'd0;
            spram_block #(.FAMILY(FAMILY)) ram (
                .clk_i(clk_i), .enable_i(read_enable_i | (write_enable_i & write_lanes_i[g])),
                .write_i(write_enable_i), .address_i({{(14-WORD_BITS){1'b0}}, at}),
                .data_i({3'd0, beside, write_word_i[9*g +: 9]}), .data_o(shown[16*g +: 16])
            );
            always @(posedge clk_i) word_o[9*g +: 9] <= shown[16*g +: 9];
        end
    endgenerate

    always @(posedge clk_i) key_exponent_o <= shown[12:9];

    wire unused = &{1'b0, shown};
endmodule
`default_nettype wire
