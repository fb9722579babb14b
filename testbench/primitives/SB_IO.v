// SPDX-License-Identifier: Apache-2.0
// A plain model of the iCE40's SB_IO as fpga/ uses it: a registered output, inverted or not,
// an output at both edges, and a registered or plain input (Lattice, iCE40 Technology
// Library, "SB_IO"). Any other PIN_TYPE is an error.
`default_nettype none
// verilator lint_off UNUSED
module SB_IO #(
    parameter [5:0] PIN_TYPE = 6'b000000,
    parameter [0:0] PULLUP = 1'b0,
    parameter [0:0] NEG_TRIGGER = 1'b0,
    parameter       IO_STANDARD = "SB_LVCMOS"
) (
    inout  wire PACKAGE_PIN,
    input  wire LATCH_INPUT_VALUE,
    input  wire CLOCK_ENABLE,
    input  wire INPUT_CLK,
    input  wire OUTPUT_CLK,
    input  wire OUTPUT_ENABLE,
    input  wire D_OUT_0,
    input  wire D_OUT_1,
    output wire D_IN_0,
    output wire D_IN_1
);
    localparam [3:0] BOTH_EDGES = 4'b0100, REGISTERED = 4'b0101, INVERTED = 4'b0111,
                     ENABLED = 4'b1101;
    localparam [3:0] OUTPUT = PIN_TYPE[5:2];
    localparam [1:0] REGISTERED_INPUT = 2'b00, PLAIN_INPUT = 2'b01;

    reg rising = 1'b0;
    reg falling = 1'b0;
    reg enabled = 1'b0;
    reg taken = 1'b0;

    always @(posedge OUTPUT_CLK) begin
        rising <= D_OUT_0;
        enabled <= OUTPUT_ENABLE;
    end
    always @(negedge OUTPUT_CLK) falling <= D_OUT_1;
    always @(posedge INPUT_CLK) taken <= PACKAGE_PIN;

    assign D_IN_0 = (PIN_TYPE[1:0] == REGISTERED_INPUT) ? taken : PACKAGE_PIN;
    assign D_IN_1 = 1'b0;
    generate
        case (OUTPUT)
            BOTH_EDGES: assign PACKAGE_PIN = OUTPUT_CLK ? rising : falling;
            REGISTERED: assign PACKAGE_PIN = rising;
            INVERTED: assign PACKAGE_PIN = ~rising;
            ENABLED: assign PACKAGE_PIN = enabled ? rising : 1'bz;
            default: initial $display("SB_IO: no model of PIN_TYPE %b", PIN_TYPE);
        endcase
        if (PIN_TYPE[1:0] != REGISTERED_INPUT && PIN_TYPE[1:0] != PLAIN_INPUT)
            initial $display("SB_IO: no model of PIN_TYPE %b", PIN_TYPE);
    endgenerate
endmodule
// verilator lint_on UNUSED
`default_nettype wire
