// SPDX-License-Identifier: Apache-2.0
// A scan's state in a memory: a stand-in for the scan begins channels at random, and finds in
// each word what it left there the last time, over layers and slots, in decode and
// prefill; the memory takes its time at random.
`default_nettype none
module state_stream_tb;
    parameter T = 32;
    parameter LANES = 2;
    parameter STATE_BITS = 8;
    parameter STATE = 32;
    parameter GROUPS = 3;
    parameter COLUMNS = 2;
    parameter SEED = 1;
    localparam LAYERS = 2;
    localparam SCANS = 6;
    localparam WINDOWS = LAYERS * GROUPS * COLUMNS;
    localparam INDEX_BITS = $clog2(WINDOWS);
    localparam WORD = LANES * STATE_BITS;
    localparam CHANNEL_WORDS = STATE / LANES;
    localparam WINDOW_WORDS = 16 * CHANNEL_WORDS;
    localparam BLOCK_WORDS = 16 / LANES;
    localparam BEHIND = 20;         // cycles from a word's reads until it is written
    localparam MEMORY = 1 << 18;

    reg             clk = 1'b0;
    reg             rst = 1'b1;
    reg             start = 1'b0;
    reg  [7:0]      layer = 8'd0;
    reg  [7:0]      last_column = 8'd0;
    reg             prefill = 1'b0;
    reg  [7:0]      slot = 8'd0;
    wire            busy;
    wire            grant;
    reg             begun = 1'b0;
    reg             word = 1'b0;
    wire [WORD-1:0] word_out;
    wire [4:0]      exponent_out;
    reg             write = 1'b0;
    reg             write_ends = 1'b0;
    reg  [WORD-1:0] write_word = 0;
    reg  [4:0]      write_exponent = 5'd0;
    wire            state_valid;
    reg             state_ready = 1'b0;
    wire            state_write;
    wire [23:0]     state_address;
    wire [7:0]      state_length;
    wire            write_valid;
    reg             write_ready = 1'b0;
    wire [T-1:0]    write_data;
    reg             read_valid = 1'b0;
    reg  [T-1:0]    read_data = 0;

    always #1 clk = ~clk;

    state_stream #(
        .T(T), .LANES(LANES), .STATE_BITS(STATE_BITS), .GROUPS(GROUPS), .STATE(STATE),
        .COLUMNS(COLUMNS), .INDEX_BITS(INDEX_BITS)
    ) dut (
        .clk_i(clk), .rst_i(rst), .start_i(start), .layer_i(layer),
        .last_column_i(last_column), .prefill_i(prefill), .slot_i(slot), .busy_o(busy),
        .grant_o(grant), .begun_i(begun), .word_i(word), .word_o(word_out),
        .exponent_o(exponent_out), .write_i(write), .write_ends_i(write_ends),
        .write_word_i(write_word), .write_exponent_i(write_exponent),
        .state_valid_o(state_valid), .state_ready_i(state_ready), .state_write_o(state_write),
        .state_address_o(state_address), .state_length_o(state_length),
        .state_write_valid_o(write_valid), .state_write_ready_i(write_ready),
        .state_write_data_o(write_data), .state_read_valid_i(read_valid),
        .state_read_data_i(read_data)
    );

    integer seed = SEED;
    integer cycle = 0;
    integer patience = 1;           // of the memory: one cycle in so many something moves
    reg     failed = 1'b0;

    function integer draw;
        input integer below;
        draw = $unsigned($random(seed)) % below;
    endfunction

    task fail;
        input [8*40-1:0] what;
        begin
            if (!failed)
                $display("not ok - state_stream, seed %0d, cycle %0d: %0s", SEED, cycle, what);
            failed = 1'b1;
        end
    endtask

    // The memory: reads may be asked for while earlier ones come, writes stand alone.
    reg [T-1:0] memory [0:MEMORY-1];
    integer write_at = 0;
    integer write_left = 0;
    integer read_at [0:3];
    integer read_left [0:3];
    integer reads = 0;
    integer k;

    task serve;
        begin
            if (state_valid && state_ready) begin
                k = state_address / (T / 8);
                if (state_address % (T / 8) != 0 || state_length == 0) fail("such a burst");
                if (state_write) begin
                    write_at = k;
                    write_left = state_length;
                end else begin
                    read_at[reads] = k;
                    read_left[reads] = state_length;
                    reads = reads + 1;
                end
            end
            if (write_valid && write_ready) begin
                memory[write_at] = write_data;
                write_at = write_at + 1;
                write_left = write_left - 1;
            end
        end
    endtask

    task offer;
        begin
            read_valid = reads != 0 && draw(patience) == 0;
            read_data = {T / 8{8'hx}};
            if (read_valid) begin
                read_data = memory[read_at[0]];
                read_at[0] = read_at[0] + 1;
                read_left[0] = read_left[0] - 1;
                if (read_left[0] == 0) begin
                    reads = reads - 1;
                    for (k = 0; k < 3; k = k + 1) begin
                        read_at[k] = read_at[k+1];
                        read_left[k] = read_left[k+1];
                    end
                end
            end
            // What is read must be what was there before a later write.
            state_ready = write_left == 0 && reads < 3 && draw(patience) == 0
                          && (reads == 0 || !state_write);
            write_ready = write_left != 0 && draw(patience) == 0;
        end
    endtask

    // The scan: words that are under way, and what the state holds.
    reg [WORD-1:0] held [0:WINDOWS*WINDOW_WORDS-1];
    reg [4:0]      held_exponent [0:WINDOWS*WINDOW_WORDS-1];
    reg            known [0:WINDOWS*WINDOW_WORDS-1];
    reg [BEHIND:0] on_the_way = 0;
    integer        place [0:BEHIND];
    integer        group, column, channel, at, window, scan, checked, i;

    task move;                      // a cycle
        begin
            offer;
            for (i = BEHIND; i > 0; i = i - 1) place[i] = place[i-1];
            on_the_way = {on_the_way[BEHIND-1:0], word};
            place[0] = window * WINDOW_WORDS + channel * CHANNEL_WORDS + at;
            write = on_the_way[BEHIND];
            write_ends = write && place[BEHIND] % BLOCK_WORDS == BLOCK_WORDS - 1;
            for (i = 0; i < WORD; i = i + 1) write_word[i] = $random(seed);
            write_exponent = $random(seed);
            #0;
            if (on_the_way[4] && known[place[4]]) begin
                checked = checked + 1;
                if (word_out !== held[place[4]]) fail("a wrong word");
                if (exponent_out !== held_exponent[place[4] / BLOCK_WORDS * BLOCK_WORDS])
                    fail("a wrong exponent");
            end
            serve;
            @(negedge clk);
            if (write) begin
                held[place[BEHIND]] = write_word;
                known[place[BEHIND]] = 1'b1;
                held_exponent[place[BEHIND] / BLOCK_WORDS * BLOCK_WORDS] = write_exponent;
            end
            cycle = cycle + 1;
            if (cycle > 2000000) fail("nothing moves");
        end
    endtask

    task scan_channel;
        begin
            while (!failed && (!grant || draw(3) == 0)) move;
            for (at = 0; at < CHANNEL_WORDS; at = at + 1) begin
                if (!grant) fail("a channel was granted and is not");
                word = 1'b1;
                begun = at == CHANNEL_WORDS - 1;
                move;
            end
            word = 1'b0;
            begun = 1'b0;
        end
    endtask

    task scan_layer;
        begin
            start = 1'b1;
            move;
            start = 1'b0;
            for (group = 0; group < GROUPS; group = group + 1)
                for (column = 0; column <= last_column; column = column + 1) begin
                    window = (layer * GROUPS + group) * COLUMNS + (prefill ? slot : column);
                    for (channel = 0; channel < 16 && !failed; channel = channel + 1) scan_channel;
                end
            while (busy && !failed) move;
        end
    endtask

    initial begin
        checked = 0;
        for (i = 0; i < WINDOWS * WINDOW_WORDS; i = i + 1) known[i] = 1'b0;
        for (i = 0; i <= BEHIND; i = i + 1) place[i] = 0;
        window = 0;
        channel = 0;
        at = 0;
        repeat (2) @(negedge clk);
        rst = 1'b0;
        for (scan = 0; scan < SCANS && !failed; scan = scan + 1) begin
            layer = draw(LAYERS);
            last_column = draw(COLUMNS);
            prefill = draw(2);
            slot = draw(COLUMNS);
            patience = 1 + draw(6);
            scan_layer;
        end
        if (!failed && checked < WINDOW_WORDS) fail("hardly a word was compared");
        if (!failed)
            $display("ok - state_stream, %0d bits, %0d lanes of %0d: %0d words", T, LANES,
                     STATE_BITS, checked);
        $finish;
    end
endmodule
`default_nettype wire
