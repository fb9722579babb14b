// SPDX-License-Identifier: Apache-2.0
// The payload of an answer, byte by byte.
//
// Start: `start_i` for one cycle; what_i says which answer, and it and all that it is made
//   of hold until the last byte has gone.  Bytes by valid_o/ready_i, the last with last_o.
//   what: 0 the reason of a refusal, 1 the device's identity, 2 a pass's results.
// Results: logits are taken while the pass still runs, a row when its last byte goes
//   (logit_ready_o); candidates are looked up by rank_o; counters and status follow when the
//   pass has ended.  Rows that a failed pass owes are 0, so that a length once said is kept.
// Latency: one cycle from the start to the first byte, then one byte a cycle.
// Resources: about 40 registers; multiplexers over counters, logits and candidates.
`default_nettype none
module link_answer #(
    parameter COLUMNS = 2,
    parameter TOP_K = 8,
    parameter VOCAB = 512,
    parameter IDENTITY_BYTES = 56
) (
    input  wire                        clk_i,
    input  wire                        rst_i,
    input  wire                        start_i,
    input  wire [1:0]                  what_i,
    output wire                        valid_o,
    input  wire                        ready_i,
    output reg  [7:0]                  data_o,
    output wire                        last_o,
    input  wire [7:0]                  reason_i,
    input  wire [IDENTITY_BYTES*8-1:0] identity_i,
    // A pass
    input  wire [1:0]                  result_i,
    input  wire [7:0]                  count_i,
    input  wire                        run_busy_i,
    input  wire [1:0]                  run_status_i,
    input  wire [191:0]                counters_i,
    input  wire                        logit_valid_i,
    output wire                        logit_ready_o,
    input  wire [15:0]                 logit_row_i,
    input  wire [COLUMNS*18-1:0]       logits_i,
    output wire [7:0]                  rank_o,
    input  wire [COLUMNS*16-1:0]       top_tokens_i,
    input  wire [COLUMNS*18-1:0]       top_logits_i
);
    localparam [1:0] REASON = 2'd0, IDENTITY = 2'd1;
    localparam [1:0] TOP = 2'd1, LOGITS = 2'd2;
    localparam [15:0] ROWS = VOCAB;
    localparam [7:0] RANKS = TOP_K;
    localparam [5:0] IDENTITY_LAST = IDENTITY_BYTES - 1;
    localparam COLUMN_BITS = (COLUMNS > 1) ? $clog2(COLUMNS) : 1;

    localparam [2:0] IDLE = 3'd0, SHORT = 3'd1, WHOLE = 3'd2, HEAD = 3'd3, RANK = 3'd4, ROW = 3'd5,
                     COUNTERS = 3'd6, STATUS = 3'd7;
    reg [2:0]             state;
    reg [5:0]             at;           // the byte, within the part that the state names
    reg [COLUMN_BITS-1:0] column;
    reg [7:0]             rank;
    reg [15:0]            row;
    reg                   rows_due;

    // ---- What the next byte is.
    reg [17:0] logit;
    reg [17:0] top_logit;
    reg [15:0] top_token;
    integer c;
    always @* begin
        logit = 18'd0;
        top_logit = 18'd0;
        top_token = 16'd0;
        for (c = 0; c < COLUMNS; c = c + 1)
            if (column == c[COLUMN_BITS-1:0]) begin
                logit = logits_i[18*c +: 18];
                top_logit = top_logits_i[18*c +: 18];
                top_token = top_tokens_i[16*c +: 16];
            end
    end
    wire row_there = logit_valid_i & (logit_row_i < ROWS);
    wire row_void = ~run_busy_i & (run_status_i != 2'd0) & ~row_there;
    wire [17:0] value = (state == RANK) ? top_logit : row_void ? 18'd0 : logit;
    wire        is_token = (state == RANK) & ~at[2];

    wire [7:0] identity_byte;
    wire [7:0] counter_byte;
    byte_pick #(.BITS(6)) pick_identity (
        .bytes_i({{(512-8*IDENTITY_BYTES){1'b0}}, identity_i}), .at_i(at), .byte_o(identity_byte)
    );
    byte_pick #(.BITS(5)) pick_counter (
        .bytes_i({64'd0, counters_i}), .at_i(at[4:0]), .byte_o(counter_byte)
    );

    always @* begin
        data_o = reason_i;
        case (state)
            WHOLE: data_o = identity_byte;
            HEAD: data_o = (at[1:0] == 2'd1) ? {6'd0, result_i} :
                           (at[1:0] == 2'd2) ? count_i : 8'd0;
            RANK, ROW: case (at[1:0])
                2'd0: data_o = is_token ? top_token[7:0] : value[7:0];
                2'd1: data_o = is_token ? top_token[15:8] : value[15:8];
                2'd2: data_o = is_token ? 8'd0 : {{6{value[17]}}, value[17:16]};
                2'd3: data_o = is_token ? 8'd0 : {8{value[17]}};
            endcase
            COUNTERS: data_o = counter_byte;
            STATUS: data_o = {6'd0, run_status_i};
            default: data_o = reason_i;
        endcase
    end

    assign valid_o = (state == ROW) ? row_there | row_void :
                     (state == COUNTERS) ? ~run_busy_i : (state != IDLE);
    assign last_o = (state == SHORT) | (state == STATUS)
                    | ((state == WHOLE) & (at == IDENTITY_LAST));
    assign rank_o = rank;

    // ---- What comes after it.
    wire moved = valid_o & ready_i;
    wire last_column = (count_i == {{(8-COLUMN_BITS){1'b0}}, column} + 8'd1);
    wire last_rank = (rank == RANKS - 8'd1);
    wire row_ends = (state == ROW) & (at[1:0] == 2'd3) & last_column;
    wire last_row = row_ends & (row == ROWS - 16'd1);
    wire rank_ends = (state == RANK) & (at[2:0] == 3'd7);
    wire part_ends = (state == HEAD) ? (at[1:0] == 2'd3) :
                     (state == RANK) ? rank_ends & last_rank & last_column :
                     (state == ROW) ? last_row :
                     (state == COUNTERS) ? (at[4:0] == 5'd23) : last_o;

    assign logit_ready_o = (result_i != LOGITS) | ~rows_due | (moved & row_ends);

    always @(posedge clk_i) begin
        if (rst_i) begin
            state <= IDLE;
            rows_due <= 1'b0;
        end else if (start_i) begin
            state <= (what_i == REASON) ? SHORT : (what_i == IDENTITY) ? WHOLE : HEAD;
            rows_due <= 1'b1;
            at <= 6'd0;
            column <= 0;
            rank <= 8'd0;
            row <= 16'd0;
        end else if (moved) begin
            at <= (part_ends | ((state == ROW) & (at[1:0] == 2'd3)) | rank_ends) ? 6'd0 : at + 1'b1;
            if (rank_ends) rank <= last_rank ? 8'd0 : rank + 1'b1;
            if ((rank_ends & last_rank) | ((state == ROW) & (at[1:0] == 2'd3)))
                column <= last_column ? {COLUMN_BITS{1'b0}} : column + 1'b1;
            if (row_ends) row <= row + 1'b1;
            if (last_row) rows_due <= 1'b0;
            if (part_ends)
                case (state)
                    HEAD: state <= (result_i == TOP) ? RANK : (result_i == LOGITS) ? ROW : COUNTERS;
                    RANK, ROW: state <= COUNTERS;
                    COUNTERS: state <= STATUS;
                    default: state <= IDLE;
                endcase
        end
    end
endmodule
`default_nettype wire
