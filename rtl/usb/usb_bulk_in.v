// SPDX-License-Identifier: Apache-2.0
// A bulk IN endpoint's buffer: a stream of bytes in, packets out that may be sent again.
//
// Stream: valid/ready.  A packet is due when a longest one is full, when the stream has paused
//   for 2^PAUSE_BITS cycles with bytes waiting, or, without bytes, when it pauses after a
//   longest packet: an empty one then ends the host's transfer.
// Packet: due_o; `begin_i` for one cycle fixes what it is; then data_valid_o with data_o, the
//   next byte after each take_i.  `commit_i`: the host has it.  Without that the next begin_i
//   gives the same bytes.
// Latency: one cycle from begin_i to data.  Resources: 2^BITS bytes of block RAM.
`default_nettype none
module usb_bulk_in #(
    parameter BITS = 10,        // of the buffer's size in bytes
    parameter FULL_BITS = 6,    // of a longest packet's at full speed
    parameter HIGH_BITS = 9,    // and at high speed
    parameter PAUSE_BITS = 5
) (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        is_high_i,       // the bus
    input  wire        valid_i,
    output wire        ready_o,
    input  wire [7:0]  data_i,
    output wire        due_o,
    input  wire        begin_i,
    output wire        data_valid_o,
    output reg  [7:0]  data_o,
    input  wire        take_i,
    input  wire        commit_i
);
    reg [7:0]          memory [0:(1<<BITS)-1];
    reg [BITS:0]       kept;            // what the host has; the packet begins here
    reg [BITS:0]       read_at;
    reg [BITS:0]       ends;            // the packet's end
    reg [BITS:0]       written;
    reg [PAUSE_BITS:0] pause;
    reg                fixed;           // the packet's end is: it has been sent once
    reg                is_longest;      // that packet
    reg                after_longest;   // the host has had one last

    wire [BITS:0] waiting = written - kept;
    wire full_packet = is_high_i ? (waiting[BITS:HIGH_BITS] != 0)
                                 : (waiting[BITS:FULL_BITS] != 0);
    wire [BITS:0] full_end = is_high_i ? {kept[BITS:HIGH_BITS] + 1'b1, kept[HIGH_BITS-1:0]}
                                       : {kept[BITS:FULL_BITS] + 1'b1, kept[FULL_BITS-1:0]};
    wire paused = pause[PAUSE_BITS];
    wire writes = valid_i & ready_o;
    wire [BITS:0] read_next = begin_i ? kept : take_i ? read_at + 1'b1 : read_at;

    assign ready_o = ~waiting[BITS];
    assign due_o = fixed | full_packet | (paused & ((waiting != 0) | after_longest));
    assign data_valid_o = (read_at != ends);

    always @(posedge clk_i) begin
        if (writes) memory[written[BITS-1:0]] <= data_i;
        data_o <= memory[read_next[BITS-1:0]];
    end

    always @(posedge clk_i) begin
        if (rst_i) begin
            kept <= 0;
            read_at <= 0;
            ends <= 0;
            written <= 0;
            pause <= 0;
            fixed <= 1'b0;
            after_longest <= 1'b0;
        end else begin
            if (writes) written <= written + 1'b1;
            if (writes) pause <= 0;
            else if (~paused) pause <= pause + 1'b1;
            read_at <= read_next;
            if (begin_i & ~fixed) begin
                fixed <= 1'b1;
                is_longest <= full_packet;
                ends <= full_packet ? full_end : written;
            end
            if (commit_i) begin
                fixed <= 1'b0;
                kept <= ends;
                after_longest <= is_longest;
            end
        end
    end
endmodule
`default_nettype wire
