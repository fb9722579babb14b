// SPDX-License-Identifier: Apache-2.0
// The sampler against a search for the best of what is left, over random logits
// with many equal ones, with pauses and padding rows.
`default_nettype none
module sampler_tb;
    parameter TOP_K = 5;
    parameter VOCAB = 37;
    parameter SPACED = 0;           // no logit follows another at once
    parameter SEED = 1;

    reg         clk = 1'b0;
    reg         clear = 1'b0;
    reg         valid = 1'b0;
    reg  [15:0] row = 16'd0;
    reg  [17:0] logit = 18'd0;
    reg  [7:0]  rank = 8'd0;
    wire [15:0] token;
    wire [17:0] value;

    reg signed [17:0] logits [0:VOCAB-1];
    reg [VOCAB-1:0]   left;
    integer seed = SEED;
    integer round;
    integer spread;
    integer i;
    integer best;

    always #1 clk = ~clk;

    sampler #(.TOP_K(TOP_K), .VOCAB(VOCAB), .SPACED(SPACED)) dut (
        .clk_i(clk), .clear_i(clear), .valid_i(valid), .row_i(row), .logit_i(logit),
        .rank_i(rank), .token_o(token), .value_o(value)
    );

    task send_rows;
        begin
            @(negedge clk) clear = 1'b1;
            @(negedge clk) clear = 1'b0;
            // One row more than there are tokens: the padding of an odd vocabulary.
            for (i = 0; i <= VOCAB; i = i + 1) begin
                while ($random(seed) & 1) @(negedge clk) valid = 1'b0;
                logit = (i == VOCAB) ? 18'h1FFFF : $random(seed) % spread;
                if (i < VOCAB) logits[i] = logit;
                row = i;
                valid = 1'b1;
                @(negedge clk) valid = 1'b0;
                logit = ~logit;
                if (SPACED != 0) @(negedge clk);
            end
            repeat (2) @(negedge clk);
        end
    endtask

    initial begin
        for (round = 0; round < 200; round = round + 1) begin
            spread = (round & 1) ? 4 : 131071;
            send_rows;
            left = {VOCAB{1'b1}};
            for (rank = 0; rank < TOP_K; rank = rank + 1) begin
                best = -1;
                for (i = 0; i < VOCAB; i = i + 1)
                    if (left[i])
                        if (best < 0) best = i;
                        else if (logits[i] > logits[best]) best = i;
                left[best] = 1'b0;
                #0;
                if ((token !== best) | (value !== logits[best])) begin
                    $display("not ok - sampler, seed %0d, round %0d, rank %0d: token %0d, not %0d",
                             SEED, round, rank, token, best);
                    $finish;
                end
            end
        end
        $display("ok - sampler of %0d in %0d, seed %0d", TOP_K, VOCAB, SEED);
        $finish;
    end
endmodule
`default_nettype wire
