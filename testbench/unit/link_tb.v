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
    localparam IDENTITY = 56;
    localparam SILENCE_BITS = 6;
    localparam MEMORY = 1024;           // bytes

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
    reg         restart = 1'b0;
    wire        mem_load_start;
    wire [23:0] mem_load_line;
    wire        mem_load_valid;
    reg         mem_load_ready = 1'b0;
    wire [7:0]  mem_load_data;
    reg         mem_load_busy = 1'b0;
    reg  [1:0]  mem_fault = 2'd0;
    wire        verify_start;
    reg         verify_busy = 1'b0;
    reg  [1:0]  verify_state = 2'd1;
    reg         logit_valid = 1'b0;
    wire        logit_ready;
    wire [4:0]  counter_at;
    reg  [7:0]  counter_byte;
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
        .MAX_SEQ(64), .EMBED_SHIFT(3), .TAPE_LINES(77), .MEMORY_LINES(MEMORY / 32),
        .FINGERPRINT(32'hCAFE0123), .BOARD(96'h636261), .SILENCE_BITS(SILENCE_BITS)
    ) dut (
        .clk_i(clk), .rst_i(rst),
        .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_data_i(rx_data),
        .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data),
        .load_residual_o(load_residual), .load_rope_o(load_rope),
        .load_position_o(load_position), .load_address_o(load_address),
        .restart_i(restart), .mem_load_start_o(mem_load_start), .mem_load_line_o(mem_load_line),
        .mem_load_valid_o(mem_load_valid), .mem_load_ready_i(mem_load_ready),
        .mem_load_data_o(mem_load_data), .mem_load_busy_i(mem_load_busy),
        .mem_fault_i(mem_fault), .verify_start_o(verify_start), .verify_busy_i(verify_busy),
        .verify_state_i(verify_state), .verify_crc_i(32'h12345678),
        .load_data_o(load_data), .reset_tape_o(reset_tape),
        .run_start_o(run_start), .run_prefill_o(run_prefill), .run_slot_o(run_slot),
        .run_count_o(run_count), .run_busy_i(run_busy), .run_status_i(run_status),
        .counter_at_o(counter_at), .counter_byte_i(counter_byte),
        .counters_ready_i(~run_busy),
        .stream_ready_i(1'b0), .stream_wanted_i(1'b0), .stream_broken_i(1'b0),
        .logit_valid_i(logit_valid), .logit_ready_o(logit_ready),
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

    // The pass's answer begins while it runs.
    reg answered_early = 1'b0;
    always @(posedge clk)
        answered_early <= ~run_start & (answered_early | (run_busy & tx_valid & tx_ready));

    // Counter n is n + 1.
    always @(posedge clk)
        counter_byte <= (counter_at[1:0] == 2'd0) ? {5'd0, counter_at[4:2]} + 8'd1 : 8'd0;

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

    // A memory that is slow to take bytes, and then busy for a while with the last ones.
    reg [7:0]  memory [0:MEMORY-1];
    integer    mem_at = 0;
    integer    mem_taken = 0;
    integer    mem_starts = 0;
    always @(negedge clk) begin
        mem_load_ready <= $random(seed);
        if (~mem_load_valid) mem_load_busy <= mem_load_busy & ($random(seed) % 8 != 0);
    end
    always @(posedge clk) begin
        if (mem_load_start) begin
            if (mem_taken % 32 != 0) $display("not ok - link: part of a line, %0d bytes", mem_taken);
            mem_at <= 32 * mem_load_line;
            mem_starts <= mem_starts + 1;
            mem_taken <= 0;
        end else if (mem_load_valid & mem_load_ready) begin
            memory[mem_at] <= mem_load_data;
            mem_at <= mem_at + 1;
            mem_taken <= mem_taken + 1;
            mem_load_busy <= 1'b1;
        end
    end
    always @(posedge clk)
        if (verify_start) begin
            if (~reset_tape) $display("not ok - link: verifies what was prefetched");
            verify_busy <= 1'b1;
        end else if (verify_busy) verify_busy <= ($random(seed) % 16 != 0);

    `include "link_host.vh"

    task expect_identity;
        input [7:0] kind;
        input [8*40-1:0] what;
        begin
            expect_frame(kind, IDENTITY, what);
            check((word(0) == {16'd0 + COLUMNS[15:0], 16'd2}) & (word(8) == VOCAB)
                  & (word(16) == 77) & (word(24) == DIM) & (word(32) == MEMORY / 32)
                  & (word(36) == 32'hCAFE0123) & (word(44) == 32'h00636261), what);
            check(word(40) == {22'd0, verify_state, 6'd0, mem_fault}, "the memory's state");
            check(word(20) == ((verify_state == 2'd1) ? 32'h12345678 : 32'd0), "the tape's CRC");
        end
    endtask

    task identify;
        begin
            send_frame(8'h01, 0, 0);
            expect_identity(8'h81, "IDENTIFY");
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
                check(answered_early, "no head while the pass runs");
                check(word(0) == {count[15:0], 16'h0000}, "its head");
                expect_tail(4, 0);
                run_pass(1, 1, COLUMNS - 1, count);
                expect_frame(8'h83, 29 + 8 * TOP_K * count, "RUN with candidates");
                check(answered_early, "no head while candidates are sought");
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
            for (n = 0; n < 36; n = n + 1) payload[n] = 8'd0;
            send_frame(8'h07, 36, 0);
            expect_error(2, "a STREAM that is not known");
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

    task load;
        input integer line;
        input integer lines;
        input [31:0] damage;
        begin
            // What is refused at its head is no payload, so its bytes must not look like a frame.
            for (n = 0; n < 4 + 32 * lines; n = n + 1)
                payload[n] = (mem_fault != 2'd0) ? n[7:0] : $random(seed);
            {payload[3], payload[2], payload[1], payload[0]} = line;
            mem_starts = 0;
            send_frame(8'h05, 4 + 32 * lines, damage);
        end
    endtask

    task test_loading;
        begin
            for (i = 1; i < 4; i = i + 1) begin
                load(7 * i, i, 0);
                expect_frame(8'h85, 0, "LOAD");
                check((mem_starts == 1) & (mem_taken == 32 * i) & ~mem_load_busy, "its bytes");
                for (j = 0; j < 32 * i; j = j + 1)
                    check(memory[32 * 7 * i + j] == payload[4 + j], "a byte of memory");
            end
            load(1, 2, 32'h40);
            expect_error(1, "a damaged LOAD");
            send_frame(8'h05, 4, 0);
            expect_error(3, "a LOAD of nothing");
            send_frame(8'h05, 4 + 31, 0);
            expect_error(3, "a LOAD of part of a line");
            identify;
            mem_fault = 2'd2;
            load(0, 1, 0);
            expect_error(5, "a LOAD without a memory");
            send_frame(8'h06, 0, 0);
            expect_error(5, "a VERIFY without a memory");
            identify;
            mem_fault = 2'd0;
            for (i = 3; i >= 0; i = i - 1) begin
                verify_state = i;
                send_frame(8'h06, 0, 0);
                expect_identity(8'h86, "VERIFY");
            end
            run_pass(0, 0, 0, 1);
            expect_error(6, "a pass without a tape");
            verify_state = 2'd1;
        end
    endtask

    // Half a frame is forgotten, after a silence or where the host begins anew, and what was
    // loaded of it ends with its line.
    task test_half_frames;
        begin
            for (cut = 0; cut < 100; cut = cut + 1 + {$random(seed)} % 2) begin
                load(2, 3, 0);
                i = cut;
                cut = 32'h7FFFFFFF;
                if ($random(seed) & 1) begin
                    restart = 1'b1;
                    @(negedge clk) restart = 1'b0;
                end else repeat ((1 << SILENCE_BITS) + 4) @(negedge clk);
                repeat (200) @(negedge clk);
                check(got_bytes == 0, "half a frame is not answered");
                identify;
                cut = i;
            end
            cut = 32'h7FFFFFFF;
            load(0, 1, 0);
            expect_frame(8'h85, 0, "LOAD after half ones");
        end
    endtask

    // An answer that the host does not wait for is not sent to the next one.
    task test_restarts;
        begin
            for (i = 0; i < 20; i = i + 1) begin
                outcome = 2'd0;
                rows_given = VOCAB + 1;
                run_pass(0, 2, 0, 1);
                repeat (3 * i) @(negedge clk);
                restart = 1'b1;
                @(negedge clk) restart = 1'b0;
                while (run_busy) @(negedge clk);
                repeat (100) @(negedge clk);
                identify;
            end
        end
    endtask

    initial begin
        repeat (2) @(negedge clk);
        rst = 1'b0;
        test_refusals;
        test_loading;
        test_half_frames;
        test_restarts;
        test_columns;
        test_runs;
        resets = 0;
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
