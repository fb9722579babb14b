// SPDX-License-Identifier: Apache-2.0
// Weights through weight_stage and dot_product, against plain sums: all pairs of
// 4-bit weights with all operands, all products that one multiplier makes alone,
// and random blocks, at their limits and within.
`default_nettype none
module packing_tb;
    parameter SEED = 1;
    parameter BITS = 18;
    parameter K = 4;

    localparam OFFSET = BITS == 18 ? 13 : 11;

    reg clk = 0, rst = 1, start = 0, valid = 0, paired = 1;
    reg [16*K-1:0] weights = 0;
    reg [8*K-1:0] operands = 0;
    wire [BITS*K-1:0] factors;
    wire [15:0] scales;
    wire ends, mark;
    wire signed [15:0] low, high;
    // A key has nine bits and comes from the cache, not from the tape.
    reg is_key = 0;
    reg [9*K-1:0] keys = 0;
    wire [BITS*K-1:0] multiplied;

    weight_stage #(.BITS(BITS), .K(K), .R(2)) stage (
        .clk_i(clk), .start_i(start), .weight_bits_i(paired ? 4'd4 : 4'd8),
        .weights_i(weights), .scales_i(16'd0), .factors_o(factors), .scales_o(scales)
    );

    genvar g;
    generate
        for (g = 0; g < K; g = g + 1) begin : lanes
            assign multiplied[BITS*g +: BITS] =
                is_key ? {{BITS-9{keys[9*g+8]}}, keys[9*g +: 9]} : factors[BITS*g +: BITS];
        end
    endgenerate

    dot_product #(.BITS(BITS), .K(K)) products (
        .clk_i(clk), .rst_i(rst), .valid_i(valid), .first_i(1'b1), .last_i(1'b1), .mark_i(1'b0),
        .operands_i(operands), .weights_i(multiplied), .ends_o(ends), .mark_o(mark),
        .low_o(low), .high_o(high)
    );

    // What is under way: a vector takes a cycle, its sums come some cycles later.
    localparam DEPTH = 16;
    reg signed [31:0] expected_low [0:DEPTH-1];
    reg signed [31:0] expected_high [0:DEPTH-1];
    integer sent = 0, received = 0, failures = 0;
    integer seed, i, a, w0, w1;
    integer sum_0, sum_1;
    reg signed [31:0] single;
    reg sums_here = 0;
    reg finished = 0;

    always #1 clk = ~clk;

    always @(posedge clk) sums_here <= ends;

    always @(negedge clk)
        if (sums_here & ~finished) begin
            single = low + high * (1 << OFFSET);
            if (paired ? (low !== expected_low[received % DEPTH]) |
                         (high !== expected_high[received % DEPTH])
                       : single !== expected_low[received % DEPTH]) begin
                if (failures < 5)
                    $display("vector %0d: low %0d high %0d, not %0d and %0d", received, low, high,
                             expected_low[received % DEPTH], expected_high[received % DEPTH]);
                failures = failures + 1;
            end
            received = received + 1;
        end

    // Lane i's operand and weights, and their products to the sums.
    task put;
        input integer lane, operand, first, second;
        begin
            operands[8*lane +: 8] = operand;
            weights[16*lane +: 16] = {second[7:0], first[7:0]};
            keys[9*lane +: 9] = first;
            sum_0 = sum_0 + operand * first;
            sum_1 = sum_1 + operand * second;
        end
    endtask

    // The weights first, for as long as weight_stage takes: operands hold still.
    task send;
        begin
            expected_low[sent % DEPTH] = sum_0;
            expected_high[sent % DEPTH] = sum_1;
            sent = sent + 1;
            repeat (is_key ? 1 : 3) @(negedge clk);
            valid = 1;
            @(negedge clk) valid = 0;
            sum_0 = 0;
            sum_1 = 0;
        end
    endtask

    task begin_tensor;
        input is_paired, of_keys;
        begin
            repeat (DEPTH) @(negedge clk);
            paired = is_paired;
            is_key = of_keys;
            start = 1;
            @(negedge clk) start = 0;
        end
    endtask

    function integer between;
        input integer from, to;
        between = from + $unsigned($random(seed)) % (to - from + 1);
    endfunction

    // All pairs of weights with all operands, K operands at a time.
    task all_pairs;
        for (w0 = -8; w0 < 8; w0 = w0 + 1)
            for (w1 = -8; w1 < 8; w1 = w1 + 1)
                for (a = -127; a <= 127; a = a + K) begin
                    for (i = 0; i < K; i = i + 1)
                        put(i, a + i > 127 ? 127 : a + i, w0, w1);
                    send;
                end
    endtask

    // All single weights from `from` to `to` with all operands.
    task all_single;
        input integer from, to;
        for (w0 = from; w0 <= to; w0 = w0 + 1)
            for (a = -127; a <= 127; a = a + K) begin
                for (i = 0; i < K; i = i + 1)
                    put(i, a + i > 127 ? 127 : a + i, w0, 0);
                send;
            end
    endtask

    // Every lane its own; at their limits in one vector of two.
    task random_vectors;
        input integer from, to, limit;
        repeat (4000) begin
            a = between(0, 1);
            w0 = between(0, 1) ? from : to;
            w1 = between(0, 1) ? limit : -limit;
            for (i = 0; i < K; i = i + 1)
                if (a == 1) put(i, w1, w0, paired ? (between(0, 3) ? w0 : to) : 0);
                else put(i, between(-limit, limit), between(from, to), paired ? between(from, to) : 0);
            send;
        end
    endtask

    initial begin
        seed = SEED;
        sum_0 = 0;
        sum_1 = 0;
        repeat (4) @(negedge clk);
        rst = 0;
        begin_tensor(1, 0);
        all_pairs;
        random_vectors(-8, 7, 127);
        begin_tensor(0, 0);
        all_single(-128, 127);
        random_vectors(-128, 127, 127);
        begin_tensor(0, 1);
        all_single(-255, 255);
        random_vectors(-255, 255, 127);
        repeat (DEPTH) @(negedge clk);
        finished = 1;
        if (failures != 0 | received != sent)
            $display("not ok - packing: %0d bits, %0d lanes, seed %0d: %0d of %0d vectors wrong, %0d came",
                     BITS, K, SEED, failures, sent, received);
        else
            $display("ok - packing: %0d bits, %0d lanes, seed %0d: %0d vectors", BITS, K, SEED, sent);
        $finish;
    end
endmodule
`default_nettype wire
