// SPDX-License-Identifier: Apache-2.0
// The iCE40's PLL (SB_PLL40_PAD) on the pin of the oscillator.
//
// Rate: clk_i / (DIVR + 1) x (DIVF + 1) is the VCO's, 533 to 1066 MHz; 1 / 2^DIVQ of
//   that is the core's (Lattice TN1251, FEEDBACK_PATH SIMPLE).  millgen computes them
//   (gen/fit/pll.c).
// Simulation: testbench/primitives/SB_PLL40_PAD.v.
`default_nettype none
module ice40_pll #(
    parameter [3:0] DIVR = 4'd0,
    parameter [6:0] DIVF = 7'd63,
    parameter [2:0] DIVQ = 3'd5,
    parameter [2:0] FILTER = 3'd1
) (
    input  wire clk_i,
    output wire core_clk_o,
    output wire locked_o
);
    SB_PLL40_PAD #(
        .FEEDBACK_PATH("SIMPLE"), .DIVR(DIVR), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(FILTER)
    ) pll (
        .PACKAGEPIN(clk_i), .PLLOUTGLOBAL(core_clk_o), .LOCK(locked_o), .RESETB(1'b1),
        .BYPASS(1'b0)
    );
endmodule
`default_nettype wire
