// SPDX-License-Identifier: Apache-2.0
// tape_reader.v never runs past an end: a header is a line, its payload as many lines as it
// says and not a word more, payload_last_o stands with the last of them and with no other, and
// after an error nothing more is taken.
//
// The checksums are stubs here, the upper bits of the last word: any may be right or wrong. The
// queue, which has a proof of its own, lets words through as they come.
`default_nettype none
module tape_reader_properties (
    input wire         clk_i,
    input wire         restart_i,
    input wire         mem_valid_i,
    input wire [127:0] mem_data_i,
    input wire         header_ready_i,
    input wire         op_ready_i,
    input wire         payload_ready_i
);
    localparam LINE_WORDS = 2;

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;
    wire rst = ~started;

    wire       mem_start, mem_ready, header_valid, op_valid, payload_valid, payload_last;
    wire [3:0] header_at;
    wire [1:0] error;
    tape_reader #(.T(128), .DEPTH(4)) dut (
        .clk_i(clk_i), .rst_i(rst), .restart_i(restart_i), .mem_start_o(mem_start),
        .mem_valid_i(mem_valid_i), .mem_ready_o(mem_ready), .mem_data_i(mem_data_i),
        .header_ready_i(header_ready_i), .header_valid_o(header_valid), .header_at_o(header_at),
        .op_valid_o(op_valid), .op_ready_i(op_ready_i), .op_is_end_o(),
        .payload_valid_o(payload_valid), .payload_ready_i(payload_ready_i), .payload_data_o(),
        .payload_last_o(payload_last), .error_o(error)
    );

    wire again = rst | restart_i;
    wire taken = mem_valid_i & mem_ready & ~mem_start;
    wire op_taken = op_valid & op_ready_i;
    wire payload_taken = payload_valid & payload_ready_i;

    // Words of the payload that are left, and of the header that have come.
    reg [25:0] left = 26'd0;
    reg [2:0]  header_words = 3'd0;
    reg [23:0] lines;                   // that the header says
    reg        failed = 1'b0;           // an operator with an error was given out
    always @(posedge clk_i) begin
        if (again) begin
            left <= 26'd0;
            header_words <= 3'd0;
            failed <= 1'b0;
        end else if (op_taken) begin
            left <= (error != 0) ? 26'd0 : {1'b0, lines, 1'b0};
            header_words <= 3'd0;
            failed <= (error != 0);
        end else if (taken) begin
            if ((left == 0) & (header_words == 1)) lines <= mem_data_i[23:0];
            if (left != 0) left <= left - 1'b1;
            else header_words <= header_words + 1'b1;
        end
    end

    always @* if (started & ~restart_i) begin
        if (payload_valid) assert (left != 0);
        if (payload_taken) assert (taken);
        if (payload_valid) assert (payload_last == (left == 1));
        if (taken & (left != 0)) assert (payload_taken);
        if (op_valid) assert ((left == 0) & (header_words == LINE_WORDS) & ~taken);
        assert (header_words <= LINE_WORDS);
        assert ((header_valid & header_ready_i) == (taken & (left == 0)));
        if (header_valid) assert (header_at == {1'b0, header_words});
        if (failed) assert (~taken & ~op_valid & ~payload_valid);
    end

    // What holds in each state of the reader, and makes all that is above follow for ever.
    localparam [2:0] HEADER = 3'd0, CHECK = 3'd1, OFFER = 3'd2, PAYLOAD = 3'd3, FAILED = 3'd4;
    (* hierconn *) wire [2:0]  \dut.state ;
    (* hierconn *) wire        \dut.word ;
    (* hierconn *) wire [23:0] \dut.lines_left ;
    wire [2:0]  state = \dut.state ;
    wire        word = \dut.word ;
    wire [23:0] lines_left = \dut.lines_left ;

    always @* if (started) begin
        assert (state <= FAILED);
        if ((state == HEADER) | (state == PAYLOAD)) assert (~failed);
        if (state == FAILED) assert ((error != 0) & (left == 0));
        else if (state != OFFER) assert (error == 0);
        if (state == HEADER) assert ((left == 0) & (header_words == {2'd0, word}));
        if ((state == CHECK) | (state == OFFER))
            assert (~failed & (left == 0) & (header_words == LINE_WORDS) & ~word
                    & (lines_left == lines));
        if (state == PAYLOAD)
            assert ((lines_left != 0) & (header_words == 0)
                    & ({1'b0, left} + word == {2'd0, lines_left, 1'b0}));
    end
endmodule

module crc32 #(
    parameter WIDTH = 64
) (
    input  wire             clk_i,
    input  wire             clear_i,
    input  wire             valid_i,
    input  wire [WIDTH-1:0] data_i,
    output reg  [31:0]      crc_o
);
    always @(posedge clk_i)
        if (clear_i) crc_o <= 32'd0;
        else if (valid_i) crc_o <= data_i[WIDTH-1 -: 32];
endmodule

module fifo #(
    parameter WIDTH = 64,
    parameter DEPTH = 512
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             flush_i,
    input  wire             in_valid_i,
    output wire             in_ready_o,
    input  wire [WIDTH-1:0] in_data_i,
    output wire             out_valid_o,
    input  wire             out_ready_i,
    output wire [WIDTH-1:0] out_data_o
);
    assign in_ready_o = out_ready_i;
    assign out_valid_o = in_valid_i & ~flush_i;
    assign out_data_o = in_data_i;
endmodule
`default_nettype wire
