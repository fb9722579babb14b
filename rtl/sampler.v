// SPDX-License-Identifier: Apache-2.0
// Keeps the TOP_K greatest of one column's logits, best first; of equals the one
// that came first, which is the one of the lower token, as rows come in order.
//
// One logit a cycle where `valid`; rows from VOCAB on (padding) are passed over.
// `clear` empties the list.  `rank` selects what token and value show.
// Latency: a logit is in the list one cycle after it came.
// Resources: TOP_K x (34 registers and an 18-bit comparator).
`default_nettype none
module sampler #(
    parameter TOP_K = 8,
    parameter VOCAB = 512
) (
    input  wire        clk,
    input  wire        clear,
    input  wire        valid,
    input  wire [15:0] row,
    input  wire [17:0] logit,
    input  wire [7:0]  rank,
    output reg  [15:0] token,
    output reg  [17:0] value
);
    localparam LAST = VOCAB - 1;

    reg [18*TOP_K-1:0] values;
    reg [16*TOP_K-1:0] tokens;
    reg [TOP_K-1:0]    filled;

    // Entries that are empty or less than the newcomer: a suffix of the list.
    wire [TOP_K-1:0] beaten;
    genvar g;
    generate
        for (g = 0; g < TOP_K; g = g + 1) begin : compare
            assign beaten[g] = ~filled[g] | ($signed(logit) > $signed(values[18*g +: 18]));
        end
    endgenerate

    integer i;
    always @(posedge clk) begin
        if (clear) begin
            filled <= 0;
        end else if (valid & (row <= LAST[15:0])) begin
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
        token = 16'd0;
        value = 18'd0;
        for (at = 0; at < TOP_K; at = at + 1)
            if (rank == at[7:0]) begin
                token = tokens[16*at +: 16];
                value = values[18*at +: 18];
            end
    end
endmodule
`default_nettype wire
