// SPDX-License-Identifier: Apache-2.0
// What the host may ask: fills the tape's memory, loads columns, runs passes, answers.
// host/protocol.h has the frames; the byte stream has valid and ready both ways.
//
// One frame is dealt with at a time: while an answer is on its way no byte is taken, but for
//   those of the tape that a pass takes from the host.
// restart_i, one cycle or more: the host has begun anew.  Half a frame is forgotten, the rest
//   of an answer goes nowhere, a pass in flight runs to its end.
// Columns: one write a cycle to the columns that load_* select.
// Memory: mem_load_start_o for one cycle with the line to begin at; bytes follow, a multiple of
//   32 whatever befalls the frame.  mem_load_busy_i is high until they are in the memory.
// Verify: reset_tape_o and verify_start_o in one cycle; verify_* say how it went, and are held.
// Run: run_start_o for one cycle; run_count_o, run_slot_o and run_prefill_o hold while the pass
//   runs and is answered.  The answer's head goes at once, which tells the host that the pass
//   has begun; results, counters and status follow when they are there, logits while the pass
//   still runs: logit_ready_o holds the columns back to the speed of the stream.
// Stream: run_streams_o with run_start_o says that the pass's tape comes from the host, for
//   stream_memory.v, whose stream_* these are.  Any other frame in the pass breaks the stream,
//   and waits for the pass's end.
// Latency: two cycles from a frame's last byte to its answer's first.
// Resources: about 290 registers, one CRC step of 8 bits; with STREAMS 330 and two.
`default_nettype none
module link #(
    parameter COLUMNS = 2,
    parameter LANES = 16,
    parameter TOP_K = 8,
    parameter VOCAB = 512,
    parameter MAX_SEQ = 512,
    parameter DIM = 64,
    parameter HEAD_DIM = 8,
    parameter T = 64,
    parameter EMBED_SHIFT = 0,
    parameter [31:0] TAPE_LINES = 32'd0,
    parameter [31:0] MEMORY_LINES = 32'd1024,   // 0: the tape cannot be loaded
    parameter [31:0] FINGERPRINT = 32'd0,
    parameter [95:0] BOARD = 96'd0,             // its name in ASCII, the first letter lowest
    parameter STREAMS = 0,                      // a pass can take its tape from the host
    parameter SILENCE_BITS = 22
) (
    input  wire                  clk_i,
    input  wire                  rst_i,
    // The byte stream
    input  wire                  restart_i,
    input  wire                  rx_valid_i,
    output wire                  rx_ready_o,
    input  wire [7:0]            rx_data_i,
    output wire                  tx_valid_o,
    input  wire                  tx_ready_i,
    output wire [7:0]            tx_data_o,
    // Loading columns
    output wire [COLUMNS-1:0]    load_residual_o,
    output wire [COLUMNS-1:0]    load_rope_o,
    output wire [COLUMNS-1:0]    load_position_o,
    output wire [15:0]           load_address_o,
    output wire [31:0]           load_data_o,
    // Loading the tape
    output reg                   mem_load_start_o,
    output wire [23:0]           mem_load_line_o,
    output wire                  mem_load_valid_o,
    input  wire                  mem_load_ready_i,
    output wire [7:0]            mem_load_data_o,
    input  wire                  mem_load_busy_i,
    input  wire [1:0]            mem_fault_i,
    output reg                   verify_start_o,
    input  wire                  verify_busy_i,
    input  wire [1:0]            verify_state_i,
    input  wire [31:0]           verify_crc_i,
    // Running passes
    output reg                   reset_tape_o,
    output wire                  run_start_o,
    output wire                  run_prefill_o,
    output wire [7:0]            run_slot_o,
    output wire [7:0]            run_count_o,
    input  wire                  run_busy_i,
    input  wire [1:0]            run_status_i,
    output wire [4:0]            counter_at_o,
    input  wire [7:0]            counter_byte_i,
    input  wire                  counters_ready_i,
    // The tape from the host
    output wire                  run_streams_o,
    output wire                  stream_frame_o,
    output wire                  stream_valid_o,
    output wire [7:0]            stream_data_o,
    input  wire                  stream_ready_i,
    output wire                  stream_ends_o,
    output wire                  stream_damage_o,
    input  wire                  stream_wanted_i,
    input  wire                  stream_broken_i,
    // Results
    input  wire                  logit_valid_i,
    output wire                  logit_ready_o,
    input  wire [COLUMNS*18-1:0] logits_i,
    output wire [7:0]            rank_o,
    input  wire [COLUMNS*16-1:0] top_tokens_i,
    input  wire [COLUMNS*18-1:0] top_logits_i
);
    localparam [7:0] IDENTIFY = 8'h01, COLUMN = 8'h02, RUN = 8'h03, RESET = 8'h04, LOAD = 8'h05,
                     VERIFY = 8'h06, STREAM = 8'h07, ANSWER = 8'h80, REFUSAL = 8'hEE;
    localparam [1:0] STATUS_BROKEN = 2'd3;
    localparam [2:0] BAD_CRC = 3'd1, BAD_KIND = 3'd2, BAD_LENGTH = 3'd3, BAD_ARGUMENT = 3'd4,
                     BAD_MEMORY = 3'd5, NO_TAPE = 3'd6;
    localparam [1:0] TOP = 2'd1, LOGITS = 2'd2;
    localparam [15:0] COLUMN_BYTES = 8 + 2 * HEAD_DIM + 2 * DIM;
    localparam [15:0] RUN_BYTES = 16'd8;
    localparam IDENTITY_BYTES = 56;
    localparam [23:0] RUN_ANSWER = 24'd29;      // without results: head, counters, status

    localparam [2:0] LISTEN = 3'd0, SETTLE = 3'd1, PADDING = 3'd2, VERIFYING = 3'd3, BEGIN = 3'd4,
                     ANSWERING = 3'd5, FINISH = 3'd6;
    reg [2:0] state;
    reg       stopped;          // a frame was abandoned in the cycle before

    // A pass, from its beginning to its answer's end; what is received meanwhile is its tape.
    reg       in_pass;
    reg [7:0] pass_tag;

    // ---- Receiving
    wire listening = (state == LISTEN);
    wire        head_there;
    wire        judge;
    wire [7:0]  kind;
    wire [7:0]  tag;
    wire        too_long;
    wire [15:0] left;
    wire        received_valid;
    wire        received_ready;
    wire        payload_valid;
    wire [7:0]  payload;
    wire        received_all;
    wire        frame_ended;
    wire        frame_abandoned;
    wire        receiver_clears;
    wire        receiver_takes;

    // What the kind is, told a cycle after it has come: the length is still to come then.
    reg is_load, is_run, is_column, is_verify, is_reset, is_stream, asks_identity;
    always @(posedge clk_i) begin
        is_load <= (kind == LOAD);
        is_run <= (kind == RUN);
        is_column <= (kind == COLUMN);
        is_verify <= (kind == VERIFY);
        is_reset <= (kind == RESET);
        is_stream <= (kind == STREAM) & (STREAMS != 0);
        asks_identity <= (kind == IDENTIFY) | (kind == VERIFY);
    end
    // Both are a cycle late: a byte more is taken, and of a head there are more to come.
    reg feeds;                  // a pass takes its tape from the host
    reg foreign;                // a frame that is not of it
    always @(posedge clk_i) begin
        feeds <= in_pass & run_busy_i & stream_wanted_i;
        foreign <= in_pass & ~is_stream;
    end
    wire hears = listening | feeds;
    wire pause = ~hears | (head_there & foreign);
    assign judge = head_there & hears & ~foreign;

    wire kind_known = is_load | is_run | is_column | is_reset | is_stream | asks_identity;
    // A LOAD and a STREAM have a line's number and at least one line.
    wire length_good = is_column ? (left == COLUMN_BYTES) : is_run ? (left == RUN_BYTES) :
                       (is_load | is_stream) ? (left[4:0] == 5'd4) & (left[15:5] != 11'd0)
                                             : (left == 16'd0);
    wire memory_bad = ((is_load | is_verify) & (mem_fault_i != 2'd0))
                      | (is_load & (MEMORY_LINES == 32'd0));
    // The length's third byte, which tells too_long alone, comes a cycle after the second.
    reg unwanted;
    always @(posedge clk_i) unwanted <= ~kind_known | ~length_good | memory_bad;
    wire refuse = too_long | unwanted;

    // What follows a request's first bytes goes to a column or to the tape's memory.
    reg [4:0]  load_at;         // bytes of the line that is being loaded
    wire        in_head;
    wire        line_ends;
    wire        request_good;
    wire [1:0]  result;
    wire [7:0]  load_column;
    wire [15:0] load_position;

    // A STREAM outside of a pass is taken, and that is all.
    wire payload_ready = is_stream ? ~in_pass | stream_ready_i :
                         ~is_load | in_head | (mem_load_ready_i & ~mem_load_start_o);
    wire payload_taken = payload_valid & payload_ready;

    packet_receiver #(.SILENCE_BITS(SILENCE_BITS)) receiver (
        .clk_i(clk_i), .rst_i(rst_i), .restart_i(restart_i),
        .in_valid_i(rx_valid_i), .in_ready_o(rx_ready_o), .in_data_i(rx_data_i),
        .pause_i(pause), .judge_o(head_there), .refuse_i(refuse), .kind_o(kind), .tag_o(tag),
        .too_long_o(too_long), .left_o(left), .payload_valid_o(received_valid),
        .payload_ready_i(received_ready), .ended_o(received_all),
        .release_frame_i((is_stream & ~payload_valid) | (state == BEGIN) | (state == FINISH)),
        .abandoned_o(frame_abandoned),
        .crc_clear_o(receiver_clears), .crc_take_o(receiver_takes)
    );

    // No path leads from what takes a byte to the receiver. A frame has ended when its last byte
    // is taken; what is left of one that stops half way is dropped.
    skid_buffer #(.WIDTH(8)) payloads (
        .clk_i(clk_i), .rst_i(rst_i | frame_abandoned),
        .in_valid_i(received_valid), .in_ready_o(received_ready), .in_data_i(rx_data_i),
        .out_valid_o(payload_valid), .out_ready_i(payload_ready), .out_data_o(payload)
    );
    assign frame_ended = received_all & ~payload_valid;

    link_request #(.COLUMNS(COLUMNS), .MAX_SEQ(MAX_SEQ), .STREAMS(STREAMS)) request (
        .clk_i(clk_i), .start_i(judge), .taken_i(payload_taken & ~is_stream),
        .frozen_i(in_pass), .data_i(payload),
        .is_load_i(is_load), .is_run_i(is_run), .in_head_o(in_head), .line_ends_o(line_ends),
        .good_o(request_good), .line_o(mem_load_line_o), .prefill_o(run_prefill_o),
        .streams_o(run_streams_o),
        .result_o(result), .slot_o(run_slot_o), .count_o(run_count_o), .column_o(load_column),
        .position_o(load_position)
    );

    always @(posedge clk_i) begin
        mem_load_start_o <= payload_taken & line_ends;
        if (judge) load_at <= 5'd0;
        else if (mem_load_valid_o & mem_load_ready_i) load_at <= load_at + 1'b1;
    end

    assign mem_load_valid_o = (state == PADDING) | (payload_valid & is_load & ~in_head
                                                    & ~mem_load_start_o);
    assign mem_load_data_o = payload;

    column_loader #(
        .COLUMNS(COLUMNS), .MAX_SEQ(MAX_SEQ), .HEAD_DIM(HEAD_DIM), .DIM(DIM),
        .EMBED_SHIFT(EMBED_SHIFT)
    ) loader (
        .clk_i(clk_i), .start_i(judge),
        .valid_i(payload_valid & is_column & ~in_head), .data_i(payload),
        .good_i(request_good), .column_i(load_column), .position_i(load_position),
        .load_residual_o(load_residual_o), .load_rope_o(load_rope_o),
        .load_position_o(load_position_o), .load_address_o(load_address_o),
        .load_data_o(load_data_o)
    );

    wire tape_good = (verify_state_i == 2'd1);

    assign stream_frame_o = judge & in_pass;
    assign stream_valid_o = payload_valid & is_stream & in_pass;
    assign stream_data_o = payload;
    assign stream_ends_o = frame_ended & in_pass;
    assign stream_damage_o = in_pass & (restart_i | frame_abandoned | (judge & refuse)
                                        | (frame_ended & ~crc_good) | (head_there & foreign));

    // ---- Answering
    reg [2:0]  reason;          // 0: not refused
    reg        muted;           // the answer in work is no one's any more
    wire       refused = (reason != 3'd0);
    wire       identifies = ~in_pass & asks_identity;
    wire       runs = in_pass | is_run;
    wire       answer_valid;
    wire       answer_ready;
    wire [7:0] answer_data;
    wire       answer_last;
    wire       transmitter_busy;
    wire       transmitter_takes;
    wire       transmitter_valid;
    wire       crc_shifts;
    // verilator lint_off UNUSEDSIGNAL
    wire [31:0] crc;            // of what is sent its lowest byte
    // verilator lint_on UNUSEDSIGNAL

    // The answer's kind and length; what they are made from has been there since the
    // request's head.
    reg [7:0]  answer_kind;
    reg [23:0] length;
    integer n;
    always @(posedge clk_i) begin
        answer_kind <= refused ? REFUSAL : in_pass ? ANSWER | RUN : ANSWER | kind;
        length <= refused ? 24'd1 : identifies ? IDENTITY_BYTES[23:0] : runs ? RUN_ANSWER : 24'd0;
        for (n = 1; n <= COLUMNS; n = n + 1)
            if (runs & ~refused & (run_count_o == n[7:0]))
                length <= RUN_ANSWER + ((result == TOP) ? 24'd8 * TOP_K[23:0] * n[23:0] :
                                        (result == LOGITS) ? 24'd4 * VOCAB[23:0] * n[23:0]
                                                           : 24'd0);
    end

    wire [8*IDENTITY_BYTES-1:0] identity = {
        BOARD, 8'd0, 7'd0, (STREAMS != 0), 6'd0, verify_state_i, 6'd0, mem_fault_i, FINGERPRINT,
        MEMORY_LINES,
        T[15:0], HEAD_DIM[15:0], DIM[31:0], tape_good ? verify_crc_i : 32'd0, TAPE_LINES,
        MAX_SEQ[31:0], VOCAB[31:0], TOP_K[15:0], LANES[15:0], COLUMNS[15:0],
        16'd2 /* the protocol's version */
    };

    wire [1:0] status = (stream_broken_i & (run_status_i != 2'd0)) ? STATUS_BROKEN : run_status_i;
    link_answer #(
        .COLUMNS(COLUMNS), .TOP_K(TOP_K), .VOCAB(VOCAB), .IDENTITY_BYTES(IDENTITY_BYTES)
    ) answer (
        .clk_i(clk_i), .rst_i(rst_i), .start_i(state == ANSWERING),
        .what_i(refused ? 2'd0 : identifies ? 2'd1 : 2'd2),
        .valid_o(answer_valid), .ready_i(answer_ready), .data_o(answer_data),
        .last_o(answer_last), .reason_i(reason), .identity_i(identity),
        .result_i(result), .count_i(run_count_o), .run_busy_i(run_busy_i),
        .run_status_i(status), .counter_at_o(counter_at_o), .counter_byte_i(counter_byte_i),
        .counters_ready_i(counters_ready_i), .logit_valid_i(logit_valid_i),
        .logit_ready_o(logit_ready_o), .logits_i(logits_i),
        .rank_o(rank_o), .top_tokens_i(top_tokens_i), .top_logits_i(top_logits_i)
    );

    packet_transmitter transmitter (
        .clk_i(clk_i), .rst_i(rst_i), .start_i(state == ANSWERING),
        .kind_i(answer_kind), .tag_i(in_pass ? pass_tag : tag),
        .length_i(length),
        .empty_i(~refused & ~identifies & ~runs), .busy_o(transmitter_busy),
        .payload_valid_i(answer_valid), .payload_ready_o(answer_ready),
        .payload_data_i(answer_data), .payload_last_i(answer_last),
        .crc_take_o(transmitter_takes), .crc_shift_o(crc_shifts), .crc_i(crc[7:0]),
        .out_valid_o(transmitter_valid), .out_ready_i(tx_ready_i | muted), .out_data_o(tx_data_o)
    );
    assign tx_valid_o = transmitter_valid & ~muted;

    // A byte of its own state moves a checksum down by a byte: that of what is sent, inverted
    // as the checksum is.
    localparam [31:0] CRC_RESIDUE = 32'h2144DF1C;
    wire [31:0] rx_crc;
    wire crc_good = (rx_crc == CRC_RESIDUE);
    wire [7:0] sent = crc_shifts ? ~crc[7:0] : tx_data_o;
    generate
        if (STREAMS != 0) begin : two_ways
            crc32 #(.WIDTH(8)) rx_checksum (
                .clk_i(clk_i), .clear_i(receiver_clears), .valid_i(receiver_takes),
                .data_i(rx_data_i), .crc_o(rx_crc)
            );
            crc32 #(.WIDTH(8)) tx_checksum (
                .clk_i(clk_i), .clear_i(~transmitter_busy), .valid_i(transmitter_takes),
                .data_i(sent), .crc_o(crc)
            );
        end else begin : one_way
            // A frame is received or sent, never both: one checksum serves.
            crc32 #(.WIDTH(8)) checksum (
                .clk_i(clk_i), .clear_i(listening ? receiver_clears : ~transmitter_busy),
                .valid_i(listening ? receiver_takes : transmitter_takes),
                .data_i(listening ? rx_data_i : sent), .crc_o(crc)
            );
            assign rx_crc = crc;
        end
    endgenerate

    assign run_start_o = (state == BEGIN);
    wire verifies = listening & frame_ended & crc_good & is_verify;
    always @(posedge clk_i) begin
        verify_start_o <= verifies & ~rst_i;
        reset_tape_o <= verifies | ((state == ANSWERING) & ~in_pass & is_reset & ~refused);
    end

    always @(posedge clk_i) begin
        stopped <= frame_abandoned & ~rst_i;
        if (state == BEGIN) pass_tag <= tag;
        if (rst_i | listening) in_pass <= 1'b0;
        else if ((state == BEGIN) & (STREAMS != 0)) in_pass <= 1'b1;
    end

    always @(posedge clk_i) begin
        if (rst_i) begin
            state <= LISTEN;
            muted <= 1'b0;
        end else begin
            muted <= (~listening | frame_ended) & (muted | restart_i);
            case (state)
                LISTEN: begin
                    reason <= 3'd0;
                    if (judge & refuse) begin
                        reason <= ~kind_known ? BAD_KIND : memory_bad ? BAD_MEMORY : BAD_LENGTH;
                        state <= ANSWERING;
                    end else if (stopped) begin
                        if (load_at != 5'd0) state <= PADDING;
                    end else if (frame_ended & ~is_stream) begin
                        state <= is_load ? SETTLE : ANSWERING;
                        if (~crc_good) reason <= BAD_CRC;
                        else if ((is_column | is_run) & ~request_good)
                            reason <= BAD_ARGUMENT;
                        else if (is_run & ~tape_good & ~run_streams_o) reason <= NO_TAPE;
                        else if (is_verify) state <= VERIFYING;
                        else if (is_run) state <= BEGIN;
                    end
                end
                SETTLE: if (~mem_load_busy_i) state <= ANSWERING;
                PADDING: if (mem_load_ready_i & (load_at == 5'd31)) state <= LISTEN;
                VERIFYING: if (~verify_start_o & ~verify_busy_i) state <= ANSWERING;
                BEGIN: state <= ANSWERING;
                ANSWERING: state <= FINISH;
                default: if (~transmitter_busy) state <= LISTEN; // FINISH
            endcase
        end
    end
endmodule
`default_nettype wire
