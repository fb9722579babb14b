// SPDX-License-Identifier: Apache-2.0
// The tape reader and the unpacker on a tape of tape_vectors.c, with random pauses
// of the memory and of the array: every header and every beat, over two passes and
// after a restart in the middle; on a damaged tape the right error and no more.
`default_nettype none
module tape_tb;
    parameter T = 64;
    parameter K = 8;
    parameter R = 2;
    parameter SEED = 1;
    localparam MOST = 16384;

    reg [T-1:0]         tape [0:MOST-1];
    reg [255:0]         headers [0:63];
    reg [8*R*(K+1)-1:0] beats [0:MOST-1];
    reg [31:0]          sizes [0:3];

    reg          clk = 1'b0;
    reg          rst = 1'b1;
    reg          restart = 1'b0;
    reg          mem_valid = 1'b0;
    integer      mem_at = 0;
    wire         mem_start;
    wire         mem_ready;
    wire         op_valid;
    reg          op_ready = 1'b0;
    wire [255:0] header;
    reg          header_ready = 1'b0;
    wire         header_valid;
    wire [3:0]   header_at;
    wire         is_end;
    wire         word_valid;
    wire         word_ready;
    wire [T-1:0] word;
    wire         word_last;
    wire [1:0]   error;
    wire         busy;
    wire         beat_valid;
    reg          beat_ready = 1'b0;
    wire [8*K*R-1:0] weights;
    wire [8*R-1:0]   scales;

    integer seed = SEED;
    integer cycle = 0;
    integer headers_seen = 0;
    integer beats_seen = 0;
    integer passes = 0;
    integer restarts = 0;
    integer memory_eagerness = 8;
    integer array_eagerness = 8;

    always #1 clk = ~clk;

    tape_reader #(.T(T), .DEPTH(16)) reader (
        .clk_i(clk), .rst_i(rst), .restart_i(restart),
        .mem_start_o(mem_start), .mem_valid_i(mem_valid), .mem_ready_o(mem_ready),
        .mem_data_i(tape[mem_at]),
        .header_ready_i(header_ready), .header_valid_o(header_valid), .header_at_o(header_at),
        .op_valid_o(op_valid), .op_ready_i(op_ready), .op_is_end_o(is_end),
        .payload_valid_o(word_valid), .payload_ready_i(word_ready), .payload_data_o(word),
        .payload_last_o(word_last), .error_o(error)
    );

    header_field #(.T(T), .LOW(0), .WIDTH(256)) line (
        .clk_i(clk), .taken_i(header_valid & header_ready), .at_i(header_at), .word_i(word), .field_o(header)
    );
    wire is_matrix = (header[15:8] == 8'd2);
    unpacker #(.T(T), .K(K), .R(R)) dut (
        .clk_i(clk), .rst_i(rst), .start_i(op_valid & op_ready & is_matrix),
        .weight_bits_i(header[195:192]), .group_shift_i(header[25:24]),
        .rows_i(header[47:32]), .blocks_i(header[63:48]), .busy_o(busy),
        .word_valid_i(word_valid), .word_ready_o(word_ready), .word_data_i(word),
        .word_last_i(word_last),
        .beat_valid_o(beat_valid), .beat_ready_i(beat_ready),
        .beat_weights_o(weights), .beat_scales_o(scales)
    );

    task finish;
        input good;
        input [8*40-1:0] what;
        begin
            $display("%0sok - tape, seed %0d, T %0d, K %0d, R %0d, fault %0d: %0s",
                     good ? "" : "not ", SEED, T, K, R, sizes[3], what);
            if (~good)
                $display("# cycle %0d, header %0d, beat %0d, pass %0d: %h %h, wanted %h, error %0d",
                         cycle, headers_seen, beats_seen, passes, scales, weights,
                         beats[beats_seen], error);
            $finish;
        end
    endtask

    function chance;
        input integer eagerness;
        chance = $unsigned($random(seed)) % 8 < eagerness;
    endfunction

    // What happens at the coming edge, seen just before it.
    task observe;
        begin
            if (beat_valid & beat_ready) begin
                if ((sizes[3] != 2) & ({scales, weights} !== beats[beats_seen]))
                    finish(1'b0, "a wrong beat");
                beats_seen = beats_seen + 1;
            end
            if (op_valid & op_ready) begin
                if (header !== headers[headers_seen]) finish(1'b0, "a wrong header");
                headers_seen = headers_seen + 1;
                if (is_end) begin
                    if (beats_seen != sizes[2]) finish(1'b0, "a wrong number of beats");
                    if (sizes[3] == 2) finish(error == 2'd2, "a damaged payload");
                    if (error != 2'd0) finish(1'b0, "an error without a fault");
                    passes = passes + 1;
                    headers_seen = 0;
                    beats_seen = 0;
                end
            end
            if ((error == 2'd1) & ~op_valid) finish(sizes[3] == 1, "a damaged header");
        end
    endtask

    initial begin
        $readmemh("sizes.hex", sizes);
        $readmemh("tape.hex", tape, 0, sizes[0] - 1);
        $readmemh("headers.hex", headers, 0, sizes[1] - 1);
        $readmemh("beats.hex", beats, 0, sizes[2] - 1);
        repeat (2) @(negedge clk);
        rst = 1'b0;
        while (passes < 4) begin
            if (cycle % 200 == 0) begin
                memory_eagerness = 1 + $unsigned($random(seed)) % 8;
                array_eagerness = 1 + $unsigned($random(seed)) % 8;
            end
            mem_valid = chance(memory_eagerness) & ~mem_start;
            beat_ready = chance(array_eagerness);
            // Once between two operators, whatever has been fetched ahead.
            restart = (passes == 2) & (restarts == 0) & ~busy & (headers_seen == 3);
            header_ready = ~restart & chance(6);
            op_ready = ~busy & ~restart & chance(4);
            #0;
            if (restart) begin
                restarts = restarts + 1;
                headers_seen = 0;
                beats_seen = 0;
            end else observe;
            @(posedge clk);
            if (mem_start) mem_at <= 0;
            else if (mem_valid & mem_ready) mem_at <= (mem_at + 1 == sizes[0]) ? 0 : mem_at + 1;
            @(negedge clk);
            cycle = cycle + 1;
            if (cycle > 1000000) finish(1'b0, "no end");
        end
        finish(restarts == 1, "four passes");
    end
endmodule
`default_nettype wire
