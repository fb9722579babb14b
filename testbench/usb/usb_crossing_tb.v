// SPDX-License-Identifier: Apache-2.0
// usb_crossing.v between two clocks that drift, with pauses at all four ends and a new
// conversation now and then, sometimes in the middle of the last one's beginning.  Each byte
// carries its conversation and its number there: within a conversation they come in order and
// none is lost, and none crosses from one to the next.
`default_nettype none
module usb_crossing_tb;
    parameter USB_PERIOD = 1000;
    parameter PERIOD = 1000;
    parameter SEED = 1;
    parameter BYTES = 20000;

    reg        usb_clk = 1'b0;
    reg        clk = 1'b0;
    reg        usb_rst = 1'b1;
    reg        rst = 1'b1;
    reg        began = 1'b0;
    reg        out_valid = 1'b0;
    reg        in_ready = 1'b0;
    reg        rx_ready = 1'b0;
    reg        tx_valid = 1'b0;
    wire       out_ready, in_valid, rx_valid, tx_ready, configured, restart;
    wire [7:0] in_data, rx_data;
    integer    usb_seed = SEED;
    integer    seed = SEED + 7919;
    integer    conversations = 0;
    integer    received = 0;
    integer    answered = 0;

    // What each end knows: its conversation, and the next byte's number each way.
    reg [2:0]  usb_talk = 3'd0;
    reg [4:0]  out_number = 5'd0, in_number = 5'd0;
    reg [2:0]  talk = 3'd0;
    reg [4:0]  rx_number = 5'd0, tx_number = 5'd0;

    always #(USB_PERIOD / 2 + $unsigned($random(usb_seed)) % (USB_PERIOD / 8)) usb_clk = ~usb_clk;
    always #(PERIOD / 2 + $unsigned($random(seed)) % (PERIOD / 8)) clk = ~clk;

    usb_crossing #(.DEPTH(16)) dut (
        .usb_clk_i(usb_clk), .usb_rst_i(usb_rst), .usb_began_i(began), .usb_configured_i(1'b1),
        .usb_out_valid_i(out_valid), .usb_out_ready_o(out_ready),
        .usb_out_data_i({usb_talk, out_number}), .usb_in_valid_o(in_valid),
        .usb_in_ready_i(in_ready), .usb_in_data_o(in_data), .clk_i(clk), .rst_i(rst),
        .configured_o(configured), .restart_o(restart), .rx_valid_o(rx_valid),
        .rx_ready_i(rx_ready), .rx_data_o(rx_data), .tx_valid_i(tx_valid),
        .tx_ready_o(tx_ready), .tx_data_i({talk, tx_number})
    );

    task fail;
        input [8*32-1:0] what;
        begin
            $display("not ok - usb_crossing, periods %0d and %0d, seed %0d, time %0t: %0s",
                     USB_PERIOD, PERIOD, SEED, $time, what);
            $finish;
        end
    endtask

    initial begin
        #(10 * (USB_PERIOD + PERIOD));
        @(negedge usb_clk) usb_rst = 1'b0;
        @(negedge clk) rst = 1'b0;
    end

    // ---- The device's end.  Its own streams are empty while a conversation begins.
    always @(posedge usb_clk) if (~usb_rst & ~began) begin
        if (out_valid & out_ready) out_number <= out_number + 1'b1;
        if (in_valid & in_ready) begin
            if (in_data != {usb_talk, in_number}) fail("a wrong byte to the host");
            in_number <= in_number + 1'b1;
            answered = answered + 1;
        end
    end
    always @(negedge usb_clk) if (~usb_rst) begin
        began <= ($unsigned($random(usb_seed)) % (began ? 4 : 200) == 0);
        if (began) begin
            usb_talk <= usb_talk + 1'b1;
            out_number <= 5'd0;
            in_number <= 5'd0;
            conversations = conversations + 1;
        end
        out_valid <= ~began & ($unsigned($random(usb_seed)) % 4 != 0);
        in_ready <= ~began & ($unsigned($random(usb_seed)) % 4 != 0);
    end

    // ---- The link's end.  What comes while it has not yet heard of a new one is of no use.
    always @(posedge clk) if (~rst) begin
        if (~restart & rx_valid & rx_ready) begin
            if (talk == usb_talk) begin
                if (rx_data != {talk, rx_number}) fail("a wrong byte from the host");
                received = received + 1;
            end
            rx_number <= rx_number + 1'b1;
        end
        if (~restart & tx_valid & tx_ready) tx_number <= tx_number + 1'b1;
        if (restart) begin
            talk <= usb_talk;
            rx_number <= 5'd0;
            tx_number <= 5'd0;
        end
        if (received >= BYTES) begin
            if (answered < BYTES / 2) fail("hardly a byte to the host");
            else $display("ok - usb_crossing, periods %0d and %0d, seed %0d: %0d bytes, %0d talks",
                          USB_PERIOD, PERIOD, SEED, received + answered, conversations);
            $finish;
        end
    end
    always @(negedge clk) begin
        rx_ready <= ($unsigned($random(seed)) % 4 != 0);
        tx_valid <= ~rst & ~restart & ($unsigned($random(seed)) % 4 != 0);
    end
endmodule
`default_nettype wire
