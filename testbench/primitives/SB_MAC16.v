// SPDX-License-Identifier: Apache-2.0
// A plain model of the iCE40's SB_MAC16 as rtl/primitive/multiplier.v uses it: one 16 x 16
// multiplier with registers before it and behind it, nothing added, held or reset (Lattice,
// iCE40 Technology Library, "SB_MAC16"). Any other use stops the simulation.
`default_nettype none
// verilator lint_off UNUSED
module SB_MAC16 #(
    parameter [0:0] A_REG = 1'b0,
    parameter [0:0] B_REG = 1'b0,
    parameter [0:0] PIPELINE_16x16_MULT_REG2 = 1'b0,
    parameter [1:0] TOPOUTPUT_SELECT = 2'b00,
    parameter [1:0] BOTOUTPUT_SELECT = 2'b00,
    parameter [0:0] MODE_8x8 = 1'b0,
    parameter [0:0] A_SIGNED = 1'b0,
    parameter [0:0] B_SIGNED = 1'b0
) (
    input  wire        CLK,
    input  wire        CE,
    input  wire [15:0] A, B, C, D,
    input  wire        AHOLD, BHOLD, CHOLD, DHOLD,
    input  wire        IRSTTOP, IRSTBOT, ORSTTOP, ORSTBOT,
    input  wire        OLOADTOP, OLOADBOT, ADDSUBTOP, ADDSUBBOT, OHOLDTOP, OHOLDBOT,
    input  wire        CI, ACCUMCI, SIGNEXTIN,
    output wire [31:0] O
);
    wire as_used = A_REG & B_REG & PIPELINE_16x16_MULT_REG2 & ~MODE_8x8
                   & (&TOPOUTPUT_SELECT) & (&BOTOUTPUT_SELECT);
    wire unused = AHOLD | BHOLD | IRSTTOP | IRSTBOT | ~CE;

    reg signed [31:0] a;
    reg signed [31:0] b;
    reg signed [31:0] product;
    assign O = product;

    always @(posedge CLK) begin
        a <= {{16{A_SIGNED & A[15]}}, A};
        b <= {{16{B_SIGNED & B[15]}}, B};
        product <= a * b;
        if (~as_used | unused) begin
            $display("SB_MAC16: no model of this use");
            $stop;
        end
    end
endmodule
// verilator lint_on UNUSED
`default_nettype wire
