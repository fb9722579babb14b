// SPDX-License-Identifier: Apache-2.0
// Products of 18 bits of three multipliers of 16, against plain ones.
`default_nettype none
module wide_multiplier_tb;
    parameter SEED = 1;
    parameter BITS = 16;

    reg                clk = 1'b0;
    reg  signed [17:0] a = 18'd0;
    reg  signed [17:0] b = 18'd0;
    wire signed [35:0] product;
    reg  signed [35:0] wanted;
    integer seed = SEED;
    integer n;
    integer failed = 0;

    always #1 clk = ~clk;
    wide_multiplier #(.BITS(BITS)) dut (.clk_i(clk), .a_i(a), .b_i(b), .product_o(product));

    // Extremes, and what is near them, as often as anything else.
    function [17:0] operand;
        input integer from;
        case ($random(seed) & 3)
            0: operand = 18'h20000 + from % 3;
            1: operand = 18'h1FFFF - from % 3;
            2: operand = from % 5;
            default: operand = from;
        endcase
    endfunction

    initial begin
        for (n = 0; n < 20000; n = n + 1) begin
            a = operand($random(seed));
            b = operand($random(seed));
            wanted = a * b;
            repeat (2) @(negedge clk);
            if (product !== wanted) begin
                $display("not ok - wide multiplier, seed %0d: %0d x %0d is not %0d", SEED, a, b,
                         product);
                failed = 1;
            end
        end
        if (!failed) $display("ok - wide multiplier of %0d bits, seed %0d", BITS, SEED);
        $finish;
    end
endmodule
`default_nettype wire
