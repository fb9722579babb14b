// SPDX-License-Identifier: Apache-2.0
// A quad SPI flash (W25Q128JV and its like) as the memory of a design: docs/memories.md.
// It is read only: nothing is loaded and there is no state; the tape is written with the
// bitstream's loader, TAPE_OFFSET bytes into the flash.
//
// Reading: one Fast Read Quad I/O (EBh) in continuous read mode plays the whole tape; while
//   the design does not take words, the flash's clock stands still.  At the tape's end, and
//   for a start, chip select goes high for GAP clocks and the next read begins with its
//   address.
// Start-up: FFh ends a continuous read that a reset may have left behind, ABh wakes the
//   flash from the sleep in which the FPGA's configuration leaves it, 50h 31h 02h sets the
//   bit QE that lets it use four lines until its power goes.  fault_o[0] is high meanwhile.
// Pins: registered; flash_sck_o lets the clock pulse once, in the second half of the cycle
//   after.  What the flash shows when the pulse ends is on flash_io_i two cycles after that
//   of flash_sck_o: fpga/ice40_flash_pins.v does just this.
// Timing: start_i to the first word GAP + 19 + T / 4 cycles, then one every T / 4.
// Resources: 2 T registers and some 50 more, some 100 LUTs.
`default_nettype none
module flash_memory #(
    parameter T = 16,
    parameter TAPE_LINES = 1024,        // of 32 bytes
    parameter TAPE_OFFSET = 1048576,    // a multiple of 4096: a sector is erased at once
    parameter WAKE_CYCLES = 150,        // tRES1, 3 us
    parameter GAP = 3                   // tSHSL, 50 ns
) (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         start_i,
    output reg          valid_o,
    input  wire         ready_i,
    output wire [T-1:0] data_o,
    output wire [1:0]   fault_o,

    output reg          flash_cs_n_o,
    output reg          flash_sck_o,
    output reg  [3:0]   flash_io_o,
    output reg  [3:0]   flash_io_enable_o,
    input  wire [3:0]   flash_io_i
);
    // What is sent, a line's first clock leftmost: commands on IO0, then on four lines the
    // address, the mode 1010xxxx that makes the read a continuous one, and dummy clocks.
    localparam [47:0] COMMANDS = 48'hFF_AB_50_3102_EB;
    localparam [47:0] READ = {TAPE_OFFSET[23:0], 8'hA0, 16'hFFFF};
    localparam [5:0] FIRST = 6'd59, FF_ENDS = 6'd52, AB_ENDS = 6'd44, WRITE_ENDS = 6'd36,
                     QE_ENDS = 6'd20, COMMANDS_END = 6'd12, DUMMIES = 6'd4;

    localparam NIBBLES = T / 4;
    localparam LAST_NIBBLE = NIBBLES - 1;
    localparam NIBBLE_BITS = $clog2(NIBBLES);
    localparam TAPE_WORDS = TAPE_LINES * (256 / T);
    localparam LAST_WORD = TAPE_WORDS - 1;
    localparam WORD_BITS = $clog2(TAPE_WORDS);
    localparam LONGEST_GAP = (WAKE_CYCLES > GAP) ? WAKE_CYCLES : GAP;
    localparam GAP_BITS = $clog2(LONGEST_GAP + 1);
    // From a pulse to its nibble on flash_io_i.
    localparam DELAY = 3;

    localparam [1:0] CLOSED = 2'd0, SENDING = 2'd1, READING = 2'd2;

    reg [1:0]             state;
    reg [GAP_BITS-1:0]    gap_left;
    reg [5:0]             step;         // FIRST to 0, and COMMANDS_END - 1 for a further read
    reg                   initialised;
    reg [WORD_BITS-1:0]   word;         // that is asked for
    reg                   last_word;    // it is the tape's
    reg [NIBBLE_BITS-1:0] nibble;
    reg [DELAY-1:0]       arriving;
    reg [NIBBLE_BITS-1:0] gathered;     // nibbles of the word that arrives
    reg                   complete;     // all of them: it waits for `front`
    reg [T-1:0]           gather;
    reg [T-1:0]           front;        // the word that is shown

    wire front_free = ~valid_o | ready_i;
    // A word is asked for when the one before it is sure to have left `gather` by then.
    wire pulse = (state == READING) & ((nibble != 0) | front_free);
    wire word_ends = pulse & (nibble == LAST_NIBBLE[NIBBLE_BITS-1:0]);
    wire tape_ends = word_ends & last_word;
    wire command_ends = (step == FF_ENDS) | (step == AB_ENDS) | (step == WRITE_ENDS)
                        | (step == QE_ENDS);

    assign fault_o = {1'b0, ~initialised};

    always @(posedge clk_i) begin
        if (rst_i) begin
            state <= CLOSED;
            step <= FIRST;
            gap_left <= WAKE_CYCLES[GAP_BITS-1:0];
            initialised <= 1'b0;
        end else case (state)
            CLOSED: begin
                gap_left <= gap_left - 1'b1;
                if (gap_left == 0) state <= SENDING;
            end
            SENDING: begin
                step <= step - 1'b1;
                gap_left <= WAKE_CYCLES[GAP_BITS-1:0];
                if (command_ends) state <= CLOSED;
                if (step == COMMANDS_END) initialised <= 1'b1;
                if (step == 0) state <= READING;
            end
            // Before the first pulse the next word is word 0 in any case.
            default: if (tape_ends | start_i) begin
                state <= CLOSED;
                step <= COMMANDS_END - 1'b1;
                gap_left <= GAP[GAP_BITS-1:0];
            end
        endcase
    end

    always @(posedge clk_i) begin
        // A word is asked for in NIBBLES cycles at least.
        last_word <= (word == LAST_WORD[WORD_BITS-1:0]);
        if (state == SENDING) begin
            word <= 0;
            nibble <= 0;
        end else if (pulse) begin
            nibble <= nibble + 1'b1;
            if (word_ends) word <= word + 1'b1;
        end
    end

    // The first nibble of a byte is its upper one.
    genvar i;
    generate
        for (i = 0; i < T / 8; i = i + 1) begin : bytes
            assign data_o[8 * i +: 8] = {front[8 * i +: 4], front[8 * i + 4 +: 4]};
        end
    endgenerate

    always @(posedge clk_i) begin
        if (rst_i | start_i) begin
            arriving <= 0;
            gathered <= 0;
            complete <= 1'b0;
            valid_o <= 1'b0;
        end else begin
            arriving <= {arriving[DELAY-2:0], pulse};
            if (arriving[DELAY-1]) gathered <= gathered + 1'b1;
            complete <= (arriving[DELAY-1] & (gathered == LAST_NIBBLE[NIBBLE_BITS-1:0]))
                        | (complete & ~front_free);
            if (front_free) valid_o <= complete;
        end
        if (arriving[DELAY-1]) gather <= {flash_io_i, gather[T-1:4]};
        if (front_free) front <= gather;
    end

    // The pins.  IO2 and IO3 are the flash's write protection and hold until QE is set; IO1
    // is its own during a command.
    wire command = (step >= COMMANDS_END);
    wire [5:0] command_step = step - COMMANDS_END;
    always @(posedge clk_i) begin
        flash_cs_n_o <= rst_i | (state == CLOSED);
        flash_sck_o <= ~rst_i & ((state == SENDING) | pulse);
        flash_io_o <= command ? {3'b111, COMMANDS[command_step]} : READ[{step[3:0], 2'd0} +: 4];
        flash_io_enable_o <= (state != SENDING) ? 4'b0000
                             : command ? 4'b1101 : {4{step >= DUMMIES}};
    end
endmodule
`default_nettype wire
