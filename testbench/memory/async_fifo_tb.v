// SPDX-License-Identifier: Apache-2.0
// The queue between two clocks whose periods drift against each other, with random
// pauses at both ends: words come out in order, none is lost or doubled, in_room_o
// never promises too much, and the queue does fill up.
`default_nettype none
module async_fifo_tb;
    parameter DEPTH = 8;
    parameter IN_PERIOD = 1000;
    parameter OUT_PERIOD = 1000;
    parameter SEED = 1;
    parameter WORDS = 20000;

    reg         in_clk = 1'b0;
    reg         out_clk = 1'b0;
    reg         in_rst = 1'b1;
    reg         out_rst = 1'b1;
    reg         in_valid = 1'b0;
    reg         out_ready = 1'b0;
    reg  [15:0] sent = 16'd0;
    reg  [15:0] wanted = 16'd0;
    wire        in_ready;
    wire        out_valid;
    wire [15:0] out_data;
    wire [$clog2(DEPTH):0] room;
    integer     in_seed = SEED;
    integer     out_seed = SEED + 7919;
    integer     in_eagerness = 4;
    integer     out_eagerness = 4;
    integer     held = 0;
    integer     fullest = 0;
    integer     received = 0;
    reg         moving = 1'b0;
    reg         was_waiting = 1'b0;
    reg  [15:0] shown;

    // The period changes a little at each edge: all phases between the clocks occur.
    always #(IN_PERIOD / 2 + $unsigned($random(in_seed)) % (IN_PERIOD / 8)) in_clk = ~in_clk;
    always #(OUT_PERIOD / 2 + $unsigned($random(out_seed)) % (OUT_PERIOD / 8)) out_clk = ~out_clk;

    async_fifo #(.WIDTH(16), .DEPTH(DEPTH)) dut (
        .in_clk_i(in_clk), .in_rst_i(in_rst), .in_valid_i(in_valid), .in_ready_o(in_ready),
        .in_data_i(sent), .in_room_o(room),
        .out_clk_i(out_clk), .out_rst_i(out_rst), .out_valid_o(out_valid),
        .out_ready_i(out_ready), .out_data_o(out_data)
    );

    task fail;
        input [8*40-1:0] what;
        begin
            $display("not ok - async_fifo of %0d, seed %0d, time %0t: %0s (%0d, wanted %0d)", DEPTH,
                     SEED, $time, what, out_data, wanted);
            $finish;
        end
    endtask

    initial begin
        #(20 * (IN_PERIOD + OUT_PERIOD));
        @(negedge in_clk) in_rst = 1'b0;
        @(negedge out_clk) out_rst = 1'b0;
        moving = 1'b1;
    end

    // A word counts as held from the edge that took it to the edge that gave it out; the
    // two registers at the output hold words that in_room_o does not count.
    always @(posedge in_clk) if (moving) begin
        if (in_valid & in_ready) begin
            held = held + 1;
            sent <= sent + 1'b1;
            if (held > DEPTH + 3) fail("more words than fit");
        end
        if (held > fullest) fullest = held;
        if (held + room > DEPTH + 4) fail("room that is not there");
    end
    always @(negedge in_clk) if (moving) begin
        if ($unsigned($random(in_seed)) % 256 == 0) in_eagerness = $unsigned($random(in_seed)) % 9;
        in_valid <= $unsigned($random(in_seed)) % 8 < in_eagerness;
    end

    always @(posedge out_clk) if (moving) begin
        if (was_waiting & (~out_valid | (out_data !== shown))) fail("a word that did not wait");
        was_waiting = out_valid & ~out_ready;
        shown = out_data;
        if (out_valid & out_ready) begin
            if (out_data !== wanted) fail("a wrong word");
            if (held == 0) fail("a word from an empty queue");
            wanted = wanted + 1'b1;
            held = held - 1;
            received = received + 1;
            if (received == WORDS) begin
                if (fullest < DEPTH) fail("the queue was never full");
                else $display("ok - async_fifo of %0d, periods %0d and %0d, seed %0d: %0d words",
                              DEPTH, IN_PERIOD, OUT_PERIOD, SEED, received);
                $finish;
            end
        end
    end
    always @(negedge out_clk) if (moving) begin
        if ($unsigned($random(out_seed)) % 256 == 0)
            out_eagerness = $unsigned($random(out_seed)) % 9;
        out_ready <= $unsigned($random(out_seed)) % 8 < out_eagerness;
    end
endmodule
`default_nettype wire
