// SPDX-License-Identifier: Apache-2.0
// A plain model of the ECP5's multiplier, after Lattice's FPGA-TN-02205 (sysDSP): 18 x 18
// bits, each operand signed or not, with a register before and behind it where the
// parameters name a clock.  Of it Millrace uses: one clock (CLK0), clock enable CE0,
// synchronous reset RST0, no cascade and no C operand; a design that asks for more stops.
`default_nettype none
// verilator lint_off UNUSED
// verilator lint_off UNDRIVEN
// verilator lint_off DECLFILENAME
// verilator lint_off WIDTH
module MULT18X18D #(
    parameter REG_INPUTA_CLK = "NONE",
    parameter REG_INPUTA_CE = "CE0",
    parameter REG_INPUTA_RST = "RST0",
    parameter REG_INPUTB_CLK = "NONE",
    parameter REG_INPUTB_CE = "CE0",
    parameter REG_INPUTB_RST = "RST0",
    parameter REG_INPUTC_CLK = "NONE",
    parameter REG_INPUTC_CE = "CE0",
    parameter REG_INPUTC_RST = "RST0",
    parameter REG_PIPELINE_CLK = "NONE",
    parameter REG_PIPELINE_CE = "CE0",
    parameter REG_PIPELINE_RST = "RST0",
    parameter REG_OUTPUT_CLK = "NONE",
    parameter REG_OUTPUT_CE = "CE0",
    parameter REG_OUTPUT_RST = "RST0",
    parameter CLK0_DIV = "ENABLED",
    parameter CLK1_DIV = "ENABLED",
    parameter CLK2_DIV = "ENABLED",
    parameter CLK3_DIV = "ENABLED",
    parameter GSR = "ENABLED",
    parameter SOURCEB_MODE = "B_SHIFT",
    parameter MULT_BYPASS = "DISABLED",
    parameter RESETMODE = "SYNC"
) (
    input  wire
        A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17, B0, B1,
        B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17, C0, C1, C2, C3,
        C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17,
    input  wire SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input  wire CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3, RST0, RST1, RST2, RST3,
    output wire
        P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17, P18,
        P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
    localparam IN_A = REG_INPUTA_CLK != "NONE";
    localparam IN_B = REG_INPUTB_CLK != "NONE";
    localparam MIDDLE = REG_PIPELINE_CLK != "NONE";
    localparam OUT = REG_OUTPUT_CLK != "NONE";

    wire [17:0] a = {
        A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0
    };
    wire [17:0] b = {
        B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0
    };

    // The bit above says whether the operand is signed; it is held with it.
    reg  [18:0] a_held;
    reg  [18:0] b_held;
    reg  [35:0] middle_held;
    reg  [35:0] out_held;

    wire [18:0] a_now = IN_A ? a_held : {SIGNEDA & a[17], a};
    wire [18:0] b_now = IN_B ? b_held : {SIGNEDB & b[17], b};
    wire signed [37:0] whole = $signed(a_now) * $signed(b_now);
    wire [35:0] middle = MIDDLE ? middle_held : whole[35:0];
    assign {
        P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19,
        P18, P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
    } = OUT ? out_held : middle;

    generate
        if (IN_A | IN_B | MIDDLE | OUT) begin : registered
            always @(posedge CLK0)
                if (RST0) begin
                    a_held <= 19'd0;
                    b_held <= 19'd0;
                    middle_held <= 36'd0;
                    out_held <= 36'd0;
                end else if (CE0) begin
                    a_held <= {SIGNEDA & a[17], a};
                    b_held <= {SIGNEDB & b[17], b};
                    middle_held <= whole[35:0];
                    out_held <= middle;
                end
        end
    endgenerate

    initial
        if (MULT_BYPASS != "DISABLED" || (SOURCEA | SOURCEB) === 1'b1) begin
            $display("MULT18X18D: a mode that has no model");
            $finish;
        end
endmodule
`default_nettype wire
