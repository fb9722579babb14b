// SPDX-License-Identifier: Apache-2.0
// Passes whose tape the host sends: link.v with stream_memory.v, and in the reader's place
// something that takes words with pauses. Frames are damaged, lost, repeated, cut short,
// malformed; whatever has come, a pass that is answered with status 0 has read the whole
// tape, and the next pass goes well.
`default_nettype none
module link_stream_tb;
    parameter T = 64;
    parameter SEED = 1;
    localparam COLUMNS = 1;
    localparam VOCAB = 40;
    localparam TOP_K = 2;
    localparam LINES = 9;
    localparam WORDS = LINES * 256 / T;
    localparam SILENCE_BITS = 6;
    localparam TOP = 1, LOGITS = 2;
    localparam [7:0] IDENTIFY = 8'h01, RUN = 8'h03, RESET = 8'h04, STREAM = 8'h07;
    localparam [7:0] BROKEN = 8'd3;

    reg         clk = 1'b0;
    reg         rst = 1'b1;
    reg         restart = 1'b0;
    reg         rx_valid = 1'b0;
    wire        rx_ready;
    reg  [7:0]  rx_data = 8'd0;
    wire        tx_valid;
    reg         tx_ready = 1'b0;
    wire [7:0]  tx_data;
    wire        reset_tape;
    wire        run_start;
    reg         run_busy = 1'b0;
    reg  [1:0]  run_status = 2'd0;
    reg         logit_valid = 1'b0;
    wire        logit_ready;
    wire        run_streams, stream_frame, stream_valid, stream_ready, stream_ends, stream_damage;
    wire        stream_wanted, stream_broken, stream_restart;
    wire        word_valid, mem_ready;
    reg         word_ready = 1'b0;
    wire [T-1:0] tape_word;

    integer seed = SEED;
    integer checks = 0;

    always #1 clk = ~clk;

    // What has no part in this.
    wire load_residual, load_rope, load_position, mem_load_start, mem_load_valid, verify_start;
    wire run_prefill;
    wire [15:0] load_address;
    wire [31:0] load_data;
    wire [23:0] mem_load_line;
    wire [7:0] mem_load_data, stream_data, run_slot, run_count, rank;
    wire [4:0] counter_at;

    link #(
        .COLUMNS(COLUMNS), .TOP_K(TOP_K), .VOCAB(VOCAB), .DIM(4), .HEAD_DIM(2), .MAX_SEQ(64),
        .TAPE_LINES(LINES), .STREAMS(1), .SILENCE_BITS(SILENCE_BITS)
    ) dut (
        .clk_i(clk), .rst_i(rst), .restart_i(restart),
        .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_data_i(rx_data),
        .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data),
        .load_residual_o(load_residual), .load_rope_o(load_rope),
        .load_position_o(load_position), .load_address_o(load_address), .load_data_o(load_data),
        .mem_load_start_o(mem_load_start), .mem_load_line_o(mem_load_line),
        .mem_load_valid_o(mem_load_valid), .mem_load_ready_i(1'b1),
        .mem_load_data_o(mem_load_data), .mem_load_busy_i(1'b0), .mem_fault_i(2'd0),
        .verify_start_o(verify_start), .verify_busy_i(1'b0), .verify_state_i(2'd0),
        .verify_crc_i(32'd0), .reset_tape_o(reset_tape), .run_start_o(run_start),
        .run_prefill_o(run_prefill), .run_slot_o(run_slot), .run_count_o(run_count),
        .run_busy_i(run_busy), .run_status_i(run_status), .counter_at_o(counter_at),
        .counter_byte_i(8'd0), .counters_ready_i(~run_busy),
        .run_streams_o(run_streams), .stream_frame_o(stream_frame),
        .stream_valid_o(stream_valid), .stream_data_o(stream_data), .stream_ready_i(stream_ready),
        .stream_ends_o(stream_ends), .stream_damage_o(stream_damage),
        .stream_wanted_i(stream_wanted), .stream_broken_i(stream_broken),
        .logit_valid_i(logit_valid), .logit_ready_o(logit_ready), .logits_i(18'd5),
        .rank_o(rank), .top_tokens_i(16'd1), .top_logits_i(18'd2)
    );

    stream_memory #(.T(T), .TAPE_LINES(LINES)) stream (
        .clk_i(clk), .rst_i(rst), .start_i(run_start), .host_i(run_streams),
        .memory_i(reset_tape), .restart_o(stream_restart), .frame_i(stream_frame),
        .valid_i(stream_valid), .ready_o(stream_ready), .data_i(stream_data), .ends_i(stream_ends),
        .damage_i(stream_damage), .wanted_o(stream_wanted), .broken_o(stream_broken),
        .mem_valid_i(1'b1), .mem_ready_o(mem_ready), .mem_data_i({T{1'b1}}),
        .word_valid_o(word_valid), .word_ready_i(word_ready), .word_o(tape_word)
    );

    // ---- A pass: it reads the tape, gives a logit for every few words where it can, and ends
    // with its last word, or some words after the stream has broken, as a header of 0 does.
    reg [7:0]  tape [0:32*LINES-1];
    integer    words = 0;
    integer    wrong_words = 0;
    integer    voids = 0;
    integer    rows = 0;
    integer    at;
    reg        same;
    always @(negedge clk) word_ready <= run_busy & (words < WORDS) & ($random(seed) % 4 != 0);
    always @(posedge clk) begin
        if (run_start) begin
            run_busy <= 1'b1;
            run_status <= 2'd0;
            words <= 0;
            wrong_words <= 0;
            voids <= 0;
            rows <= 0;
            logit_valid <= 1'b0;
        end else if (run_busy) begin
            if (word_valid & word_ready) begin
                same = 1'b1;
                for (at = 0; at < T / 8; at = at + 1)
                    same = same & (tape_word[8*at +: 8] === tape[T/8*words + at]);
                if (tape_word === {T{1'b0}}) voids <= voids + 1;
                else words <= words + 1;
                if ((tape_word !== {T{1'b0}}) & ~same) wrong_words <= wrong_words + 1;
            end
            if (logit_valid & logit_ready) rows <= rows + 1;
            logit_valid <= (logit_valid & ~logit_ready)
                           | (~logit_valid & (rows < VOCAB) & (rows * WORDS < words * VOCAB));
            if ((words == WORDS) & (rows == VOCAB)) begin
                run_busy <= 1'b0;
                run_status <= (wrong_words != 0) ? 2'd2 : 2'd0;
            end else if (stream_broken & (voids > 3)) begin
                run_busy <= 1'b0;
                run_status <= 2'd1;
                logit_valid <= 1'b0;
            end
        end
    end

    reg [8*40-1:0] what;
    `include "link_host.vh"

    task begin_pass;
        input [7:0] result;
        begin
            for (n = 0; n < 8; n = n + 1) payload[n] = 8'd0;
            payload[0] = 8'd2;
            payload[1] = result;
            payload[4] = 8'd1;
            send_frame(RUN, 8, 0);
        end
    endtask

    // A STREAM of `lines` lines of the tape from `line` on, with `number` for its line.
    task send_lines;
        input integer line;
        input integer lines;
        input [31:0] number;
        input [31:0] damage;
        begin
            {payload[3], payload[2], payload[1], payload[0]} = number;
            for (n = 0; n < 32 * lines; n = n + 1) payload[4+n] = tape[32*line + n];
            send_more(STREAM, $random(seed), 4 + 32 * lines, damage);
        end
    endtask

    integer line, lines, result;
    task send_tape;
        input integer end_line;
        begin
            for (line = 0; line < end_line; line = line + lines) begin
                lines = 1 + {$random(seed)} % 3;
                if (line + lines > end_line) lines = end_line - line;
                send_lines(line, lines, line, 0);
            end
        end
    endtask

    task expect_pass;
        input [7:0] result;
        input [7:0] status;
        integer length;
        begin
            length = 29 + ((result == TOP) ? 8 * TOP_K : (result == LOGITS) ? 4 * VOCAB : 0);
            expect_frame(8'h83, length, what);
            check(got[length + 5] == status, what);
        end
    endtask

    task good_pass;
        begin
            result = {$random(seed)} % 3;
            begin_pass(result);
            send_tape(LINES);
            expect_pass(result, 0);
            check((words == WORDS) & (wrong_words == 0), what);
        end
    endtask

    task identify;
        begin
            send_frame(IDENTIFY, 0, 0);
            expect_frame(8'h81, 56, what);
            check(got[6 + 42] == 8'd1, "that it streams");
        end
    endtask

    task begin_anew;
        begin
            restart = 1'b1;
            @(negedge clk) restart = 1'b0;
        end
    endtask

    // What stands where a STREAM of the tape's line `from` should; then the pass is over.
    integer fault, from;
    task bad_pass;
        begin
            result = {$random(seed)} % 3;
            from = {$random(seed)} % (LINES - 1);
            begin_pass(result);
            send_tape(from);
            for (n = 0; n < 20; n = n + 1) payload[n] = n;
            case (fault)
                0: begin what = "a damaged frame"; send_lines(from, 1, from, 32'h800); end
                1: begin what = "a lost frame"; send_lines(from + 1, 1, from + 1, 0); end
                2: begin what = "a wrong line"; send_lines(from, 1, from + (1 << 24), 0); end
                3: begin
                    what = "a repeated frame";
                    send_lines(from, 1, from, 0);
                    send_lines(from, 1, from, 0);
                end
                // What follows a refused head must not look like a frame.
                4: begin what = "a frame without lines"; send_more(STREAM, 0, 4, 0); end
                5: begin what = "half a line"; send_more(STREAM, 0, 20, 0); end
                6: begin what = "another request"; send_more(RESET, 7, 0, 0); end
                default: begin
                    what = "half a frame";
                    cut = {$random(seed)} % 60;
                    send_lines(from, 2, from, 0);
                    cut = 32'h7FFFFFFF;
                end
            endcase
            if (fault == 6) begin
                while (run_busy) @(negedge clk);
                n = 0;
                while (tx_valid | (n < 20)) @(negedge clk) n = tx_valid ? 0 : n + 1;
                check((got[got_bytes-10] == 8'hA7) & (got[got_bytes-9] == 8'h84)
                      & (got[got_bytes-8] == 8'd7), what);
                got_bytes = got_bytes - 10;
            end
            expect_pass(result, BROKEN);
            check(words < WORDS, what);
            begin_anew;
        end
    endtask

    // The host begins anew in the middle of a tape: the pass ends, and is not answered.
    task test_restart;
        begin
            what = "a new conversation";
            begin_pass({$random(seed)} % 3);
            send_tape({$random(seed)} % LINES);
            cut = {$random(seed)} % 40;
            if ($random(seed) & 1) send_lines(line, 1, line, 0);
            cut = 32'h7FFFFFFF;
            begin_anew;
            got_bytes = 0;
            while (run_busy) @(negedge clk);
            repeat (200) @(negedge clk);
            check(got_bytes == 0, what);
        end
    endtask

    // Anything at all, in the middle of a pass or outside of one; the pass may go on or not.
    task babble;
        begin
            what = "what is left by babble";
            if ($random(seed) & 1) begin_pass({$random(seed)} % 3);
            repeat (1 + {$random(seed)} % 6)
                case ({$random(seed)} % 6)
                    0: send_tape({$random(seed)} % LINES);
                    1: begin
                        for (n = 0; n < 200; n = n + 1) payload[n] = $random(seed);
                        send_more(STREAM, 0, {$random(seed)} % 200, $random(seed) & 1);
                    end
                    2: repeat ({$random(seed)} % 50) send($random(seed));
                    3: repeat ({$random(seed)} % 8) send(8'hA7);
                    4: begin
                        cut = {$random(seed)} % 60;
                        send_lines(0, 2, {$random(seed)} % 2, 0);
                        cut = 32'h7FFFFFFF;
                    end
                    default: send_more($random(seed), 0, {$random(seed)} % 12, 0);
                endcase
            begin_anew;
            while (run_busy) @(negedge clk);
            repeat (700) @(negedge clk);
        end
    endtask

    integer i;
    initial begin
        for (i = 0; i < 32 * LINES; i = i + 1) tape[i] = 1 + {$random(seed)} % 255;
        repeat (2) @(negedge clk);
        rst = 1'b0;
        what = "a pass";
        repeat (10) good_pass;
        what = "a STREAM outside of a pass";
        for (i = 0; i < 5; i = i + 1) begin
            send_lines(i, 1, i, 0);
            identify;
        end
        for (i = 0; i < 80; i = i + 1) begin
            fault = i % 8;
            bad_pass;
            what = "a pass after that";
            identify;
            good_pass;
        end
        for (i = 0; i < 20; i = i + 1) begin
            test_restart;
            good_pass;
        end
        for (i = 0; i < 60; i = i + 1) begin
            babble;
            good_pass;
        end
        what = "the memory's turn";
        check(~mem_ready, what);
        send_frame(RESET, 0, 0);
        expect_frame(8'h84, 0, what);
        word_ready = 1'b1;
        #0 check(word_valid & mem_ready & (tape_word === {T{1'b1}}), what);
        $display("ok - link with a tape from the host, %0d bits, seed %0d: %0d checks", T, SEED,
                 checks);
        $finish;
    end

    initial begin
        #4000000;
        $display("not ok - link with a tape from the host, %0d bits, seed %0d: no end after %0s",
                 T, SEED, what);
        $finish;
    end
endmodule
`default_nettype wire
