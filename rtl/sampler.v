// SPDX-License-Identifier: Apache-2.0
// Keeps the TOP_K greatest of one column's logits, best first; of equals the one
// that came first, which is the one of the lower token, as rows come in order.
//
// One logit a cycle where `valid_i`; rows from VOCAB on (padding) are passed over.
// `clear_i` empties the list.  `rank_i` selects what token and value show.
// Latency: a logit is in the list two cycles after it came, or three with SPACED, for logits
//   of which none follows another at once.
// Resources: TOP_K x (34 registers and an 18-bit comparator), 35 registers.
`default_nettype none
module sampler #(
    parameter TOP_K = 8,
    parameter VOCAB = 512,
    parameter SPACED = 0            // 1: the comparison has a cycle of its own
) (
    input  wire        clk_i,
    input  wire        clear_i,
    input  wire        valid_i,
    input  wire [15:0] row_i,
    input  wire [17:0] logit_i,
    input  wire [7:0]  rank_i,
    output reg  [15:0] token_o,
    output reg  [17:0] value_o
);
    localparam LAST = VOCAB - 1;

    reg [18*TOP_K-1:0] values;
    reg [16*TOP_K-1:0] tokens;
    reg [TOP_K-1:0]    filled;

    reg        valid;
    reg [15:0] row;
    reg [17:0] logit;
    always @(posedge clk_i) begin
        valid <= valid_i & (row_i <= LAST[15:0]);
        if ((SPACED == 0) | valid_i) begin
            row <= row_i;
            logit <= logit_i;
        end
    end

    // Entries that are empty or less than the newcomer: a suffix of the list.
    wire [TOP_K-1:0] less;
    wire [TOP_K-1:0] beaten;
    wire             enters;
    genvar g;
    generate
        for (g = 0; g < TOP_K; g = g + 1) begin : compare
            assign less[g] = ~filled[g] | ($signed(logit) > $signed(values[18*g +: 18]));
        end
        if (SPACED != 0) begin : late
            reg [TOP_K:0] compared;
            always @(posedge clk_i) compared <= {valid, less};
            assign {enters, beaten} = compared;
        end else begin : at_once
            assign {enters, beaten} = {valid, less};
        end
    endgenerate

    integer i;
    always @(posedge clk_i) begin
        if (clear_i) begin
            filled <= 0;
        end else if (enters) begin
            // The suffix moves down by one and the newcomer takes its first place.
            for (i = TOP_K - 1; i >= 0; i = i - 1)
                if (beaten[i]) begin
                    values[18*i +: 18] <= logit;
                    tokens[16*i +: 16] <= row;
                    filled[i] <= 1'b1;
                end
            for (i = 1; i < TOP_K; i = i + 1)
                if (beaten[i-1]) begin
                    values[18*i +: 18] <= values[18*(i-1) +: 18];
                    tokens[16*i +: 16] <= tokens[16*(i-1) +: 16];
                    filled[i] <= filled[i-1];
                end
        end
    end

    integer at;
    always @* begin
        token_o = 16'd0;
        value_o = 18'd0;
        for (at = 0; at < TOP_K; at = at + 1)
            if (rank_i == at[7:0]) begin
                token_o = tokens[16*at +: 16];
                value_o = values[18*at +: 18];
            end
    end
endmodule
`default_nettype wire
