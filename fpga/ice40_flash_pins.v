// SPDX-License-Identifier: Apache-2.0
// The pins of flash_memory in an iCE40: registers in the pins both ways, and the flash's
// clock by the pin's DDR cell.
//
// Timing: outputs show at the pins a cycle after flash_*_i; flash_clk rises in the middle of
//   that cycle, so what is sent is set up half a cycle before and held as long, and falls at
//   its end, where what the flash shows is taken: it has had a cycle since the fall before.
// Resources: six pins and a register.
// Simulation: testbench/primitives/SB_IO.v.
`default_nettype none
module ice40_flash_pins (
    input  wire       clk_i,
    input  wire       flash_cs_n_i,
    input  wire       flash_sck_i,
    input  wire [3:0] flash_io_i,
    input  wire [3:0] flash_io_enable_i,
    output wire [3:0] flash_io_o,

    output wire       flash_cs_n,
    output wire       flash_clk,
    inout  wire [3:0] flash_io
);
    // SB_IO's PIN_TYPE: how the output is driven, then how the input is taken.
    localparam [5:0] REGISTERED_INVERTED = 6'b0111_01;
    localparam [5:0] BOTH_EDGES = 6'b0100_01;
    localparam [5:0] ALL_REGISTERED = 6'b1101_00;

    // The DDR cell takes D_OUT_1 in the middle of the cycle in which the others wait for its
    // end.
    reg sck;
    always @(posedge clk_i) sck <= flash_sck_i;

    // The cell's register begins at 0: inverted, the flash is not selected.
    SB_IO #(.PIN_TYPE(REGISTERED_INVERTED)) select (
        .PACKAGE_PIN(flash_cs_n), .OUTPUT_CLK(clk_i), .D_OUT_0(~flash_cs_n_i)
    );
    SB_IO #(.PIN_TYPE(BOTH_EDGES)) clock (
        .PACKAGE_PIN(flash_clk), .OUTPUT_CLK(clk_i), .D_OUT_0(1'b0), .D_OUT_1(sck)
    );
    genvar i;
    generate
        for (i = 0; i < 4; i = i + 1) begin : lines
            SB_IO #(.PIN_TYPE(ALL_REGISTERED)) data (
                .PACKAGE_PIN(flash_io[i]), .INPUT_CLK(clk_i), .OUTPUT_CLK(clk_i),
                .OUTPUT_ENABLE(flash_io_enable_i[i]), .D_OUT_0(flash_io_i[i]),
                .D_IN_0(flash_io_o[i])
            );
        end
    endgenerate
endmodule
`default_nettype wire
