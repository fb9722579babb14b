// SPDX-License-Identifier: Apache-2.0
// The words of a KV cache, and the keys' exponents, in block RAMs.
//
// A block RAM is slow to show what it has read. The words lie in groups that are two block RAMs
// deep, so that one LUT leads from these to a register; what the groups' registers hold is put
// together behind them.
// Timing: as kv_memory.v.
// Resources: WORDS x 9K and VECTORS x 4 bits with one write and one read port; 9K registers for
//   each 2048 words.
`default_nettype none
module kv_blocks #(
    parameter K = 8,
    parameter WORDS = 1024,
    parameter VECTORS = 256,
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
    output reg  [9*K-1:0]         word_o,
    output reg  [3:0]             key_exponent_o
);
    localparam GROUP_BITS = 11;
    localparam GROUP = 1 << GROUP_BITS;
    localparam GROUPS = (WORDS + GROUP - 1) / GROUP;
    localparam AT_BITS = (WORD_BITS < GROUP_BITS) ? WORD_BITS : GROUP_BITS;

    wire [9*K*GROUPS-1:0] shown;
    genvar g;
    generate
        for (g = 0; g < GROUPS; g = g + 1) begin : groups
            localparam DEPTH = (WORDS - GROUP * g < GROUP) ? WORDS - GROUP * g : GROUP;
            (* no_rw_check *) reg [9*K-1:0] mantissas [0:DEPTH-1];
            wire written = ((write_word_at_i >> GROUP_BITS) == g);
            wire [AT_BITS-1:0] write_at = write_word_at_i[AT_BITS-1:0];
            wire [AT_BITS-1:0] read_at = read_word_at_i[AT_BITS-1:0];
            reg [9*K-1:0] word_read;
            reg [9*K-1:0] word;
            reg           here;
            integer lane;

            always @(posedge clk_i) begin
                for (lane = 0; lane < K; lane = lane + 1)
                    if (write_enable_i & written & write_lanes_i[lane])
                        mantissas[write_at][9*lane +: 9] <= write_word_i[9*lane +: 9];
                if (read_enable_i) begin
                    word_read <= mantissas[read_at];
                    here <= ((read_word_at_i >> GROUP_BITS) == g);
                end
`ifndef SYNTHESIS
                if (read_enable_i & write_enable_i & (write_word_at_i == read_word_at_i))
                    word_read <= ~write_word_i;
`endif
                word <= here ? word_read : {9*K{1'b0}};
            end
            assign shown[9*K*g +: 9*K] = word;
        end
    endgenerate

    integer n;
    always @* begin
        word_o = {9*K{1'b0}};
        for (n = 0; n < GROUPS; n = n + 1) word_o = word_o | shown[9*K*n +: 9*K];
    end

    (* no_rw_check *) reg [3:0] key_exponents [0:VECTORS-1];
    reg [3:0] key_exponent_read;
    always @(posedge clk_i) begin
        if (write_enable_i & ~write_value_i) key_exponents[write_vector_at_i] <= write_exponent_i;
        if (read_enable_i) key_exponent_read <= key_exponents[read_vector_at_i];
        key_exponent_o <= key_exponent_read;
    end
endmodule
`default_nettype wire
