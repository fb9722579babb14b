// SPDX-License-Identifier: Apache-2.0
// The quantised operands of a serial column, K mantissas of 8 bits a word with an exponent
// for every 16, and the stage buffer for the KV cache, of 9 bits.
//
// Write: one mantissa a cycle, and with it its block's exponent.
// Read: operands two cycles after their address, as operand_store.v; a word of the stage
//   buffer in the next cycle.
// Resources: a block RAM for each lane of both, one for the exponents.
`default_nettype none
module serial_operands #(
    parameter K = 2,
    parameter ADDRESS_BITS = 9,             // of an element
    parameter STAGE_BITS = 3,               // of a word of the stage buffer
    parameter LANE_BITS = $clog2(K),
    parameter WORD_BITS = ADDRESS_BITS - LANE_BITS
) (
    input  wire                    clk_i,
    input  wire                    write_i,
    input  wire                    to_stage_i,
    input  wire [ADDRESS_BITS-1:0] element_i,
    input  wire [8:0]              mantissa_i,
    input  wire [3:0]              exponent_i,
    input  wire [WORD_BITS-1:0]    read_word_at_i,
    output wire [8*K-1:0]          word_o,
    output wire [3:0]              exponent_o,
    input  wire [STAGE_BITS-1:0]   stage_at_i,
    output wire [9*K-1:0]          stage_word_o
);
    wire [WORD_BITS-1:0] write_word_at = element_i[ADDRESS_BITS-1:LANE_BITS];

    genvar g;
    generate
        for (g = 0; g < K; g = g + 1) begin : lanes
            wire own = write_i & (element_i[LANE_BITS-1:0] == g[LANE_BITS-1:0]);
            (* no_rw_check *) reg [8:0] stage [0:(1<<STAGE_BITS)-1];
            reg [8:0] staged;

            store #(.WIDTH(8), .DEPTH(1 << WORD_BITS)) mantissas (
                .clk_i(clk_i), .write_i(own & ~to_stage_i), .write_address_i(write_word_at),
                .write_data_i(mantissa_i[7:0]), .read_address_i(read_word_at_i),
                .read_data_o(word_o[8*g +: 8])
            );
            always @(posedge clk_i) begin
                if (own & to_stage_i) stage[write_word_at[STAGE_BITS-1:0]] <= mantissa_i;
                staged <= stage[stage_at_i];
            end
            assign stage_word_o[9*g +: 9] = staged;
        end
    endgenerate

    store #(.WIDTH(4), .DEPTH(1 << (ADDRESS_BITS - 4))) exponents (
        .clk_i(clk_i), .write_i(write_i & ~to_stage_i),
        .write_address_i(element_i[ADDRESS_BITS-1:4]), .write_data_i(exponent_i),
        .read_address_i(read_word_at_i[WORD_BITS-1 -: ADDRESS_BITS-4]),
        .read_data_o(exponent_o)
    );
endmodule
`default_nettype wire
