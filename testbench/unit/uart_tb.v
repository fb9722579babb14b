// SPDX-License-Identifier: Apache-2.0
// Transmitter to receiver, whose bit is a clock longer or shorter than the sender's:
// random bytes with random pauses arrive in order.  A receiver that is not asked keeps
// the newest byte; a short low pulse and a missing stop bit bring none.
`default_nettype none
module uart_tb;
    parameter SEED = 1;
    parameter DIVIDER = 16;
    parameter SKEW = 0;             // the receiver's divider less the sender's
    localparam COUNT = 200;

    reg clk = 1'b0;
    reg rst = 1'b1;
    always #5 clk = ~clk;

    integer    seed = SEED;
    reg        send_valid = 1'b0;
    wire       send_ready;
    reg  [7:0] send_data = 8'd0;
    wire       sent_line;
    reg        forced = 1'b0;       // the bench drives the line
    reg        forced_line = 1'b1;
    wire       got_valid;
    reg        got_ready = 1'b1;
    wire [7:0] got_data;
    reg  [7:0] expected [0:COUNT-1];
    integer    sent = 0, got = 0, wrong = 0, i;

    uart_transmitter #(.DIVIDER(DIVIDER)) transmitter (
        .clk_i(clk), .rst_i(rst), .valid_i(send_valid), .ready_o(send_ready), .data_i(send_data),
        .tx_o(sent_line)
    );
    uart_receiver #(.DIVIDER(DIVIDER + SKEW)) receiver (
        .clk_i(clk), .rst_i(rst), .rx_i(forced ? forced_line : sent_line), .valid_o(got_valid),
        .ready_i(got_ready), .data_o(got_data)
    );

    always @(posedge clk)
        if (got_valid & got_ready) begin
            if (got >= COUNT || got_data !== expected[got]) begin
                wrong = wrong + 1;
                $display("# byte %0d is %h, seed %0d", got, got_data, SEED);
            end
            got = got + 1;
        end

    task send(input [7:0] value);
        begin
            send_valid <= 1'b1;
            send_data <= value;
            @(posedge clk);
            while (~send_ready) @(posedge clk);
            send_valid <= 1'b0;
        end
    endtask

    // A byte of ten bits as the bench puts it on the line.
    task drive(input [9:0] bits);
        begin
            forced = 1'b1;
            for (i = 0; i < 10; i = i + 1) begin
                forced_line = bits[i];
                repeat (DIVIDER + SKEW) @(posedge clk);
            end
            forced_line = 1'b1;
            repeat (DIVIDER) @(posedge clk);
            forced = 1'b0;
        end
    endtask

    task settle;
        repeat (14 * DIVIDER) @(posedge clk);
    endtask

    initial begin
        repeat (4) @(posedge clk);
        rst <= 1'b0;
        while (sent < COUNT) begin
            expected[sent] = $random(seed);
            send(expected[sent]);
            sent = sent + 1;
            if ($random(seed) & 1) repeat ($random(seed) & 63) @(posedge clk);
        end
        settle;
        if (got == COUNT && wrong == 0) $display("ok - uart, %0d clocks a bit, skew %0d", DIVIDER, SKEW);
        else $display("not ok - uart: %0d of %0d bytes, %0d wrong, seed %0d", got, COUNT, wrong, SEED);

        drive({1'b0, 8'h5A, 1'b0});
        forced = 1'b1;
        forced_line = 1'b0;
        repeat (DIVIDER / 2 - 2) @(posedge clk);
        forced_line = 1'b1;
        settle;
        forced = 1'b0;
        if (got == COUNT) $display("ok - uart: no byte without its stop bit, none of a short pulse");
        else $display("not ok - uart: %0d bytes out of noise", got - COUNT);

        got_ready <= 1'b0;
        send(8'h11);
        send(8'h22);
        settle;
        if (got_valid === 1'b1 && got_data === 8'h22) $display("ok - uart: keeps the newest byte");
        else $display("not ok - uart: holds %b %h", got_valid, got_data);
        $finish;
    end
endmodule
`default_nettype wire
