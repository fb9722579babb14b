// SPDX-License-Identifier: Apache-2.0
// fifo.v loses and invents nothing: of any two words that go in one after the other, each
// comes out once, in that order, and nothing comes out that did not go in.
//
// The words carry their number: word n must come out as the n-th.
`default_nettype none
module fifo_properties (
    input wire clk_i,
    input wire rst_i,
    input wire flush_i,
    input wire in_valid_i,
    input wire out_ready_i
);
    localparam DEPTH = 4;

    reg  [3:0] sent;
    reg  [3:0] wanted;
    wire       in_ready;
    wire       out_valid;
    wire [3:0] out_data;

    fifo #(.WIDTH(4), .DEPTH(DEPTH)) dut (
        .clk_i(clk_i), .rst_i(rst_i), .flush_i(flush_i),
        .in_valid_i(in_valid_i), .in_ready_o(in_ready), .in_data_i(sent),
        .out_valid_o(out_valid), .out_ready_i(out_ready_i), .out_data_o(out_data)
    );

    initial assume (rst_i);
    wire [3:0] held = sent - wanted;

    always @(posedge clk_i) begin
        if (rst_i | flush_i) begin
            sent <= 4'd0;
            wanted <= 4'd0;
        end else begin
            if (in_valid_i & in_ready) sent <= sent + 1'b1;
            if (out_valid & out_ready_i) wanted <= wanted + 1'b1;
        end
    end

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;

    always @* if (started) begin
        if (out_valid) assert (out_data == wanted);
        assert (held <= DEPTH + 3);
        if (held == 0) assert (~out_valid);
        if (held < DEPTH) assert (in_ready);
    end

    // The proof would be worth nothing if the queue could not fill and empty.
    reg was_full = 1'b0;
    always @(posedge clk_i) begin
        if (held == DEPTH + 3) was_full <= 1'b1;
        cover (was_full & (held == 0) & ~rst_i & ~flush_i);
    end
endmodule
`default_nettype wire
