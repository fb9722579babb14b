// SPDX-License-Identifier: Apache-2.0
// The payload of an answer, byte by byte.
//
// Start: `start_i` for one cycle; what_i says which answer, and it and all that it is made
//   of hold until the last byte has gone.  Bytes by valid_o/ready_i, the last with last_o.
//   what: 0 the reason of a refusal, 1 the device's identity, 2 a pass's results.
// Results: logits are taken while the pass still runs (logit_ready_o), candidates are looked
//   up by rank_o when it has ended; a cycle without a byte fetches each.  Counters and status
//   follow when the pass has ended,
//   a counter's byte in the cycle after counter_at_o names it.  Rows that a
//   failed pass owes are 0, so that a length once said is kept.
// Latency: two cycles from the start to the first byte.  The outputs are registers.
// Resources: about 80 registers; multiplexers over the identity and the columns.
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
    output wire [7:0]                  data_o,
    output wire                        last_o,
    input  wire [2:0]                  reason_i,
    input  wire [IDENTITY_BYTES*8-1:0] identity_i,
    // A pass
    input  wire [1:0]                  result_i,
    input  wire [7:0]                  count_i,
    input  wire                        run_busy_i,
    input  wire [1:0]                  run_status_i,
    output wire [4:0]                  counter_at_o,
    input  wire [7:0]                  counter_byte_i,
    input  wire                        counters_ready_i,
    input  wire                        logit_valid_i,
    output wire                        logit_ready_o,
    input  wire [COLUMNS*18-1:0]       logits_i,
    output wire [7:0]                  rank_o,
    input  wire [COLUMNS*16-1:0]       top_tokens_i,
    input  wire [COLUMNS*18-1:0]       top_logits_i
);
    localparam [1:0] REASON = 2'd0, IDENTITY = 2'd1;
    localparam [1:0] TOP = 2'd1, LOGITS = 2'd2;
    localparam ROW_BITS = (VOCAB > 1) ? $clog2(VOCAB) : 1;
    localparam LAST_ROW = VOCAB - 1;
    localparam LAST_RANK = TOP_K - 1;
    localparam RANK_BITS = (TOP_K > 1) ? $clog2(TOP_K) : 1;
    localparam [5:0] IDENTITY_LAST = IDENTITY_BYTES - 1;
    localparam [5:0] COUNTERS_LAST = 23;
    localparam COLUMN_BITS = (COLUMNS > 1) ? $clog2(COLUMNS) : 1;

    localparam [2:0] IDLE = 3'd0, SHORT = 3'd1, WHOLE = 3'd2, HEAD = 3'd3, RANK = 3'd4, ROW = 3'd5,
                     COUNTERS = 3'd6, STATUS = 3'd7;
    reg [2:0]             state;
    reg [5:0]             at;           // the byte, within the part that the state names
    reg [COLUMN_BITS-1:0] column;
    reg [RANK_BITS-1:0]   rank;
    reg [ROW_BITS-1:0]    row;
    reg                   rows_due;
    reg                   fetched;      // value, or the counter's byte, is there
    reg [17:0]            value;        // a token or a logit

    // ---- What is fetched.
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
    wire last_column = (count_i == {{(8-COLUMN_BITS){1'b0}}, column} + 8'd1);
    wire row_void = ~run_busy_i & (run_status_i != 2'd0) & ~logit_valid_i;
    wire in_row = (state == ROW);
    wire in_value = in_row | (state == RANK);
    wire fetches = (in_value | (state == COUNTERS)) & ~fetched;
    wire may_fetch = in_row ? logit_valid_i | row_void :
                     (state == RANK) ? ~run_busy_i : counters_ready_i;

    // A row goes when its last column is fetched; those beyond VOCAB are padding.
    assign logit_ready_o = (result_i != LOGITS) | ~rows_due | (in_row & ~fetched & last_column);
    assign rank_o = {{(8-RANK_BITS){1'b0}}, rank};
    assign counter_at_o = at[4:0];

    // ---- What the next byte is.
    wire [7:0] identity_byte;
    byte_pick #(.BITS(6)) pick_identity (
        .bytes_i({{(512-8*IDENTITY_BYTES){1'b0}}, identity_i}), .at_i(at), .byte_o(identity_byte)
    );

    wire [7:0] value_byte;
    byte_pick #(.BITS(2)) pick_value (
        .bytes_i({{14{value[17]}}, value}), .at_i(at[1:0]), .byte_o(value_byte)
    );

    reg [7:0] next_byte;
    always @* begin
        next_byte = {5'd0, reason_i};
        case (state)
            WHOLE: next_byte = identity_byte;
            HEAD: next_byte = (at[1:0] == 2'd1) ? {6'd0, result_i} :
                              (at[1:0] == 2'd2) ? count_i : 8'd0;
            RANK, ROW: next_byte = value_byte;
            COUNTERS: next_byte = counter_byte_i;
            STATUS: next_byte = {6'd0, run_status_i};
            default: next_byte = {5'd0, reason_i};
        endcase
    end

    // ---- What comes after it.
    wire byte_there = (state != IDLE) & ~fetches;
    wire free;
    wire moves = free & byte_there;
    wire value_ends = in_value & (at[1:0] == 2'd3);
    wire rank_ends = (state == RANK) & (at[2:0] == 3'd7);
    wire last_rank = (rank == LAST_RANK[RANK_BITS-1:0]);
    wire row_ends = in_row & value_ends & last_column;
    wire last_row = row_ends & (row == LAST_ROW[ROW_BITS-1:0]);
    wire answer_ends = (state == SHORT) | (state == STATUS)
                       | ((state == WHOLE) & (at == IDENTITY_LAST));
    wire part_ends = (state == HEAD) ? (at[1:0] == 2'd3) :
                     (state == RANK) ? rank_ends & last_rank & last_column :
                     (state == ROW) ? last_row :
                     (state == COUNTERS) ? (at == COUNTERS_LAST) : answer_ends;
    wire column_ends = (rank_ends & last_rank) | (in_row & value_ends);

    skid_buffer #(.WIDTH(9)) bytes (
        .clk_i(clk_i), .rst_i(rst_i | start_i),
        .in_valid_i(byte_there), .in_ready_o(free), .in_data_i({answer_ends, next_byte}),
        .out_valid_o(valid_o), .out_ready_i(ready_i), .out_data_o({last_o, data_o})
    );

    always @(posedge clk_i) begin
        if (fetches) value <= (state == RANK) ? (at[2] ? top_logit : {2'd0, top_token}) :
                              row_void ? 18'd0 : logit;

        if (rst_i) begin
            state <= IDLE;
            rows_due <= 1'b0;
        end else if (start_i) begin
            state <= (what_i == REASON) ? SHORT : (what_i == IDENTITY) ? WHOLE : HEAD;
            rows_due <= 1'b1;
            fetched <= 1'b0;
            at <= 6'd0;
            column <= 0;
            rank <= 0;
            row <= 0;
        end else begin
            if (fetches & may_fetch) fetched <= 1'b1;
            if (moves) begin
                at <= (part_ends | rank_ends | (in_row & value_ends)) ? 6'd0 : at + 1'b1;
                if (value_ends | (state == COUNTERS)) fetched <= 1'b0;
                if (rank_ends) rank <= last_rank ? {RANK_BITS{1'b0}} : rank + 1'b1;
                if (column_ends) column <= last_column ? {COLUMN_BITS{1'b0}} : column + 1'b1;
                if (row_ends) row <= row + 1'b1;
                if (last_row) rows_due <= 1'b0;
                if (part_ends)
                    case (state)
                        HEAD: state <= (result_i == TOP) ? RANK :
                                       (result_i == LOGITS) ? ROW : COUNTERS;
                        RANK, ROW: state <= COUNTERS;
                        COUNTERS: state <= STATUS;
                        default: state <= IDLE;
                    endcase
            end
        end
    end
endmodule
`default_nettype wire
