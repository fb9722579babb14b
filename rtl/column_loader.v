// SPDX-License-Identifier: Apache-2.0
// Writes the payload of a COLUMN request into a column: its position, its row of RoPE
// factors, its embedding.
//
// Start: `start_i` for one cycle before the payload's first byte.  Then bytes with
//   valid_i: the column (16 bits), 16 bits of 0, the position (32), the factors and the
//   embedding (16 bits each).  Two bytes make one write, in the cycle after the second.
// good_o holds from the eighth byte on: the column and the position are there.  Without
//   it nothing is written.
// Latency: one cycle.  Resources: about 100 registers.
`default_nettype none
module column_loader #(
    parameter COLUMNS = 2,
    parameter MAX_SEQ = 512,
    parameter HEAD_DIM = 8,
    parameter EMBED_SHIFT = 0
) (
    input  wire               clk_i,
    input  wire               start_i,
    input  wire               valid_i,
    input  wire [7:0]         data_i,
    input  wire               in_head_i,  // the first eight bytes are still coming
    input  wire [15:0]        column_i,   // of those eight, once they are there
    input  wire [31:0]        position_i,
    output wire               good_o,
    output reg  [COLUMNS-1:0] load_residual_o,
    output reg  [COLUMNS-1:0] load_rope_o,
    output reg  [COLUMNS-1:0] load_position_o,
    output reg  [15:0]        load_address_o,
    output reg  [31:0]        load_data_o
);
    localparam [15:0] ROPE_LAST = HEAD_DIM - 1;

    reg        odd;
    reg        in_rope;
    reg        position_due;
    reg [15:0] address;
    reg [7:0]  low_byte;

    assign good_o = (column_i < COLUMNS[15:0]) & (position_i < MAX_SEQ);

    reg [COLUMNS-1:0] selected;
    integer c;
    always @* for (c = 0; c < COLUMNS; c = c + 1) selected[c] = good_o & (column_i == c[15:0]);

    wire element = valid_i & ~in_head_i & odd;
    wire writes_position = position_due & valid_i & ~in_head_i;
    wire [31:0] extended = {{16{data_i[7]}}, data_i, low_byte};

    always @(posedge clk_i) begin
        if (start_i) begin
            odd <= 1'b0;
            in_rope <= (HEAD_DIM != 0);
            position_due <= 1'b1;
            address <= 16'd0;
        end else if (valid_i & ~in_head_i) begin
            odd <= ~odd;
            position_due <= 1'b0;
            low_byte <= data_i;
            if (odd) begin
                address <= (in_rope & (address == ROPE_LAST)) ? 16'd0 : address + 1'b1;
                if (address == ROPE_LAST) in_rope <= 1'b0;
            end
        end
        load_position_o <= writes_position ? selected : {COLUMNS{1'b0}};
        load_rope_o <= (element & in_rope) ? selected : {COLUMNS{1'b0}};
        load_residual_o <= (element & ~in_rope) ? selected : {COLUMNS{1'b0}};
        load_address_o <= address;
        load_data_o <= writes_position ? position_i : in_rope ? extended : extended << EMBED_SHIFT;
    end
endmodule
`default_nettype wire
