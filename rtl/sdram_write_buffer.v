// SPDX-License-Identifier: Apache-2.0
// Two bursts of 8 beats that wait to be written.
//
// Timing: a beat taken in one cycle can be read in the next; beat_o is the oldest, and
//   pop_i goes on to the one after it.  room_o is high while 16 beats are not full.
// Resources: 16 x WIDTH bits of LUT RAM, 13 registers.
`default_nettype none
module sdram_write_buffer #(
    parameter WIDTH = 17
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             push_i,
    output wire             room_o,
    input  wire [WIDTH-1:0] beat_i,
    input  wire             pop_i,
    output wire [WIDTH-1:0] beat_o
);
    reg [WIDTH-1:0] memory [0:15];
    reg [3:0]       write_at;
    reg [3:0]       read_at;
    reg [4:0]       stored;

    wire take = push_i & room_o;
    assign room_o = ~stored[4];
    assign beat_o = memory[read_at];

    always @(posedge clk_i) begin
        if (take) memory[write_at] <= beat_i;
        if (rst_i) begin
            write_at <= 4'd0;
            read_at <= 4'd0;
            stored <= 5'd0;
        end else begin
            write_at <= write_at + {3'd0, take};
            read_at <= read_at + {3'd0, pop_i};
            stored <= stored + {4'd0, take} - {4'd0, pop_i};
        end
    end
endmodule
`default_nettype wire
