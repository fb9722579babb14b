// SPDX-License-Identifier: Apache-2.0
// The FIFO with random pauses at both ends: words come out in order, none is
// lost or doubled, a flush leaves nothing, and a full queue takes no more.
`default_nettype none
module fifo_tb;
    parameter DEPTH = 8;
    parameter SEED = 1;

    reg         clk = 1'b0;
    reg         rst = 1'b1;
    reg         flush = 1'b0;
    reg         in_valid = 1'b0;
    reg         out_ready = 1'b0;
    reg  [15:0] sent = 16'd0;
    reg  [15:0] wanted = 16'd0;
    wire        in_ready;
    wire        out_valid;
    wire [15:0] out_data;
    integer     seed = SEED;
    integer     cycle;
    integer     eagerness = 1;
    integer     held = 0;
    integer     fullest = 0;

    always #1 clk = ~clk;

    fifo #(.WIDTH(16), .DEPTH(DEPTH)) dut (
        .clk_i(clk), .rst_i(rst), .flush_i(flush),
        .in_valid_i(in_valid), .in_ready_o(in_ready), .in_data_i(sent),
        .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(out_data)
    );

    task fail;
        input [8*40-1:0] what;
        begin
            $display("not ok - fifo, seed %0d, cycle %0d: %0s (%0d, wanted %0d)", SEED, cycle,
                     what, out_data, wanted);
            $finish;
        end
    endtask

    initial begin
        repeat (2) @(negedge clk);
        rst = 1'b0;
        for (cycle = 0; cycle < 20000; cycle = cycle + 1) begin
            // Now the one end is the faster, now the other.
            if (cycle % 500 == 0) eagerness = 1 + $unsigned($random(seed)) % 7;
            in_valid = $unsigned($random(seed)) % 8 < eagerness;
            out_ready = $unsigned($random(seed)) % 8 < 8 - eagerness;
            flush = $unsigned($random(seed)) % 1000 == 0;
            #0;
            if (flush) begin
                if (in_valid & in_ready) sent = sent + 1'b1;
                wanted = sent;
                held = 0;
            end else begin
                if (out_valid & (out_data !== wanted)) fail("a wrong word");
                if (out_valid & (held == 0)) fail("a word from an empty queue");
                if (out_valid & out_ready) begin
                    wanted = wanted + 1'b1;
                    held = held - 1;
                end
                if (in_valid & in_ready) held = held + 1;
                if (held > fullest) fullest = held;
                if (~in_ready & (held < DEPTH)) fail("no room, and not full");
            end
            @(posedge clk);
            if (~flush & in_valid & in_ready) begin
                @(negedge clk);
                sent = sent + 1'b1;
            end else @(negedge clk);
        end
        if (fullest < DEPTH) fail("the queue was never full");
        else $display("ok - fifo of %0d, seed %0d: %0d words", DEPTH, SEED, sent);
        $finish;
    end
endmodule
`default_nettype wire
