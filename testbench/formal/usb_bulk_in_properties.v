// SPDX-License-Identifier: Apache-2.0
// usb_bulk_in.v, however often a packet is asked for and whenever the host has it: packets hold
// the stream's bytes in order, each in one packet that the host gets; one that is sent again
// is the same; none is longer than the longest.
//
// A byte is its number.  The queue has 8 bytes and packets have 4 at most, or 2.
`default_nettype none
module usb_bulk_in_properties (
    input wire clk_i,
    input wire rst_i,
    input wire is_high_i,
    input wire valid_i,
    input wire begin_i,
    input wire take_i,
    input wire commit_i
);
    wire       ready, due, data_valid;
    wire [7:0] data;
    reg  [4:0] given = 5'd0;            // to the queue
    reg  [4:0] host_has = 5'd0;
    reg  [4:0] next = 5'd0;             // in the packet that is sent
    reg        sending = 1'b0;
    reg        sent = 1'b0;             // whole, and the host may acknowledge it
    reg        again = 1'b0;            // it was sent before, and had `size` bytes
    reg  [4:0] size = 5'd0;
    wire       begins = due & begin_i & ~sending;
    wire       take = sending & data_valid & take_i;
    wire       commit = sent & commit_i & ~begins;
    wire [4:0] longest = is_high_i ? 5'd4 : 5'd2;

    usb_bulk_in #(.BITS(3), .FULL_BITS(1), .HIGH_BITS(2), .PAUSE_BITS(1)) dut (
        .clk_i(clk_i), .rst_i(rst_i), .is_high_i(is_high_i), .valid_i(valid_i),
        .ready_o(ready), .data_i({3'd0, given}), .due_o(due), .begin_i(begins),
        .data_valid_o(data_valid), .data_o(data), .take_i(take), .commit_i(commit)
    );

    initial assume (rst_i);
    reg was_high;
    always @(posedge clk_i) begin
        was_high <= is_high_i;
        if (rst_i) begin
            given <= 5'd0;
            host_has <= 5'd0;
            sending <= 1'b0;
            sent <= 1'b0;
            again <= 1'b0;
        end else begin
            if (valid_i & ready) given <= given + 1'b1;
            if (begins) begin
                sending <= 1'b1;
                sent <= 1'b0;
                next <= host_has;
            end
            if (take) next <= next + 1'b1;
            if (sending & ~data_valid) begin
                sending <= 1'b0;
                sent <= 1'b1;
                again <= 1'b1;
                size <= next - host_has;
            end
            if (commit) begin
                host_has <= next;
                sent <= 1'b0;
                again <= 1'b0;
            end
        end
    end

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;
    always @* if (started) assume ((is_high_i == was_high) | rst_i);
    always @* if (started & ~rst_i) begin
        if (sending & data_valid) begin
            assert (data == {3'd0, next});
            assert (next != given);
            assert (next - host_has < longest);
        end
        if (sending & ~data_valid & again) assert (next - host_has == size);
        assert (given - host_has <= 5'd8);
        if (given - host_has < 5'd8) assert (ready);
    end

    reg [1:0] packets = 2'd0;
    reg       repeated = 1'b0;
    always @(posedge clk_i) begin
        if (begins & again) repeated <= 1'b1;
        if (commit & ~rst_i & ~packets[1]) packets <= packets + 1'b1;
        cover (repeated & packets[1] & (size == 5'd0));
    end
endmodule
`default_nettype wire
