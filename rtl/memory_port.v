// SPDX-License-Identifier: Apache-2.0
// All of a memory but its controller: the face to the design, the crossing to the
// memory's clock, the start-up test, and the bursts that they ask for.
//
// Ports: the common face of docs/memories.md; requests as memory_requests makes them;
//   the test runs while run_i is high, and its result counts when tested_i is.
// Timing: adds a cycle to none of them.
`default_nettype none
module memory_port #(
    parameter T = 32,
    parameter D = 16,
    parameter A = 24,
    parameter TAPE_LINES = 1024,
    parameter DEPTH = 512
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    output wire         valid_o,
    input  wire         ready_i,
    output wire [T-1:0] data_o,
    input  wire         load_start_i,
    input  wire [23:0]  load_line_i,
    input  wire         load_valid_i,
    output wire         load_ready_o,
    input  wire [7:0]   load_data_i,
    output wire         load_busy_o,
    input  wire         state_valid_i,
    output wire         state_ready_o,
    input  wire         state_write_i,
    input  wire [23:0]  state_address_i,
    input  wire [7:0]   state_length_i,
    input  wire         state_write_valid_i,
    output wire         state_write_ready_o,
    input  wire [T-1:0] state_write_data_i,
    output wire         state_read_valid_o,
    output wire [T-1:0] state_read_data_o,
    output wire [1:0]   fault_o,

    input  wire         memory_clk_i,
    input  wire         memory_rst_i,
    input  wire         run_i,
    output wire         test_done_o,
    output wire         test_failed_o,
    input  wire         tested_i,
    output wire         request_valid_o,
    input  wire         request_ready_i,
    output wire         request_write_o,
    output wire         request_state_o,
    output wire [A-4:0] request_address_o,
    output wire         beat_valid_o,
    input  wire         beat_ready_i,
    output wire [D-1:0] beat_data_o,
    output wire         beat_mask_o,
    input  wire         read_valid_i,
    input  wire         read_state_i,
    input  wire [D-1:0] read_data_i
);
    localparam C = (T > A + 8) ? T : A + 8;

    wire                   command_valid;
    wire                   command_ready;
    wire [2:0]             command_kind;
    wire [C-1:0]           command_data;
    wire [$clog2(DEPTH):0] tape_room;
    wire                   tape_valid;
    wire                   tape_mark;
    wire [T-1:0]           tape_data;
    wire [9:0]             reply_room;
    wire                   reply_valid;
    wire [1:0]             reply_kind;
    wire [T-1:0]           reply_data;

    memory_crossing #(.T(T), .D(D), .A(A), .TAPE_LINES(TAPE_LINES), .DEPTH(DEPTH)) crossing (
        .clk_i(clk_i), .rst_i(rst_i),
        .start_i(start_i), .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o),
        .load_start_i(load_start_i), .load_line_i(load_line_i), .load_valid_i(load_valid_i),
        .load_ready_o(load_ready_o), .load_data_i(load_data_i), .load_busy_o(load_busy_o),
        .state_valid_i(state_valid_i), .state_ready_o(state_ready_o),
        .state_write_i(state_write_i), .state_address_i(state_address_i),
        .state_length_i(state_length_i), .state_write_valid_i(state_write_valid_i),
        .state_write_ready_o(state_write_ready_o), .state_write_data_i(state_write_data_i),
        .state_read_valid_o(state_read_valid_o), .state_read_data_o(state_read_data_o),
        .fault_o(fault_o),
        .memory_clk_i(memory_clk_i), .memory_rst_i(memory_rst_i),
        .command_valid_o(command_valid), .command_ready_i(command_ready),
        .command_kind_o(command_kind), .command_data_o(command_data),
        .tape_room_o(tape_room), .tape_valid_i(tape_valid), .tape_mark_i(tape_mark),
        .tape_data_i(tape_data), .reply_room_o(reply_room), .reply_valid_i(reply_valid),
        .reply_kind_i(reply_kind), .reply_data_i(reply_data)
    );

    wire         work_valid;
    wire         work_write;
    wire         work_state;
    wire [A-4:0] work_address;
    wire         work_beat_valid;
    wire [D-1:0] work_beat_data;
    wire         work_beat_mask;
    memory_requests #(.T(T), .D(D), .A(A), .TAPE_LINES(TAPE_LINES), .DEPTH(DEPTH)) work (
        .clk_i(memory_clk_i), .rst_i(memory_rst_i),
        .tested_i(tested_i), .failed_i(test_failed_o),
        .command_valid_i(command_valid), .command_ready_o(command_ready),
        .command_kind_i(command_kind), .command_data_i(command_data),
        .tape_room_i(tape_room), .tape_valid_o(tape_valid), .tape_mark_o(tape_mark),
        .tape_data_o(tape_data), .reply_room_i(reply_room), .reply_valid_o(reply_valid),
        .reply_kind_o(reply_kind), .reply_data_o(reply_data),
        .request_valid_o(work_valid), .request_ready_i(request_ready_i & tested_i),
        .request_write_o(work_write), .request_state_o(work_state),
        .request_address_o(work_address),
        .beat_valid_o(work_beat_valid), .beat_ready_i(beat_ready_i & tested_i),
        .beat_data_o(work_beat_data), .beat_mask_o(work_beat_mask),
        .read_valid_i(read_valid_i & tested_i), .read_state_i(read_state_i),
        .read_data_i(read_data_i)
    );

    wire         test_valid;
    wire         test_write;
    wire [A-4:0] test_address;
    wire         test_beat_valid;
    wire [D-1:0] test_beat_data;
    memory_test #(.D(D), .A(A)) test (
        .clk_i(memory_clk_i), .rst_i(memory_rst_i), .run_i(run_i),
        .done_o(test_done_o), .failed_o(test_failed_o),
        .request_valid_o(test_valid), .request_ready_i(request_ready_i & ~tested_i),
        .request_write_o(test_write), .request_address_o(test_address),
        .beat_valid_o(test_beat_valid), .beat_ready_i(beat_ready_i & ~tested_i),
        .beat_data_o(test_beat_data),
        .read_valid_i(read_valid_i & ~tested_i), .read_data_i(read_data_i)
    );

    assign request_valid_o = tested_i ? work_valid : test_valid;
    assign request_write_o = tested_i ? work_write : test_write;
    assign request_state_o = tested_i & work_state;
    assign request_address_o = tested_i ? work_address : test_address;
    assign beat_valid_o = tested_i ? work_beat_valid : test_beat_valid;
    assign beat_data_o = tested_i ? work_beat_data : test_beat_data;
    assign beat_mask_o = tested_i & work_beat_mask;
endmodule
`default_nettype wire
