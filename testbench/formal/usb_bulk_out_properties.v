// SPDX-License-Identifier: Apache-2.0
// usb_bulk_out.v, whatever packets are kept or forgotten: the bytes of those that are kept come
// out once each, in order, and nothing else does; where there is room a longest packet fits.
//
// A byte is its number among those that are kept, so that a forgotten packet's numbers come
// again.  The queue has 8 bytes and packets have 4 at most, or 2.
`default_nettype none
module usb_bulk_out_properties (
    input wire clk_i,
    input wire rst_i,
    input wire is_high_i,
    input wire begin_i,                 // a packet
    input wire write_i,
    input wire end_i,
    input wire good_i,
    input wire ready_i
);
    wire       room, valid;
    wire [7:0] data;
    reg        taking = 1'b0;           // a packet's bytes
    reg  [2:0] size = 3'd0;
    reg  [4:0] kept = 5'd0, written = 5'd0, wanted = 5'd0;
    wire [2:0] longest = is_high_i ? 3'd4 : 3'd2;
    wire       write = taking & write_i & (size < longest);
    wire       ends = taking & end_i & ~write;

    usb_bulk_out #(.BITS(3), .FULL_BITS(1), .HIGH_BITS(2)) dut (
        .clk_i(clk_i), .rst_i(rst_i), .is_high_i(is_high_i), .room_o(room), .write_i(write),
        .data_i({3'd0, written}), .commit_i(ends & good_i), .drop_i(~taking | (ends & ~good_i)),
        .valid_o(valid), .ready_i(ready_i), .data_o(data)
    );

    initial assume (rst_i);
    reg was_high;
    always @(posedge clk_i) begin
        was_high <= is_high_i;
        if (rst_i) begin
            taking <= 1'b0;
            kept <= 5'd0;
            written <= 5'd0;
            wanted <= 5'd0;
        end else begin
            if (~taking & begin_i & room) begin
                taking <= 1'b1;
                size <= 3'd0;
            end
            if (write) begin
                written <= written + 1'b1;
                size <= size + 1'b1;
            end
            if (ends) taking <= 1'b0;
            if (ends & good_i) kept <= written;
            if (ends & ~good_i) written <= kept;
            if (valid & ready_i) wanted <= wanted + 1'b1;
        end
    end

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;
    always @* if (started) assume ((is_high_i == was_high) | rst_i);
    always @* if (started & ~rst_i) begin
        if (valid) assert (data == {3'd0, wanted});
        if (valid) assert (wanted != kept);
        assert (kept - wanted <= 5'd9);
        // Nothing that is lost for want of room: all but what waits at the output is free.
        if (wanted == kept & ~taking) assert (room);
    end

    reg was_full = 1'b0;
    always @(posedge clk_i) begin
        if ((kept - wanted == 5'd9) & ~rst_i) was_full <= 1'b1;
        cover (was_full & (wanted == kept) & ~rst_i);
    end
endmodule
`default_nettype wire
