// SPDX-License-Identifier: Apache-2.0
// A reset for one clock: asserted as soon as good_i falls, ended 2 to 3 cycles and a
// count of 31 after it has risen, at an edge of the clock.
// Resources: 7 registers.
`default_nettype none
module reset_generator (
    input  wire clk_i,
    input  wire good_i,             // of no clock: a PLL's lock
    output wire rst_o
);
    reg [1:0] good = 2'b00;
    reg [5:0] count = 6'd0;

    assign rst_o = ~count[5];

    always @(posedge clk_i or negedge good_i)
        if (~good_i) good <= 2'b00;
        else good <= {good[0], 1'b1};

    always @(posedge clk_i)
        if (~good[1]) count <= 6'd0;
        else if (~count[5]) count <= count + 1'b1;
endmodule
`default_nettype wire
