// SPDX-License-Identifier: Apache-2.0
// A bulk OUT endpoint's buffer: packets in, a stream of bytes out, each byte once and in order.
//
// Packet: bytes by write_i; then `commit_i` keeps them or `drop_i` forgets them.  Bytes are
//   written only where room_o was high before the packet: a longest one then fits.
// Stream: valid/ready, only what has been committed.
// Latency: two cycles from a commit to the stream.  Resources: 2^BITS bytes of block RAM.
`default_nettype none
module usb_bulk_out #(
    parameter BITS = 10,        // of the buffer's size in bytes
    parameter FULL_BITS = 6,    // of a longest packet's at full speed
    parameter HIGH_BITS = 9     // and at high speed
) (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        is_high_i,       // the bus
    output wire        room_o,
    input  wire        write_i,
    input  wire [7:0]  data_i,
    input  wire        commit_i,
    input  wire        drop_i,
    output reg         valid_o,
    input  wire        ready_i,
    output reg  [7:0]  data_o
);
    reg [7:0]    memory [0:(1<<BITS)-1];
    reg [BITS:0] read_at;
    reg [BITS:0] kept;          // the end of what has been committed
    reg [BITS:0] written;

    wire [BITS:0] used = written - read_at;
    /* verilator lint_off UNUSEDSIGNAL */ // only how many packets it has counts
    wire [BITS:0] space = {1'b1, {BITS{1'b0}}} - used;
    /* verilator lint_on UNUSEDSIGNAL */
    wire reads = (read_at != kept) & (~valid_o | ready_i);

    assign room_o = is_high_i ? (space[BITS:HIGH_BITS] != 0) : (space[BITS:FULL_BITS] != 0);

    always @(posedge clk_i) begin
        if (write_i) memory[written[BITS-1:0]] <= data_i;
        if (reads) data_o <= memory[read_at[BITS-1:0]];
    end

    always @(posedge clk_i) begin
        if (rst_i) begin
            read_at <= 0;
            kept <= 0;
            written <= 0;
            valid_o <= 1'b0;
        end else begin
            if (drop_i) written <= kept;
            else if (write_i) written <= written + 1'b1;
            if (commit_i) kept <= written;
            if (reads) read_at <= read_at + 1'b1;
            if (~valid_o | ready_i) valid_o <= reads;
        end
    end
endmodule
`default_nettype wire
