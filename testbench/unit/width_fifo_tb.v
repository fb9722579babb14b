// SPDX-License-Identifier: Apache-2.0
// The queue between widths with random pauses at both ends: the bytes of the words come
// out in order, none is lost or doubled.
`default_nettype none
module width_fifo_tb;
    parameter IN = 32;
    parameter OUT = 8;
    parameter DEPTH = 8;
    parameter SEED = 1;
    localparam IN_BYTES = IN / 8;
    localparam OUT_BYTES = OUT / 8;
    localparam WIDE_BYTES = (IN > OUT ? IN : OUT) / 8;

    reg            clk = 1'b0;
    reg            rst = 1'b1;
    reg            in_valid = 1'b0;
    reg            out_ready = 1'b0;
    reg  [IN-1:0]  in_data;
    wire           in_ready;
    wire           out_valid;
    wire [OUT-1:0] out_data;
    reg  [7:0]     next = 8'd0;
    reg  [7:0]     wanted = 8'd0;
    integer        seed = SEED;
    integer        cycle;
    integer        i;
    integer        eagerness = 1;
    integer        held = 0;    // bytes
    integer        fullest = 0;
    reg            failed = 1'b0;

    always #1 clk = ~clk;

    width_fifo #(.IN(IN), .OUT(OUT), .DEPTH(DEPTH)) dut (
        .clk_i(clk), .rst_i(rst), .in_valid_i(in_valid), .in_ready_o(in_ready),
        .in_data_i(in_data), .out_valid_o(out_valid), .out_ready_i(out_ready),
        .out_data_o(out_data)
    );

    task fail;
        input [8*40-1:0] what;
        begin
            if (!failed)
                $display("not ok - width_fifo %0d to %0d, seed %0d, cycle %0d: %0s", IN, OUT, SEED,
                         cycle, what);
            failed = 1'b1;
        end
    endtask

    initial begin
        repeat (2) @(negedge clk);
        rst = 1'b0;
        for (cycle = 0; cycle < 20000 && !failed; cycle = cycle + 1) begin
            if (cycle % 500 == 0) eagerness = 1 + $unsigned($random(seed)) % 7;
            in_valid = $unsigned($random(seed)) % 8 < eagerness;
            out_ready = $unsigned($random(seed)) % 8 < 8 - eagerness;
            for (i = 0; i < IN_BYTES; i = i + 1) in_data[8*i +: 8] = next + i;
            #0;
            if (out_valid && held < OUT_BYTES) fail("a word from an empty queue");
            if (!in_ready && held < DEPTH * WIDE_BYTES) fail("no room in an empty queue");
            if (out_valid)
                for (i = 0; i < OUT_BYTES; i = i + 1)
                    if (out_data[8*i +: 8] !== ((wanted + i) & 8'hff)) fail("a wrong byte");
            if (out_valid && out_ready) begin
                wanted = wanted + OUT_BYTES;
                held = held - OUT_BYTES;
            end
            if (in_valid && in_ready) begin
                next = next + IN_BYTES;
                held = held + IN_BYTES;
            end
            if (held > fullest) fullest = held;
            @(negedge clk);
        end
        if (!failed && fullest < DEPTH * WIDE_BYTES) fail("it was never full");
        if (!failed) $display("ok - width_fifo, %0d to %0d bits, %0d words", IN, OUT, DEPTH);
        $finish;
    end
endmodule
`default_nettype wire
