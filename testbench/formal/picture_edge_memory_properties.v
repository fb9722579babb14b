// SPDX-License-Identifier: Apache-2.0
// picture_edge_memory.v loses and invents nothing, whatever the memory's port for state
// makes it wait: word n comes out as the n-th, and no more are held than there is room for.
//
// The words carry their number. The memory behind the port is four words deep, and a burst
// two words, so that what is here is round and round, and full, within few steps.
`default_nettype none
module picture_edge_memory_properties (
    input wire clk_i,
    input wire rst_i,
    input wire clear_i,
    input wire in_valid_i,
    input wire out_ready_i,
    input wire state_ready_i,
    input wire write_ready_i,
    input wire read_valid_i
);
    localparam MOST = 4 + 2 * (4 + 3);      // the memory, and two queues with their registers

    reg  [4:0]  sent;
    reg  [4:0]  wanted;
    wire        in_ready;
    wire        out_valid;
    wire [4:0]  out_data;
    wire        state_valid;
    wire        state_write;
    wire [23:0] state_address;
    wire [7:0]  state_length;
    wire        write_valid;
    wire [4:0]  write_data;

    // The memory: a burst at a time.
    reg  [4:0]  memory [0:3];
    reg         writing;
    reg         reading;
    reg  [1:0]  at;
    reg  [7:0]  left;
    wire        free = ~writing & ~reading;
    wire        asked = state_valid & state_ready_i & free;
    wire        written = write_valid & write_ready_i & writing;
    wire        read = read_valid_i & reading;

    picture_edge_memory #(.WIDTH(5), .DEPTH_BITS(2), .BURST(2), .QUEUE(4)) dut (
        .clk_i(clk_i), .rst_i(rst_i), .clear_i(clear_i),
        .in_valid_i(in_valid_i), .in_ready_o(in_ready), .in_data_i(sent),
        .out_valid_o(out_valid), .out_ready_i(out_ready_i), .out_data_o(out_data),
        .mem_state_valid_o(state_valid), .mem_state_ready_i(state_ready_i & free),
        .mem_state_write_o(state_write), .mem_state_address_o(state_address),
        .mem_state_length_o(state_length), .mem_state_write_valid_o(write_valid),
        .mem_state_write_ready_i(write_ready_i & writing), .mem_state_write_data_o(write_data),
        .mem_state_read_valid_i(read), .mem_state_read_data_i(memory[at])
    );

    initial assume (rst_i);
    wire [4:0] held = sent - wanted;

    always @(posedge clk_i) begin
        if (rst_i | clear_i) begin
            sent <= 5'd0;
            wanted <= 5'd0;
        end else begin
            if (in_valid_i & in_ready) sent <= sent + 1'b1;
            if (out_valid & out_ready_i) wanted <= wanted + 1'b1;
        end
        if (rst_i) {writing, reading} <= 2'b00;
        else if (asked) begin
            {writing, reading} <= {state_write, ~state_write};
            at <= state_address[3:2];
            left <= state_length;
        end else if (written | read) begin
            at <= at + 1'b1;
            left <= left - 1'b1;
            if (left == 8'd1) {writing, reading} <= 2'b00;
        end
        if (written) memory[at] <= write_data;
    end

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;

    always @* if (started) begin
        if (out_valid) assert (out_data == wanted);
        assert (held <= MOST);
        if (held == 0) assert (~out_valid);
        if (state_valid) begin
            assert (state_length != 8'd0);
            assert ({6'd0, state_address[3:2]} % 2 + state_length <= 8'd2);
            assert (state_address[23:4] == 20'd0 && state_address[1:0] == 2'd0);
        end
    end
endmodule
`default_nettype wire
