// SPDX-License-Identifier: Apache-2.0
// The counters of random passes against plain ones.
`default_nettype none
module pass_counters_tb;
    parameter SEED = 1;
    parameter T = 64;

    reg         clk = 1'b0;
    reg         start = 1'b0;
    reg         busy = 1'b0;
    reg         op_taken = 1'b0;
    reg  [5:0]  event_bits = 6'd0;
    reg  [4:0]  at = 5'd0;
    wire [7:0]  counter_byte;
    wire        ready;

    integer seed = SEED;
    integer pass;
    integer cycles;
    integer since_op;
    integer n;
    integer failed = 0;
    reg [31:0] wanted [0:5];
    reg        matrix;

    always #1 clk = ~clk;

    pass_counters #(.T(T)) dut (
        .clk_i(clk), .start_i(start), .busy_i(busy), .op_taken_i(op_taken),
        .payload_taken_i(event_bits[0]), .matrix_start_i(event_bits[1]),
        .cmd_ready_i(event_bits[2]), .beat_valid_i(event_bits[3]),
        .beat_ready_i(event_bits[4]), .kv_read_i(event_bits[5]), .at_i(at),
        .byte_o(counter_byte), .ready_o(ready)
    );

    wire beat = event_bits[3] & event_bits[4];
    always @(posedge clk) begin
        matrix <= ~start & (event_bits[1] | matrix & ~event_bits[2]);
        if (start) for (n = 0; n < 6; n = n + 1) wanted[n] <= 32'd0;
        else if (busy) begin
            wanted[0] <= wanted[0] + 1;
            wanted[1] <= wanted[1] + (op_taken ? 256 / T : event_bits[0] ? 1 : 0);
            wanted[2] <= wanted[2] + {31'd0, beat | event_bits[5]};
            wanted[3] <= wanted[3] + {31'd0, matrix};
            wanted[4] <= wanted[4] + {31'd0, beat};
            wanted[5] <= wanted[5] + {31'd0, matrix & event_bits[4] & ~event_bits[3]};
        end
    end

    task run;
        begin
            start = 1'b1;
            @(negedge clk) start = 1'b0;
            busy = 1'b1;
            since_op = 0;
            for (n = 0; n < cycles; n = n + 1) begin
                event_bits = $random(seed);
                if (pass % 3 == 0) event_bits = event_bits | 6'h39;
                // A header has all its words before it is taken.
                since_op = since_op + 1;
                op_taken = (since_op > 256 / T) & ($random(seed) % 4 == 0);
                if (op_taken) since_op = 0;
                @(negedge clk);
            end
            busy = 1'b0;
            op_taken = 1'b0;
            while (~ready) @(negedge clk);
        end
    endtask

    initial begin
        @(negedge clk);
        for (pass = 0; pass < 40; pass = pass + 1) begin
            cycles = (pass == 7) ? 70000 : {$random(seed)} % 200;
            run;
            for (cycles = 0; cycles < 24; cycles = cycles + 1) begin
                at = cycles;
                @(negedge clk);
                if (counter_byte !== wanted[at / 4][8 * (at % 4) +: 8]) begin
                    $display("not ok - pass counters, T %0d, seed %0d: pass %0d, counter %0d is not %0d",
                             T, SEED, pass, at / 4, wanted[at / 4]);
                    failed = 1;
                end
            end
        end
        if (!failed) $display("ok - pass counters, T %0d, seed %0d", T, SEED);
        $finish;
    end
endmodule
`default_nettype wire
