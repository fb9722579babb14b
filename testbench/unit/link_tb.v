// SPDX-License-Identifier: Apache-2.0
// The link as a host sees it: every request, every refusal, and that a good frame
// is understood after whatever came before it.
`default_nettype none
module link_tb;
    parameter COLUMNS = 3;
    parameter SEED = 1;
    localparam VOCAB = 5;
    localparam TOP_K = 2;
    localparam DIM = 4;
    localparam HEAD_DIM = 2;
    localparam COLUMN_BYTES = 8 + 2 * (HEAD_DIM + DIM);

    reg         clk = 1'b0;
    reg         rst = 1'b1;
    reg         rx_valid = 1'b0;
    wire        rx_ready;
    reg  [7:0]  rx_data = 8'd0;
    wire        tx_valid;
    reg         tx_ready = 1'b0;
    wire [7:0]  tx_data;
    wire [COLUMNS-1:0] load_residual;
    wire [COLUMNS-1:0] load_rope;
    wire [COLUMNS-1:0] load_position;
    wire [15:0] load_address;
    wire [31:0] load_data;
    wire        reset_tape;
    wire        run_start;
    wire        run_prefill;
    wire [7:0]  run_slot;
    wire [7:0]  run_count;
    reg         run_busy = 1'b0;
    reg  [1:0]  run_status = 2'd0;
    reg         logit_valid = 1'b0;
    wire        logit_ready;
    reg  [15:0] logit_row = 16'd0;
    wire [7:0]  rank;
    wire [COLUMNS*18-1:0] logits;
    wire [COLUMNS*16-1:0] top_tokens;
    wire [COLUMNS*18-1:0] top_logits;

    integer seed = SEED;
    integer checks = 0;

    always #1 clk = ~clk;

    link #(
        .COLUMNS(COLUMNS), .TOP_K(TOP_K), .VOCAB(VOCAB), .DIM(DIM), .HEAD_DIM(HEAD_DIM),
        .MAX_SEQ(64), .EMBED_SHIFT(3), .TAPE_CRC(32'h12345678)
    ) dut (
        .clk_i(clk), .rst_i(rst),
        .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_data_i(rx_data),
        .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data),
        .load_residual_o(load_residual), .load_rope_o(load_rope),
        .load_position_o(load_position), .load_address_o(load_address),
        .load_data_o(load_data), .reset_tape_o(reset_tape),
        .run_start_o(run_start), .run_prefill_o(run_prefill), .run_slot_o(run_slot),
        .run_count_o(run_count), .run_busy_i(run_busy), .run_status_i(run_status),
        .counters_i({32'd6, 32'd5, 32'd4, 32'd3, 32'd2, 32'd1}),
        .logit_valid_i(logit_valid), .logit_ready_o(logit_ready), .logit_row_i(logit_row),
        .logits_i(logits), .rank_o(rank), .top_tokens_i(top_tokens), .top_logits_i(top_logits)
    );

    // A pass that gives each row, a row of padding too, or fails after `rows_given`.
    integer rows_given = VOCAB + 1;
    reg [1:0] outcome = 2'd0;
    genvar g;
    generate
        for (g = 0; g < COLUMNS; g = g + 1) begin : columns
            assign logits[18*g +: 18] = -18'd1000 * (g + 1) + {2'd0, logit_row};
            assign top_tokens[16*g +: 16] = 100 * g + rank;
            assign top_logits[18*g +: 18] = -18'd7 * g - {10'd0, rank};
        end
    endgenerate
    always @(posedge clk) begin
        if (run_start) begin
            run_busy <= 1'b1;
            run_status <= 2'd0;
            logit_row <= 16'd0;
        end else if (run_busy) begin
            if (logit_valid & logit_ready) logit_row <= logit_row + 1'b1;
            logit_valid <= ~(logit_valid & logit_ready) & (logit_row < rows_given)
                           & ($random(seed) % 4 == 0) | logit_valid & ~logit_ready;
            if ((logit_row == rows_given) & ~logit_valid) begin
                run_busy <= 1'b0;
                run_status <= outcome;
            end
        end
    end

    // What was loaded, by column and element; and how often.
    reg [31:0] residual [0:COLUMNS*DIM-1];
    reg [31:0] rope [0:COLUMNS*HEAD_DIM-1];
    reg [31:0] position [0:COLUMNS-1];
    integer loads = 0;
    integer resets = 0;
    integer c;
    always @(posedge clk) begin
        if (reset_tape) resets <= resets + 1;
        for (c = 0; c < COLUMNS; c = c + 1) begin
            if (load_residual[c]) residual[c * DIM + load_address] <= load_data;
            if (load_rope[c]) rope[c * HEAD_DIM + load_address] <= load_data;
            if (load_position[c]) position[c] <= load_data;
        end
        if (|{load_residual, load_rope, load_position}) loads = loads + 1;
    end

    // ---- The host's end: bytes out with pauses, bytes in with pauses.
    reg [7:0]  payload [0:255];
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
    integer n;
    task send_frame;
        input [7:0] kind;
        input [31:0] length;
        input [31:0] damage;
        begin
            got_bytes = 0;
            send(8'hA7);
            send(kind);
            crc = crc_step(32'hFFFFFFFF, kind);
            for (n = 0; n < 4; n = n + 1) begin
                send(length[8*n +: 8]);
                crc = crc_step(crc, length[8*n +: 8]);
            end
            for (n = 0; n < length; n = n + 1) begin
                send(payload[n]);
                crc = crc_step(crc, payload[n]);
            end
            crc = ~crc ^ damage;
            for (n = 0; n < 4; n = n + 1) send(crc[8*n +: 8]);
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
            got_length = {got[5], got[4], got[3], got[2]};
            check(got_length == length, "the length of an answer");
            crc = 32'hFFFFFFFF;
            for (n = 1; n < length + 6; n = n + 1) crc = crc_step(crc, got[n]);
            check(~crc == {got[length+9], got[length+8], got[length+7], got[length+6]},
                  "the checksum of an answer");
        end
    endtask

    task expect_error;
        input [7:0] code;
        input [8*40-1:0] what;
        begin
            expect_frame(8'hEE, 1, what);
            check(got[6] == code, what);
        end
    endtask

    function [31:0] word;
        input integer at;
        word = {got[at+9], got[at+8], got[at+7], got[at+6]};
    endfunction

    task identify;
        begin
            send_frame(8'h01, 0, 0);
            expect_frame(8'h81, 32, "IDENTIFY");
            check((word(0) == {16'd0 + COLUMNS[15:0], 16'd1}) & (word(8) == VOCAB)
                  & (word(20) == 32'h12345678) & (word(24) == DIM), "what IDENTIFY says");
        end
    endtask

    task load_column;
        input integer number;
        input integer at;
        begin
            for (n = 0; n < COLUMN_BYTES; n = n + 1) payload[n] = $random(seed);
            {payload[1], payload[0]} = number;
            {payload[7], payload[6], payload[5], payload[4]} = at;
            loads = 0;
            send_frame(8'h02, COLUMN_BYTES, 0);
        end
    endtask

    task run_pass;
        input [7:0] mode;
        input [7:0] result;
        input [15:0] slot;
        input [15:0] count;
        begin
            payload[0] = mode;
            payload[1] = result;
            {payload[3], payload[2]} = slot;
            {payload[5], payload[4]} = count;
            {payload[7], payload[6]} = 16'd0;
            send_frame(8'h03, 8, 0);
        end
    endtask

    integer i;
    integer j;
    integer count;
    reg signed [31:0] wanted;

    task test_refusals;
        begin
            identify;
            for (i = 0; i < 20; i = i + 1) send(8'h55);
            identify;
            send_frame(8'h01, 0, 32'h00010000);
            expect_error(1, "a damaged checksum");
            identify;
            payload[0] = 8'd0;
            send_frame(8'h77, 0, 0);
            expect_error(2, "an unknown type");
            identify;
            send_frame(8'h01, 1, 0);
            expect_error(3, "a wrong length");
            identify;
        end
    endtask

    task test_columns;
        begin
            for (i = 0; i < COLUMNS; i = i + 1) begin
                load_column(i, 50 + i);
                expect_frame(8'h82, 0, "COLUMN");
                check(position[i] == 50 + i, "a position");
                check(loads == 1 + DIM + HEAD_DIM, "the number of loads");
                for (j = 0; j < HEAD_DIM; j = j + 1)
                    check(rope[i*HEAD_DIM+j][15:0] == {payload[9+2*j], payload[8+2*j]}, "RoPE");
                for (j = 0; j < DIM; j = j + 1) begin
                    n = 8 + 2 * (HEAD_DIM + j);
                    wanted = {{16{payload[n+1][7]}}, payload[n+1], payload[n]} << 3;
                    check(residual[i*DIM+j] == wanted, "an embedding");
                end
            end
            load_column(COLUMNS, 0);
            expect_error(4, "a column that is not there");
            check(loads == 0, "no loads for it");
            load_column(0, 64);
            expect_error(4, "a position that is not there");
            check(loads == 0, "no loads there");
        end
    endtask

    task expect_tail;
        input integer at;
        input [7:0] status;
        begin
            for (i = 0; i < 6; i = i + 1) check(word(at + 4 * i) == i + 1, "a counter");
            check(got[at + 30] == status, "the status");
        end
    endtask

    task test_runs;
        begin
            for (count = 1; count <= COLUMNS; count = count + 1) begin
                outcome = 2'd0;
                rows_given = VOCAB + 1;
                run_pass(0, 0, 0, count);
                expect_frame(8'h83, 29, "RUN without results");
                check(word(0) == {count[15:0], 16'h0000}, "its head");
                expect_tail(4, 0);
                run_pass(1, 1, COLUMNS - 1, count);
                expect_frame(8'h83, 29 + 8 * TOP_K * count, "RUN with candidates");
                check(run_prefill & (run_slot == COLUMNS - 1) & (run_count == count), "its fields");
                for (i = 0; i < TOP_K * count; i = i + 1) begin
                    wanted = -7 * (i / TOP_K) - i % TOP_K;
                    check(word(4 + 8 * i) == 100 * (i / TOP_K) + i % TOP_K, "a token");
                    check(word(8 + 8 * i) == wanted, "its logit");
                end
                expect_tail(4 + 8 * TOP_K * count, 0);
                run_pass(0, 2, 0, count);
                expect_frame(8'h83, 29 + 4 * VOCAB * count, "RUN with logits");
                for (i = 0; i < VOCAB * count; i = i + 1) begin
                    wanted = -1000 * (i % count + 1) + i / count;
                    check(word(4 + 4 * i) == wanted, "a logit");
                end
                expect_tail(4 + 4 * VOCAB * count, 0);
                outcome = 2'd1;
                rows_given = 2;
                run_pass(0, 2, 0, count);
                expect_frame(8'h83, 29 + 4 * VOCAB * count, "RUN that fails");
                expect_tail(4 + 4 * VOCAB * count, 1);
            end
            run_pass(2, 0, 0, 1);
            expect_error(4, "a mode that is not there");
            run_pass(0, 3, 0, 1);
            expect_error(4, "a result that is not there");
            run_pass(0, 0, COLUMNS, 1);
            expect_error(4, "a slot that is not there");
            run_pass(0, 0, 0, 0);
            expect_error(4, "a pass of no columns");
            run_pass(0, 0, 0, COLUMNS + 1);
            expect_error(4, "a pass of too many columns");
        end
    endtask

    initial begin
        repeat (2) @(negedge clk);
        rst = 1'b0;
        test_refusals;
        test_columns;
        test_runs;
        send_frame(8'h04, 0, 0);
        expect_frame(8'h84, 0, "RESET");
        check(resets == 1, "the tape's restart");
        identify;
        $display("ok - link of %0d columns, seed %0d: %0d checks", COLUMNS, SEED, checks);
        $finish;
    end

    initial begin
        #2000000;
        $display("not ok - link, %0d columns, seed %0d: no end", COLUMNS, SEED);
        $finish;
    end
endmodule
`default_nettype wire
