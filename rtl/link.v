// SPDX-License-Identifier: Apache-2.0
// What the host may ask: loads columns, runs passes, answers.  docs/link.md has the
// frames; the byte stream has valid and ready both ways.
//
// One frame is dealt with at a time: while an answer is on its way no byte is taken.
// Load: one write a cycle to the columns that load_* select.
// Run: run_start for one cycle; run_count, run_slot and run_prefill hold from it until
//   the next one.  The answer's results, counters and status follow when they are
//   there, logits while the pass still runs: logit_ready holds the columns back to
//   the speed of the stream.
// Latency: two cycles from a frame's last byte to its answer's first.
// Resources: about 300 registers and a shifter of 8 bits in the answer's 256.
`default_nettype none
module link #(
    parameter COLUMNS = 2,
    parameter LANES = 16,
    parameter TOP_K = 8,
    parameter [31:0] VOCAB = 32'd512,
    parameter [31:0] MAX_SEQ = 32'd512,
    parameter [31:0] DIM = 32'd64,
    parameter HEAD_DIM = 8,
    parameter T = 64,
    parameter EMBED_SHIFT = 0,
    parameter [31:0] TAPE_LINES = 32'd0,
    parameter [31:0] TAPE_CRC = 32'd0
) (
    input  wire                  clk,
    input  wire                  rst,
    // The byte stream
    input  wire                  rx_valid,
    output wire                  rx_ready,
    input  wire [7:0]            rx_data,
    output wire                  tx_valid,
    input  wire                  tx_ready,
    output wire [7:0]            tx_data,
    // Loading columns
    output reg  [COLUMNS-1:0]    load_residual,
    output reg  [COLUMNS-1:0]    load_rope,
    output reg  [COLUMNS-1:0]    load_position,
    output reg  [15:0]           load_address,
    output reg  [31:0]           load_data,
    // Running passes
    output wire                  reset_tape,
    output wire                  run_start,
    output reg                   run_prefill,
    output reg  [7:0]            run_slot,
    output reg  [7:0]            run_count,
    input  wire                  run_busy,
    input  wire [1:0]            run_status,
    input  wire [191:0]          counters,
    // Results
    input  wire                  logit_valid,
    output wire                  logit_ready,
    input  wire [15:0]           logit_row,
    input  wire [COLUMNS*18-1:0] logits,
    output wire [7:0]            rank,
    input  wire [COLUMNS*16-1:0] top_tokens,
    input  wire [COLUMNS*18-1:0] top_logits
);
    localparam [7:0] IDENTIFY = 8'h01, COLUMN = 8'h02, RUN = 8'h03, RESET = 8'h04,
                     ANSWER = 8'h80, ERROR = 8'hEE;
    localparam [7:0] BAD_CRC = 8'd1, BAD_KIND = 8'd2, BAD_LENGTH = 8'd3, BAD_ARGUMENT = 8'd4;
    localparam [1:0] NOTHING = 2'd0, TOP = 2'd1, LOGITS = 2'd2;
    localparam COLUMN_BYTES = 8 + 2 * HEAD_DIM + 2 * DIM;
    localparam CHUNK = (COLUMNS > 8) ? 32 * COLUMNS : 256;
    localparam LAST_ROW = VOCAB - 1;

    // ---- Receiving
    localparam [3:0] LISTEN = 4'd0, REPLY = 4'd1, SEND = 4'd2, BEGIN = 4'd3, RUNNING = 4'd4,
                     RANKED = 4'd5, ROWS = 4'd6, TAIL = 4'd7, FINISH = 4'd8;
    reg [3:0] state;
    reg [3:0] after;            // the state once the chunk has been sent

    wire listening = (state == LISTEN);
    wire        receiver_ready;
    wire        judge;
    wire [7:0]  kind;
    wire [31:0] length;
    wire        payload_valid;
    wire [7:0]  payload_data;
    wire        frame_ended;
    wire        crc_good;
    wire        frame_done = (state == FINISH);

    reg  [31:0] length_due;
    reg         kind_known;
    always @* begin
        kind_known = 1'b1;
        length_due = 32'd0;
        case (kind)
            IDENTIFY, RESET: length_due = 32'd0;
            COLUMN: length_due = COLUMN_BYTES;
            RUN: length_due = 32'd8;
            default: kind_known = 1'b0;
        endcase
    end
    wire refuse = ~kind_known | (length != length_due);

    assign rx_ready = receiver_ready & listening;
    packet_receiver receiver (
        .clk(clk), .rst(rst),
        .in_valid(rx_valid & listening), .in_ready(receiver_ready), .in_data(rx_data),
        .judge(judge), .refuse(refuse), .kind(kind), .length(length),
        .payload_valid(payload_valid), .payload_ready(listening), .payload_data(payload_data),
        .ended(frame_ended), .crc_good(crc_good), .release_frame(frame_done)
    );

    // The first eight bytes are kept; what follows goes to the column in halves of
    // 32 bits at most: RoPE's factors, then the embedding.
    reg [15:0] byte_at;
    reg [63:0] head;
    reg [7:0]  low_byte;

    wire        in_head = (byte_at < 16'd8);
    wire [15:0] element = {1'b0, byte_at[15:1]} - 16'd4;
    wire        is_rope = (element < HEAD_DIM[15:0]);
    wire        loads = payload_valid & listening & (kind == COLUMN);
    wire [31:0] extended = {{16{payload_data[7]}}, payload_data, low_byte};
    wire [15:0] column = head[15:0];
    wire [31:0] position = head[63:32];
    wire        column_good = (column < COLUMNS[15:0]) & (position < MAX_SEQ);
    wire        head_complete = (byte_at == 16'd8);
    wire [COLUMNS-1:0] selected = {{(COLUMNS-1){1'b0}}, column_good} << column;

    always @(posedge clk) begin
        if (payload_valid & listening) begin
            byte_at <= byte_at + 1'b1;
            low_byte <= payload_data;
            if (in_head) head <= {payload_data, head[63:8]};
        end
        if (judge) byte_at <= 16'd0;

        load_position <= (loads & head_complete) ? selected : {COLUMNS{1'b0}};
        load_rope <= (loads & ~in_head & byte_at[0] & is_rope) ? selected : {COLUMNS{1'b0}};
        load_residual <= (loads & ~in_head & byte_at[0] & ~is_rope) ? selected : {COLUMNS{1'b0}};
        load_address <= is_rope ? element : element - HEAD_DIM[15:0];
        load_data <= head_complete ? position : is_rope ? extended : extended << EMBED_SHIFT;
    end

    // A RUN's fields.
    wire [7:0]  mode = head[7:0];
    wire [7:0]  result_wanted = head[15:8];
    wire [15:0] slot = head[31:16];
    wire [15:0] count = head[47:32];
    wire run_good = (mode <= 8'd1) & (result_wanted <= {6'd0, LOGITS}) & (slot < COLUMNS[15:0])
                    & (count != 16'd0) & (count <= COLUMNS[15:0]);

    // ---- Answering
    reg [7:0]       answer_kind;
    reg [31:0]      answer_length;
    reg [CHUNK-1:0] chunk;              // the next bytes to send, lowest first
    reg [7:0]       chunk_left;
    reg [1:0]       result;
    reg             rows_sent;
    reg [15:0]      rows_answered;
    reg [7:0]       answer_column;
    reg [7:0]       answer_rank;

    wire transmitter_busy;
    wire chunk_ready;
    packet_transmitter transmitter (
        .clk(clk), .rst(rst), .start(state == REPLY), .kind(answer_kind), .length(answer_length),
        .busy(transmitter_busy),
        .payload_valid((state == SEND) & (chunk_left != 8'd0)), .payload_ready(chunk_ready),
        .payload_data(chunk[7:0]),
        .out_valid(tx_valid), .out_ready(tx_ready), .out_data(tx_data)
    );

    // A RUN's answer without results is a head of 4 bytes, the counters and a status.
    function [31:0] run_length;
        input [1:0] of_result;
        input [15:0] columns;
        integer c;
        begin
            run_length = 32'd29;
            for (c = 0; c < COLUMNS; c = c + 1)
                if (c[15:0] < columns)
                    run_length = run_length + ((of_result == TOP) ? 8 * TOP_K :
                                               (of_result == LOGITS) ? 4 * VOCAB : 0);
        end
    endfunction

    localparam [255:0] IDENTITY = {
        T[15:0], HEAD_DIM[15:0], DIM, TAPE_CRC, TAPE_LINES, MAX_SEQ, VOCAB,
        TOP_K[15:0], LANES[15:0], COLUMNS[15:0], 16'd1
    };

    // What a result's next chunk would be.
    reg [CHUNK-1:0] row_chunk;
    reg [63:0]      rank_chunk;
    integer c;
    always @* begin
        row_chunk = 0;
        rank_chunk = 64'd0;
        for (c = 0; c < COLUMNS; c = c + 1) begin
            row_chunk[32*c +: 32] = {{14{logits[18*c+17]}}, logits[18*c +: 18]};
            if (answer_column == c[7:0])
                rank_chunk = {{14{top_logits[18*c+17]}}, top_logits[18*c +: 18],
                              16'd0, top_tokens[16*c +: 16]};
        end
    end

    wire last_rank = (answer_rank == TOP_K[7:0] - 8'd1);
    wire last_column = (answer_column + 8'd1 == run_count);
    wire run_failed = ~run_busy & (run_status != 2'd0);
    wire row_due = logit_valid & (logit_row <= LAST_ROW[15:0]);

    assign rank = answer_rank;
    assign logit_ready = (result != LOGITS) | (state == ROWS) | rows_sent;
    assign run_start = (state == BEGIN);
    assign reset_tape = (state == REPLY) & (answer_kind == (ANSWER | RESET));

    always @(posedge clk) begin
        if (rst) begin
            state <= LISTEN;
            result <= NOTHING;
            rows_sent <= 1'b1;
        end else case (state)
            LISTEN: begin
                chunk_left <= 8'd0;
                after <= FINISH;
                answer_kind <= ANSWER | kind;
                answer_length <= 32'd0;
                if (judge & refuse) begin
                    answer_kind <= ERROR;
                    answer_length <= 32'd1;
                    chunk[7:0] <= kind_known ? BAD_LENGTH : BAD_KIND;
                    chunk_left <= 8'd1;
                    state <= REPLY;
                end else if (frame_ended) begin
                    state <= REPLY;
                    if (~crc_good | ((kind == COLUMN) & ~column_good)
                        | ((kind == RUN) & ~run_good)) begin
                        answer_kind <= ERROR;
                        answer_length <= 32'd1;
                        chunk[7:0] <= crc_good ? BAD_ARGUMENT : BAD_CRC;
                        chunk_left <= 8'd1;
                    end else if (kind == IDENTIFY) begin
                        answer_length <= 32'd32;
                        chunk[255:0] <= IDENTITY;
                        chunk_left <= 8'd32;
                    end else if (kind == RUN) begin
                        answer_length <= run_length(result_wanted[1:0], count);
                        chunk[31:0] <= {count, result_wanted, 8'd0};
                        chunk_left <= 8'd4;
                        result <= result_wanted[1:0];
                        rows_sent <= 1'b0;
                        rows_answered <= 16'd0;
                        run_prefill <= mode[0];
                        run_slot <= slot[7:0];
                        run_count <= count[7:0];
                        state <= BEGIN;
                    end
                end
            end
            BEGIN: begin
                answer_column <= 8'd0;
                answer_rank <= 8'd0;
                after <= (result == LOGITS) ? ROWS : (result == TOP) ? RANKED : TAIL;
                state <= (result == LOGITS) ? REPLY : RUNNING;
            end
            RUNNING: if (~run_busy) state <= REPLY;
            REPLY: state <= SEND;
            SEND: begin
                if (chunk_left == 8'd0) state <= after;
                else if (chunk_ready) begin
                    chunk <= chunk >> 8;
                    chunk_left <= chunk_left - 1'b1;
                end
            end
            RANKED: begin
                chunk[63:0] <= rank_chunk;
                chunk_left <= 8'd8;
                state <= SEND;
                answer_rank <= last_rank ? 8'd0 : answer_rank + 1'b1;
                if (last_rank) answer_column <= answer_column + 1'b1;
                if (last_rank & last_column) after <= TAIL;
            end
            // A pass that failed has no more rows to come: the answer's length is kept.
            ROWS: if (row_due | run_failed) begin
                chunk <= row_due ? row_chunk : {CHUNK{1'b0}};
                chunk_left <= {run_count[5:0], 2'b00};
                state <= SEND;
                rows_answered <= rows_answered + 1'b1;
                if (rows_answered == LAST_ROW[15:0]) begin
                    after <= TAIL;
                    rows_sent <= 1'b1;
                end
            end
            TAIL: if (~run_busy) begin
                chunk[199:0] <= {6'd0, run_status, counters};
                chunk_left <= 8'd25;
                after <= FINISH;
                state <= SEND;
            end
            FINISH: if (~transmitter_busy) state <= LISTEN;
            default: state <= LISTEN;
        endcase
    end
endmodule
`default_nettype wire
