// SPDX-License-Identifier: Apache-2.0
// The first bytes of a request's payload: what they say, and whether it can be done.
//
// Start: `start_i` for one cycle before the payload's first byte; then bytes with taken_i.
//   A LOAD has four such bytes, RUN and COLUMN have eight; in_head_o is high while they come.
// The fields hold until the next request's: line_o is a LOAD's, prefill_o, streams_o, result_o,
//   slot_o and count_o are a RUN's, column_o and position_o a COLUMN's.  good_o belongs to what has
//   come so far: columns, slots, counts and positions that there are, modes and results that
//   are known.
// Latency: one cycle.  Resources: about 50 registers.
`default_nettype none
module link_request #(
    parameter COLUMNS = 2,
    parameter MAX_SEQ = 512,
    parameter STREAMS = 0           // a RUN may ask for the host's tape
) (
    input  wire        clk_i,
    input  wire        start_i,
    input  wire        taken_i,
    input  wire [7:0]  data_i,
    input  wire        is_load_i,
    input  wire        is_run_i,
    output wire        in_head_o,
    output wire        line_ends_o,     // this byte is the last of a LOAD's line number
    output reg         good_o,
    output wire [23:0] line_o,
    output wire        prefill_o,
    output wire        streams_o,
    output wire [1:0]  result_o,
    output wire [7:0]  slot_o,
    output wire [7:0]  count_o,
    output wire [7:0]  column_o,
    output wire [15:0] position_o
);
    localparam [7:0] COLUMNS_8 = COLUMNS[7:0];
    localparam [7:0] LAST_MODE = (STREAMS != 0) ? 8'd3 : 8'd1;
    localparam [7:0] LAST_RESULT = 8'd2;

    reg [3:0] at;
    reg [7:0] byte_0, byte_1, byte_2, byte_4, byte_5;

    assign in_head_o = ~(is_load_i ? at[2] : at[3]);
    assign line_ends_o = is_load_i & (at == 4'd3);

    assign line_o = {byte_2, byte_1, byte_0};
    assign prefill_o = byte_0[0];
    assign streams_o = byte_0[1] & (STREAMS != 0);
    assign result_o = byte_1[1:0];
    // One column leaves no choice.
    assign slot_o = (COLUMNS == 1) ? 8'd0 : byte_2;
    assign count_o = (COLUMNS == 1) ? 8'd1 : byte_4;
    assign column_o = (COLUMNS == 1) ? 8'd0 : byte_0;
    assign position_o = {byte_5, byte_4};

    reg may_be;
    always @* begin
        may_be = 1'b1;
        if (is_run_i)
            case (at[2:0])
                3'd0: may_be = (data_i <= LAST_MODE);
                3'd1: may_be = (data_i <= LAST_RESULT);
                3'd2: may_be = (data_i < COLUMNS_8);
                3'd4: may_be = (data_i != 8'd0) & (data_i <= COLUMNS_8);
                3'd3, 3'd5: may_be = (data_i == 8'd0);
                default: may_be = 1'b1;
            endcase
        else
            case (at[2:0])
                3'd0: may_be = (data_i < COLUMNS_8);
                3'd5: may_be = ({1'b0, data_i, byte_4} < MAX_SEQ[16:0]);
                3'd1, 3'd6, 3'd7: may_be = (data_i == 8'd0);
                default: may_be = 1'b1;
            endcase
    end

    always @(posedge clk_i) begin
        if (start_i) begin
            at <= 4'd0;
            good_o <= 1'b1;
        end else if (taken_i & in_head_o) begin
            at <= at + 1'b1;
            good_o <= good_o & may_be;
            case (at[2:0])
                3'd0: byte_0 <= data_i;
                3'd1: byte_1 <= data_i;
                3'd2: byte_2 <= data_i;
                3'd4: byte_4 <= data_i;
                3'd5: byte_5 <= data_i;
                default: ;
            endcase
        end
    end
endmodule
`default_nettype wire
