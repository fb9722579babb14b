// SPDX-License-Identifier: Apache-2.0
// What the host may ask: loads columns, runs passes, answers.  host/protocol.h has the
// frames; the byte stream has valid and ready both ways.
//
// One frame is dealt with at a time: while an answer is on its way no byte is taken.
// Load: one write a cycle to the columns that load_* select.
// Run: run_start_o for one cycle; run_count_o, run_slot_o and run_prefill_o hold from it until
//   the next one.  The answer's results, counters and status follow when they are
//   there, logits while the pass still runs: logit_ready_o holds the columns back to
//   the speed of the stream.
// Latency: two cycles from a frame's last byte to its answer's first.
// Resources: about 300 registers and a shifter of 8 bits in the answer's 256.
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
    parameter [31:0] TAPE_CRC = 32'd0
) (
    input  wire                  clk_i,
    input  wire                  rst_i,
    // The byte stream
    input  wire                  rx_valid_i,
    output wire                  rx_ready_o,
    input  wire [7:0]            rx_data_i,
    output wire                  tx_valid_o,
    input  wire                  tx_ready_i,
    output wire [7:0]            tx_data_o,
    // Loading columns
    output reg  [COLUMNS-1:0]    load_residual_o,
    output reg  [COLUMNS-1:0]    load_rope_o,
    output reg  [COLUMNS-1:0]    load_position_o,
    output reg  [15:0]           load_address_o,
    output reg  [31:0]           load_data_o,
    // Running passes
    output wire                  reset_tape_o,
    output wire                  run_start_o,
    output reg                   run_prefill_o,
    output reg  [7:0]            run_slot_o,
    output reg  [7:0]            run_count_o,
    input  wire                  run_busy_i,
    input  wire [1:0]            run_status_i,
    input  wire [191:0]          counters_i,
    // Results
    input  wire                  logit_valid_i,
    output wire                  logit_ready_o,
    input  wire [15:0]           logit_row_i,
    input  wire [COLUMNS*18-1:0] logits_i,
    output wire [7:0]            rank_o,
    input  wire [COLUMNS*16-1:0] top_tokens_i,
    input  wire [COLUMNS*18-1:0] top_logits_i
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

    assign rx_ready_o = receiver_ready & listening;
    packet_receiver receiver (
        .clk_i(clk_i), .rst_i(rst_i),
        .in_valid_i(rx_valid_i & listening), .in_ready_o(receiver_ready), .in_data_i(rx_data_i),
        .judge_o(judge), .refuse_i(refuse), .kind_o(kind), .length_o(length),
        .payload_valid_o(payload_valid), .payload_ready_i(listening),
        .payload_data_o(payload_data),
        .ended_o(frame_ended), .crc_good_o(crc_good), .release_frame_i(frame_done)
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

    always @(posedge clk_i) begin
        if (payload_valid & listening) begin
            byte_at <= byte_at + 1'b1;
            low_byte <= payload_data;
            if (in_head) head <= {payload_data, head[63:8]};
        end
        if (judge) byte_at <= 16'd0;

        load_position_o <= (loads & head_complete) ? selected : {COLUMNS{1'b0}};
        load_rope_o <= (loads & ~in_head & byte_at[0] & is_rope) ? selected : {COLUMNS{1'b0}};
        load_residual_o <= (loads & ~in_head & byte_at[0] & ~is_rope) ? selected : {COLUMNS{1'b0}};
        load_address_o <= is_rope ? element : element - HEAD_DIM[15:0];
        load_data_o <= head_complete ? position : is_rope ? extended : extended << EMBED_SHIFT;
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
        .clk_i(clk_i), .rst_i(rst_i), .start_i(state == REPLY),
        .kind_i(answer_kind), .length_i(answer_length),
        .busy_o(transmitter_busy),
        .payload_valid_i((state == SEND) & (chunk_left != 8'd0)), .payload_ready_o(chunk_ready),
        .payload_data_i(chunk[7:0]),
        .out_valid_o(tx_valid_o), .out_ready_i(tx_ready_i), .out_data_o(tx_data_o)
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

    wire [255:0] identity;
    assign identity[15:0] = 16'd1;                  // the protocol's version
    assign identity[31:16] = COLUMNS[15:0];
    assign identity[47:32] = LANES[15:0];
    assign identity[63:48] = TOP_K[15:0];
    assign identity[95:64] = VOCAB;
    assign identity[127:96] = MAX_SEQ;
    assign identity[159:128] = TAPE_LINES;
    assign identity[191:160] = TAPE_CRC;
    assign identity[223:192] = DIM;
    assign identity[239:224] = HEAD_DIM[15:0];
    assign identity[255:240] = T[15:0];

    // What a result's next chunk would be.
    reg [CHUNK-1:0] row_chunk;
    reg [63:0]      rank_chunk;
    integer c;
    always @* begin
        row_chunk = 0;
        rank_chunk = 64'd0;
        for (c = 0; c < COLUMNS; c = c + 1) begin
            row_chunk[32*c +: 32] = {{14{logits_i[18*c+17]}}, logits_i[18*c +: 18]};
            if (answer_column == c[7:0])
                rank_chunk = {{14{top_logits_i[18*c+17]}}, top_logits_i[18*c +: 18],
                              16'd0, top_tokens_i[16*c +: 16]};
        end
    end

    wire last_rank = (answer_rank == TOP_K[7:0] - 8'd1);
    wire last_column = (answer_column + 8'd1 == run_count_o);
    wire run_failed = ~run_busy_i & (run_status_i != 2'd0);
    wire row_due = logit_valid_i & (logit_row_i <= LAST_ROW[15:0]);

    assign rank_o = answer_rank;
    assign logit_ready_o = (result != LOGITS) | (state == ROWS) | rows_sent;
    assign run_start_o = (state == BEGIN);
    assign reset_tape_o = (state == REPLY) & (answer_kind == (ANSWER | RESET));

    always @(posedge clk_i) begin
        if (rst_i) begin
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
                        chunk[255:0] <= identity;
                        chunk_left <= 8'd32;
                    end else if (kind == RUN) begin
                        answer_length <= run_length(result_wanted[1:0], count);
                        chunk[31:0] <= {count, result_wanted, 8'd0};
                        chunk_left <= 8'd4;
                        result <= result_wanted[1:0];
                        rows_sent <= 1'b0;
                        rows_answered <= 16'd0;
                        run_prefill_o <= mode[0];
                        run_slot_o <= slot[7:0];
                        run_count_o <= count[7:0];
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
            RUNNING: if (~run_busy_i) state <= REPLY;
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
                chunk_left <= {run_count_o[5:0], 2'b00};
                state <= SEND;
                rows_answered <= rows_answered + 1'b1;
                if (rows_answered == LAST_ROW[15:0]) begin
                    after <= TAIL;
                    rows_sent <= 1'b1;
                end
            end
            TAIL: if (~run_busy_i) begin
                chunk[199:0] <= {6'd0, run_status_i, counters_i};
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
