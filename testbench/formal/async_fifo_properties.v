// SPDX-License-Identifier: Apache-2.0
// async_fifo.v between two clocks that tick in any order at all: words come out as they
// went in, none lost, none invented, and in_room_o promises no more than there is.
//
// Each step of the proof may have an edge of either clock, of both, or of none.
`default_nettype none
module async_fifo_properties (
    input wire in_tick_i,
    input wire out_tick_i,
    input wire in_valid_i,
    input wire out_ready_i
);
    localparam DEPTH = 4;

    (* gclk *) wire global_clock;
    reg in_clk = 1'b0;
    reg out_clk = 1'b0;
    always @(posedge global_clock) begin
        in_clk <= in_clk ^ in_tick_i;
        out_clk <= out_clk ^ out_tick_i;
    end

    // Both sides leave the reset together; the registers begin as it makes them.
    reg in_rst = 1'b1;
    reg out_rst = 1'b1;
    reg [3:0] sent = 4'd0;
    reg [3:0] wanted = 4'd0;
    reg       in_valid = 1'b0;
    reg       out_ready = 1'b0;
    reg [2:0] step = 3'd0;
    wire       in_ready;
    wire       out_valid;
    wire [3:0] out_data;
    wire [2:0] room;

    async_fifo #(.WIDTH(4), .DEPTH(DEPTH)) dut (
        .in_clk_i(in_clk), .in_rst_i(in_rst), .in_valid_i(in_valid), .in_ready_o(in_ready),
        .in_data_i(sent), .in_room_o(room), .out_clk_i(out_clk), .out_rst_i(out_rst),
        .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(out_data)
    );

    // Four steps of reset in which both clocks tick.
    always @(posedge global_clock) begin
        if (step < 3'd6) begin
            step <= step + 1'b1;
            assume (in_tick_i & out_tick_i);
        end
    end
    always @(posedge in_clk) begin
        if (step >= 3'd4) in_rst <= 1'b0;
        in_valid <= in_valid_i;
        if (~in_rst & in_valid & in_ready) sent <= sent + 1'b1;
    end
    always @(posedge out_clk) begin
        if (step >= 3'd4) out_rst <= 1'b0;
        out_ready <= out_ready_i;
        if (~out_rst & out_valid & out_ready) wanted <= wanted + 1'b1;
    end

    wire [3:0] held = sent - wanted;
    always @* if (~in_rst & ~out_rst) begin
        if (out_valid) assert (out_data == wanted);
        assert (held <= DEPTH + 3);
        if (held == 0) assert (~out_valid);
        assert ({1'b0, room} + held <= DEPTH + 4);
    end
endmodule
`default_nettype wire
