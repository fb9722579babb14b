// SPDX-License-Identifier: Apache-2.0
// What a serial column remembers of a Mamba model from token to token, in two SPRAMs side by
// side, and the pointer that goes through it.
//
// Load: load_i sets the pointer; take_i and write_i move it on by one word.
// Timing: word_o is the pointer's word two cycles after it moved.  write_i writes data_i, and
//   word_o does not change in that cycle.
// Resources: two SPRAMs, 14 registers.
`default_nettype none
module serial_state #(
    parameter FAMILY = "generic"
) (
    input  wire        clk_i,
    input  wire        load_i,
    input  wire [13:0] load_at_i,
    input  wire        take_i,
    input  wire        write_i,
    input  wire [31:0] data_i,
    output wire [31:0] word_o
);
    reg [13:0] at;

    always @(posedge clk_i)
        if (load_i) at <= load_at_i;
        else if (take_i | write_i) at <= at + 1'b1;

    genvar g;
    generate
        for (g = 0; g < 2; g = g + 1) begin : halves
            spram_block #(.FAMILY(FAMILY)) ram (
                .clk_i(clk_i), .enable_i(1'b1), .write_i(write_i), .address_i(at),
                .data_i(data_i[16*g +: 16]), .data_o(word_o[16*g +: 16])
            );
        end
    endgenerate
endmodule
`default_nettype wire
