// SPDX-License-Identifier: Apache-2.0
// The ECP5's PLL (EHXPLLL) with three clocks: the memory's, which closes the loop, the
// same one shifted for the memory's pin, and the core's.
//
// Rates: oscillator / INPUT x FEEDBACK is the memory's; times MEMORY it is the VCO's,
//   400 to 800 MHz; 1/CORE of that is the core's.  millgen computes them
//   (gen/fit/pll.c).  PHASE is the shift in eighths of the VCO's period.
// Phase scan: a falling phase_step_i moves the shifted clock by one such eighth, later
//   where phase_later_i is high (Lattice TN1263, dynamic phase adjustment).
// Simulation: testbench/primitives/EHXPLLL.v.
`default_nettype none
module ecp5_pll #(
    parameter INPUT = 1,
    parameter FEEDBACK = 4,
    parameter MEMORY = 6,
    parameter CORE = 12,
    parameter PHASE = 0
) (
    input  wire clk_i,
    input  wire phase_step_i,
    input  wire phase_later_i,
    output wire memory_clk_o,
    output wire shifted_clk_o,
    output wire core_clk_o,
    output wire locked_o
);
    // A divider's phase is stated from its own last cycle on.
    localparam SHIFTED_WHOLE = MEMORY - 1 + PHASE / 8;
    localparam SHIFTED_EIGHTHS = PHASE % 8;

    EHXPLLL #(
        .CLKI_DIV(INPUT), .CLKFB_DIV(FEEDBACK), .FEEDBK_PATH("CLKOP"),
        .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(MEMORY), .CLKOP_CPHASE(MEMORY - 1), .CLKOP_FPHASE(0),
        .CLKOS_ENABLE("ENABLED"), .CLKOS_DIV(MEMORY), .CLKOS_CPHASE(SHIFTED_WHOLE),
        .CLKOS_FPHASE(SHIFTED_EIGHTHS),
        .CLKOS2_ENABLE("ENABLED"), .CLKOS2_DIV(CORE), .CLKOS2_CPHASE(CORE - 1), .CLKOS2_FPHASE(0),
        .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"),
        .DPHASE_SOURCE("ENABLED"), .STDBY_ENABLE("DISABLED"), .PLLRST_ENA("DISABLED"),
        .INTFB_WAKE("DISABLED")
    ) pll (
        .CLKI(clk_i), .CLKFB(memory_clk_o), .CLKOP(memory_clk_o), .CLKOS(shifted_clk_o),
        .CLKOS2(core_clk_o), .LOCK(locked_o),
        .PHASESEL1(1'b0), .PHASESEL0(1'b0), .PHASEDIR(~phase_later_i), .PHASESTEP(phase_step_i),
        .PHASELOADREG(1'b0), .STDBY(1'b0), .PLLWAKESYNC(1'b0), .RST(1'b0),
        .ENCLKOP(1'b1), .ENCLKOS(1'b1), .ENCLKOS2(1'b1), .ENCLKOS3(1'b0)
    );
endmodule
`default_nettype wire
