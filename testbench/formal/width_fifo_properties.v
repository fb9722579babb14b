// SPDX-License-Identifier: Apache-2.0
// width_fifo.v, once to wider and once to narrower words, loses and invents nothing: parts
// carry their number, and come out in order, each once.
`default_nettype none
module width_fifo_properties (
    input wire clk_i,
    input wire rst_i,
    input wire in_valid_i,
    input wire out_ready_i
);
    localparam DEPTH = 4;               // of words of two parts

    reg  [4:0] sent_narrow, sent_wide, wanted_wide, wanted_narrow;
    wire       narrow_ready, wide_ready, wide_valid, narrow_valid;
    wire [9:0] wide;
    wire [4:0] narrow;
    wire [4:0] sent_after = sent_wide + 5'd1;
    wire [4:0] wanted_after = wanted_wide + 5'd1;
    wire [4:0] held_widened = sent_narrow - wanted_wide;
    wire [4:0] held_narrowed = sent_wide - wanted_narrow;

    width_fifo #(.IN(5), .OUT(10), .DEPTH(DEPTH)) widens (
        .clk_i(clk_i), .rst_i(rst_i),
        .in_valid_i(in_valid_i), .in_ready_o(narrow_ready), .in_data_i(sent_narrow),
        .out_valid_o(wide_valid), .out_ready_i(out_ready_i), .out_data_o(wide)
    );
    width_fifo #(.IN(10), .OUT(5), .DEPTH(DEPTH)) narrows (
        .clk_i(clk_i), .rst_i(rst_i),
        .in_valid_i(in_valid_i), .in_ready_o(wide_ready), .in_data_i({sent_after, sent_wide}),
        .out_valid_o(narrow_valid), .out_ready_i(out_ready_i), .out_data_o(narrow)
    );

    initial assume (rst_i);
    reg started = 1'b0;
    always @(posedge clk_i) begin
        started <= 1'b1;
        if (rst_i) begin
            sent_narrow <= 5'd0;
            sent_wide <= 5'd0;
            wanted_wide <= 5'd0;
            wanted_narrow <= 5'd0;
        end else begin
            if (in_valid_i & narrow_ready) sent_narrow <= sent_narrow + 5'd1;
            if (in_valid_i & wide_ready) sent_wide <= sent_wide + 5'd2;
            if (wide_valid & out_ready_i) wanted_wide <= wanted_wide + 5'd2;
            if (narrow_valid & out_ready_i) wanted_narrow <= wanted_narrow + 5'd1;
        end
    end

    always @* if (started) begin
        if (wide_valid) assert (wide == {wanted_after, wanted_wide});
        if (wide_valid) assert (held_widened >= 5'd2);
        if (narrow_valid) assert (narrow == wanted_narrow);
        if (narrow_valid) assert (held_narrowed != 5'd0);
        if (held_widened < 2 * DEPTH) assert (narrow_ready);
        if (held_narrowed < 2 * DEPTH - 1) assert (wide_ready);
    end

    // What goes in comes out again.
    always @(posedge clk_i) begin
        cover (wanted_wide == 5'd4 & held_widened == 5'd0 & ~rst_i);
        cover (wanted_narrow == 5'd4 & held_narrowed == 5'd0 & ~rst_i);
    end
endmodule
`default_nettype wire
