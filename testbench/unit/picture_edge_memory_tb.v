// SPDX-License-Identifier: Apache-2.0
// Kept edges through a memory that makes every burst wait at random, with pauses at both
// ends: words come out in order, none is lost or doubled, a clear leaves nothing, and the
// memory fills up and empties again.
`default_nettype none
module picture_edge_memory_tb;
    parameter DEPTH_BITS = 6;
    parameter BURST = 8;
    parameter QUEUE = 16;
    parameter SEED = 1;

    localparam CYCLES = 60000;
    localparam MOST = (1 << DEPTH_BITS) + 2 * (QUEUE + 3);

    reg         clk = 1'b0;
    reg         rst = 1'b1;
    reg         clear = 1'b0;
    reg         in_valid = 1'b0;
    reg         out_ready = 1'b0;
    reg  [31:0] sent = 32'd0;
    reg  [31:0] wanted = 32'd0;
    wire        in_ready;
    wire        out_valid;
    wire [31:0] out_data;
    wire        state_valid;
    wire        state_write;
    wire [23:0] state_address;
    wire [7:0]  state_length;
    wire        write_valid;
    wire [31:0] write_data;
    reg         state_ready = 1'b0;
    reg         write_ready = 1'b0;
    reg         read_valid = 1'b0;

    // The memory: a burst at a time.
    reg  [31:0] memory [0:(1 << DEPTH_BITS)-1];
    reg         writing = 1'b0;
    reg         taken;
    reg         given;
    integer     at = 0;
    integer     left = 0;

    integer     seed = SEED;
    integer     cycle;
    integer     eagerness = 1;
    integer     patience = 1;
    integer     held;
    integer     fullest = 0;
    integer     emptied = 0;

    always #1 clk = ~clk;

    picture_edge_memory #(.DEPTH_BITS(DEPTH_BITS), .BURST(BURST), .QUEUE(QUEUE)) dut (
        .clk_i(clk), .rst_i(rst), .clear_i(clear),
        .in_valid_i(in_valid), .in_ready_o(in_ready), .in_data_i(sent),
        .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(out_data),
        .mem_state_valid_o(state_valid), .mem_state_ready_i(state_ready),
        .mem_state_write_o(state_write), .mem_state_address_o(state_address),
        .mem_state_length_o(state_length), .mem_state_write_valid_o(write_valid),
        .mem_state_write_ready_i(write_ready), .mem_state_write_data_o(write_data),
        .mem_state_read_valid_i(read_valid), .mem_state_read_data_i(memory[at])
    );

    task fail;
        input [8*40-1:0] what;
        begin
            $display("not ok - picture_edge_memory, seed %0d, cycle %0d: %0s (%0d, wanted %0d)",
                     SEED, cycle, what, out_data, wanted);
            $finish;
        end
    endtask

    // What the edge has brought the memory.
    reg         asked;
    reg  [32:0] burst;
    reg         written;
    reg  [31:0] word;
    task serve;
        begin
            if (asked) begin
                writing = burst[32];
                at = burst[31:8] >> 2;
                left = burst[7:0];
                if (left == 0 || at % BURST + left > BURST) fail("a burst that is none");
                if (at + left > 1 << DEPTH_BITS) fail("a burst beyond the end");
            end else if (written | read_valid) begin
                if (written) memory[at] = word;
                at = (at + 1) % (1 << DEPTH_BITS);
                left = left - 1;
            end
        end
    endtask

    initial begin
        repeat (2) @(negedge clk);
        rst = 1'b0;
        for (cycle = 0; cycle < CYCLES; cycle = cycle + 1) begin
            // Now the one end is the faster, now the other, now the memory is slow.
            if (cycle % 1000 == 0) begin
                eagerness = 1 + $unsigned($random(seed)) % 7;
                patience = 1 + $unsigned($random(seed)) % 7;
            end
            in_valid = $unsigned($random(seed)) % 8 < eagerness;
            out_ready = $unsigned($random(seed)) % 8 < 8 - eagerness;
            clear = $unsigned($random(seed)) % 4000 == 0;
            state_ready = left == 0 && $unsigned($random(seed)) % 8 < patience;
            write_ready = left != 0 && writing && $unsigned($random(seed)) % 8 < patience;
            read_valid = left != 0 && !writing && $unsigned($random(seed)) % 8 < patience;
            #0;
            held = sent - wanted;
            if (held > fullest) fullest = held;
            if (held == 0) emptied = emptied + 1;
            if (out_valid & (held == 0)) fail("a word from nowhere");
            if (out_valid & (out_data !== wanted)) fail("a wrong word");
            if (held > MOST) fail("more words than there is room for");
            asked = state_valid & state_ready;
            burst = {state_write, state_address, state_length};
            written = write_valid & write_ready;
            word = write_data;
            taken = in_valid & in_ready;
            given = out_valid & out_ready;
            @(negedge clk);
            if (taken) sent = sent + 1;
            if (given) wanted = wanted + 1;
            if (clear) wanted = sent;
            serve;
        end
        if (fullest < 1 << DEPTH_BITS) fail("it never filled up");
        if (emptied < 10) fail("it never emptied");
        if (sent < CYCLES / 20) fail("hardly a word passed");
        $display("ok - picture_edge_memory, bursts of %0d: %0d words in order, %0d at most",
                 BURST, sent, fullest);
        $finish;
    end
endmodule
`default_nettype wire
