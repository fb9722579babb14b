// SPDX-License-Identifier: Apache-2.0
// The phase scan before a memory whose test passes in some windows: it has to end in the
// middle of the widest, also where that lies across the end of the turn, and to fail
// where there is none.
`default_nettype none
module phase_scan_tb;
    parameter STEPS = 48;
    parameter FIRST = 10;           // the widest window: its first phase and its phases
    parameter COUNT = 13;
    parameter SEED = 1;

    reg         clk = 1'b0;
    reg         rst = 1'b1;
    reg         phase_done = 1'b0;
    reg         test_done = 1'b0;
    wire        step;
    wire        direction;
    wire        restart;
    wire        run;
    wire        done;
    wire        failed;
    wire [$clog2(STEPS+1)-1:0] window;
    integer     phase = 0;
    integer     left = 0;
    integer     seed = SEED;
    integer     wanted;
    integer     cycle;
    wire        inside = ((phase - FIRST + STEPS) % STEPS < COUNT)
                         // A narrow one on the other side.
                         | ((COUNT > 4) & ((phase - FIRST + STEPS) % STEPS == COUNT + 3));

    always #1 clk = ~clk;

    phase_scan #(.STEPS(STEPS), .SETTLE(5)) dut (
        .clk_i(clk), .rst_i(rst), .phase_step_o(step), .phase_direction_o(direction),
        .phase_done_i(phase_done), .restart_o(restart), .run_o(run), .test_done_i(test_done),
        .test_failed_i(test_done & ~inside), .done_o(done), .failed_o(failed), .window_o(window)
    );

    initial begin
        repeat (4) @(negedge clk);
        rst = 1'b0;
        for (cycle = 0; (cycle < 100000) & ~done; cycle = cycle + 1) @(negedge clk);
        wanted = (FIRST + COUNT - 1 - COUNT / 2) % STEPS;
        if (~done) $display("not ok - phase_scan, seed %0d: no end", SEED);
        else if ((COUNT == 0) & failed) $display("ok - phase_scan fails without a window");
        else if (failed | (phase != wanted) | (window != COUNT))
            $display("not ok - phase_scan, seed %0d: phase %0d, wanted %0d, window %0d of %0d",
                     SEED, phase, wanted, window, COUNT);
        else $display("ok - phase_scan: window of %0d from %0d, ends at %0d", COUNT, FIRST, phase);
        $finish;
    end

    // The PLL and the test take some cycles each.
    always @(negedge clk) begin
        if (step & ~phase_done & ($unsigned($random(seed)) % 4 == 0)) begin
            phase_done <= 1'b1;
            phase = (phase + (direction ? STEPS - 1 : 1)) % STEPS;
        end else if (~step) phase_done <= 1'b0;
        if (~run | restart) begin
            test_done <= 1'b0;
            left = 3 + $unsigned($random(seed)) % 8;
        end else if (left > 0) left = left - 1;
        else test_done <= 1'b1;
    end
endmodule
`default_nettype wire
