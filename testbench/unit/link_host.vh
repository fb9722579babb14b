// SPDX-License-Identifier: Apache-2.0
// The host's end of a link, for the benches that include it: bytes out with pauses, bytes in
// with pauses.  They have clk, seed, COLUMNS and SEED, checks, and the link's byte stream.
    reg [7:0]  payload [0:1023];
    reg [7:0]  got [0:255];
    reg [31:0] got_length;
    integer    got_bytes = 0;
    always @(negedge clk) tx_ready <= $random(seed);
    always @(posedge clk)
        if (tx_valid & tx_ready) begin
            got[got_bytes] <= tx_data;
            got_bytes <= got_bytes + 1;
        end

    // The checksum, one bit at a time.
    function [31:0] crc_step;
        input [31:0] crc;
        input [7:0] data;
        integer i;
        begin
            crc_step = crc ^ {24'd0, data};
            for (i = 0; i < 8; i = i + 1)
                crc_step = crc_step[0] ? (crc_step >> 1) ^ 32'hEDB88320 : crc_step >> 1;
        end
    endfunction

    task send;
        input [7:0] data;
        begin
            while ($random(seed) & 1) @(negedge clk);
            rx_valid = 1'b1;
            rx_data = data;
            @(posedge clk);
            while (~rx_ready) @(posedge clk);
            @(negedge clk) rx_valid = 1'b0;
        end
    endtask

    reg [31:0] crc;
    reg [7:0]  tag;
    integer n;
    integer cut = 32'h7FFFFFFF;         // bytes of payload after which a frame stops
    task send_frame;
        input [7:0] kind;
        input [31:0] length;
        input [31:0] damage;
        begin
            got_bytes = 0;
            tag = $random(seed);
            send_more(kind, tag, length, damage);
        end
    endtask

    // A frame while the answer to another is still awaited.
    task send_more;
        input [7:0] kind;
        input [7:0] tag;
        input [31:0] length;
        input [31:0] damage;
        begin
            send(8'hA7);
            send(kind);
            send(tag);
            crc = crc_step(crc_step(32'hFFFFFFFF, kind), tag);
            for (n = 0; n < 3; n = n + 1) begin
                send(length[8*n +: 8]);
                crc = crc_step(crc, length[8*n +: 8]);
            end
            for (n = 0; (n < length) & (n < cut); n = n + 1) begin
                send(payload[n]);
                crc = crc_step(crc, payload[n]);
            end
            crc = ~crc ^ damage;
            for (n = 0; (n < 4) & (length < cut); n = n + 1) send(crc[8*n +: 8]);
        end
    endtask

    task check;
        input good;
        input [8*40-1:0] what;
        begin
            checks = checks + 1;
            if (good !== 1'b1) begin
                $display("not ok - link, %0d columns, seed %0d: %0s", COLUMNS, SEED, what);
                $finish;
            end
        end
    endtask

    // The frame that comes next has this type and length and is whole.
    task expect_frame;
        input [7:0] kind;
        input [31:0] length;
        input [8*40-1:0] what;
        begin
            n = 0;
            while ((got_bytes < length + 10) & (n < 5000)) @(negedge clk) n = n + 1;
            repeat (20) @(negedge clk);
            check((got_bytes == length + 10) & (got[0] == 8'hA7) & (got[1] == kind), what);
            check(got[2] == tag, "the tag of an answer");
            got_length = {8'd0, got[5], got[4], got[3]};
            check(got_length == length, "the length of an answer");
            crc = 32'hFFFFFFFF;
            for (n = 1; n < length + 6; n = n + 1) crc = crc_step(crc, got[n]);
            check(~crc == {got[length+9], got[length+8], got[length+7], got[length+6]},
                  "the checksum of an answer");
        end
    endtask

    // What followed a head that was refused, its checksum at least, may have looked like a
    // frame's beginning: a silence ends that.
    task expect_error;
        input [7:0] code;
        input [8*40-1:0] what;
        begin
            expect_frame(8'hEE, 1, what);
            check(got[6] == code, what);
            repeat ((1 << SILENCE_BITS) + 4) @(negedge clk);
        end
    endtask

    function [31:0] word;
        input integer at;
        word = {got[at+9], got[at+8], got[at+7], got[at+6]};
    endfunction
