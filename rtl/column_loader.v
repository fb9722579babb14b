// SPDX-License-Identifier: Apache-2.0
// Writes the payload of a COLUMN request into a column: its position, its row of RoPE
// factors, its embedding.
//
// Start: `start_i` for one cycle before the payload's first byte.  Then bytes with
//   valid_i: the factors and the embedding, 16 bits each.  The position goes to the column
//   with the first of them; an element is written in the cycle after its second.
// good_i holds from the first byte on: column and position are there.  Without it nothing
//   is written.
// Latency: one cycle.  Resources: about 40 registers.
`default_nettype none
module column_loader #(
    parameter COLUMNS = 2,
    parameter MAX_SEQ = 512,
    parameter HEAD_DIM = 8,
    parameter DIM = 64,
    parameter EMBED_SHIFT = 0
) (
    input  wire               clk_i,
    input  wire               start_i,
    input  wire               valid_i,
    input  wire [7:0]         data_i,
    input  wire               good_i,
    input  wire [7:0]         column_i,
    input  wire [15:0]        position_i,
    output reg  [COLUMNS-1:0] load_residual_o,
    output reg  [COLUMNS-1:0] load_rope_o,
    output reg  [COLUMNS-1:0] load_position_o,
    output wire [15:0]        load_address_o,
    output wire [31:0]        load_data_o
);
    localparam LONGEST = (DIM > HEAD_DIM) ? DIM : HEAD_DIM;
    localparam ADDRESS_BITS = $clog2(LONGEST);
    localparam [15:0] POSITION_MASK = (1 << $clog2(MAX_SEQ)) - 1;   // of the bits it can have
    localparam ROPE_LAST = HEAD_DIM - 1;

    reg                    begun;       // the position has been written
    reg                    odd;
    reg                    in_rope;
    reg [ADDRESS_BITS-1:0] next;        // the element whose bytes are coming
    reg [ADDRESS_BITS-1:0] address;
    reg [15:0]             element;

    reg [COLUMNS-1:0] selected;
    integer c;
    always @* for (c = 0; c < COLUMNS; c = c + 1) selected[c] = good_i & (column_i == c[7:0]);

    wire ends = valid_i & odd;
    wire rope_ends = in_rope & (next == ROPE_LAST[ADDRESS_BITS-1:0]);
    wire [31:0] extended = {{16{element[15]}}, element};

    assign load_address_o = {{(16-ADDRESS_BITS){1'b0}}, address};
    assign load_data_o = (load_residual_o != 0) ? extended << EMBED_SHIFT :
                         (load_rope_o != 0) ? extended :
                         {16'd0, position_i & POSITION_MASK};

    always @(posedge clk_i) begin
        if (start_i) begin
            begun <= 1'b0;
            odd <= 1'b0;
            in_rope <= (HEAD_DIM != 0);
            next <= 0;
        end else if (valid_i) begin
            begun <= 1'b1;
            odd <= ~odd;
            if (odd) begin
                next <= rope_ends ? {ADDRESS_BITS{1'b0}} : next + 1'b1;
                if (rope_ends) in_rope <= 1'b0;
            end
        end
        if (valid_i) element <= {data_i, element[15:8]};
        address <= next;
        load_position_o <= (valid_i & ~begun) ? selected : {COLUMNS{1'b0}};
        load_rope_o <= (ends & in_rope) ? selected : {COLUMNS{1'b0}};
        load_residual_o <= (ends & ~in_rope) ? selected : {COLUMNS{1'b0}};
    end
endmodule
`default_nettype wire
