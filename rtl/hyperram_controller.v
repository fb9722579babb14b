// SPDX-License-Identifier: Apache-2.0
// A HyperRAM as a server of bursts of 8 beats of 16 bits.  Requests that follow one
// another in address share one transaction of the bus, as long as T_CSM allows: the chip
// refreshes itself between transactions.
//
// Requests and beats: as sdram_controller.
// Pins, 16 bits a clock: a DDR cell sends bits 7..0 in the first half of a cycle and 15..8
//   in the second; ck_enable_o lets the chip's clock pulse in that cycle.  What the chip
//   sends comes back any number of cycles later on dq_i with rwds_i, the strobe: high in
//   the first half of a word and low in the second.  It may arrive half a cycle off.
// Latency: reads wait for the strobe, whatever the latency.  Writes count it: twice
//   LATENCY clocks where FIXED is 1, else as RWDS says during the command.
// Bus: command and latency take 3 + 2 LATENCY - 1 clocks, or LATENCY less, and closing
//   GAP and the way of the last word.
// Resources: some 200 LUTs and 200 registers.
`default_nettype none
module hyperram_controller #(
    parameter A = 22,               // bits of an address in words: 8 MB
    parameter LATENCY = 6,          // clocks: 3 to 7, of which 7 is for 166 MHz
    parameter FIXED = 1,
    parameter T_CSM = 400,          // clocks that CS may be low: 4 us
    parameter GAP = 4,              // clocks that it is high: tCSHI and tRWR
    parameter INIT_CYCLES = 15000   // 150 us
) (
    input  wire         clk_i,
    input  wire         rst_i,
    output wire         initialised_o,
    input  wire         request_valid_i,
    output wire         request_ready_o,
    input  wire         request_write_i,
    input  wire         request_state_i,
    input  wire [A-4:0] request_address_i,
    input  wire         beat_valid_i,
    output wire         beat_ready_o,
    input  wire [15:0]  beat_data_i,
    input  wire         beat_mask_i,
    output reg          read_valid_o,
    output reg          read_state_o,
    output reg  [15:0]  read_data_o,
    output reg          hyperram_cs_n_o,
    output reg          hyperram_ck_enable_o,
    output reg  [15:0]  hyperram_dq_o,
    output reg          hyperram_dq_enable_o,
    input  wire [15:0]  hyperram_dq_i,
    output reg  [1:0]   hyperram_rwds_o,
    output reg          hyperram_rwds_enable_o,
    input  wire [1:0]   hyperram_rwds_i
);
    localparam [2:0] POWER_UP = 3'd0, IDLE = 3'd1, COMMAND = 3'd2, WAIT = 3'd3, WRITE = 3'd4,
                     READ = 3'd5, CLOSE = 3'd6;
    // Configuration register 0: awake, the latency (3 is 14, 4 is 15, 5 is 0), fixed or
    // not, linear bursts.
    localparam LATENCY_CODE = (LATENCY + 11) % 16;
    localparam CONFIGURATION = 'h8F07 | (LATENCY_CODE << 4) | (FIXED << 3);
    localparam [47:0] WRITE_CONFIGURATION = 48'h600001000000;
    localparam FIRST_WAIT = (FIXED != 0) ? 2 * LATENCY - 2 : LATENCY - 2;
    localparam SECOND_WAIT = LATENCY - 1;
    // Before the first word the strobe shows the latency, and falls.
    localparam STROBE_WAIT = FIRST_WAIT + 1;
    localparam INIT_BITS = $clog2(INIT_CYCLES + 1);
    localparam TIME_BITS = $clog2(T_CSM + 1);
    // A burst more takes 8 clocks, the end of a row at most 4; a few pass between the
    // decision and CS.
    localparam LAST_TIME = T_CSM - 16;
    localparam LAST_GAP = GAP - 1;

    reg [2:0]           state;
    reg [INIT_BITS-1:0] power_left;
    reg                 configured;
    reg [TIME_BITS-1:0] low_time;       // cycles that CS is low
    reg                 time_left;
    reg [3:0]           count;          // within a state
    reg [2:0]           beat;
    reg [47:0]          command;
    reg                 slow;           // the chip has asked for the latency twice
    reg                 again;          // and this is the second time
    // The burst that moves and the one after it.
    reg                 now_valid;
    reg                 now_write;
    reg                 now_state;
    reg [A-4:0]         now_address;
    reg [A-4:0]         now_after;
    reg                 next_valid;
    reg                 next_write;
    reg                 next_state;
    reg [A-4:0]         next_address;
    reg                 follows;

    assign initialised_o = configured;

    wire [16:0] write_beat;
    wire        write_now = (state == WRITE) & configured;
    sdram_write_buffer #(.WIDTH(17)) write_buffer (
        .clk_i(clk_i), .rst_i(rst_i), .push_i(beat_valid_i), .room_o(beat_ready_o),
        .beat_i({beat_mask_i, beat_data_i}), .pop_i(write_now), .beat_o(write_beat)
    );

    // A word is whole in one cycle, or its halves lie in two.
    reg        half;
    reg [7:0]  first_half;
    wire       strobe_open = (state == READ) & (count == 0);
    wire       whole = (hyperram_rwds_i == 2'b01);
    wire       word = strobe_open & now_valid & (whole | half);
    wire       burst_done = (&beat) & (write_now | word);
    wire       go_on = follows & time_left;

    wire advance = burst_done | ~now_valid;
    assign request_ready_o = configured & (~next_valid | advance);
    wire take = request_valid_i & request_ready_o;

    wire [47:0] command_for = {~now_write, 2'b01, {(32 - A){1'b0}}, now_address, 13'd0, 3'd0};

    always @(posedge clk_i) begin
        if (rst_i | ~configured) begin
            now_valid <= 1'b0;
            next_valid <= 1'b0;
        end else begin
            if (advance) now_valid <= next_valid;
            if (request_ready_o) next_valid <= request_valid_i;
        end
        if (advance) begin
            now_write <= next_write;
            now_state <= next_state;
            now_address <= next_address;
        end
        if (take) begin
            next_write <= request_write_i;
            next_state <= request_state_i;
            next_address <= request_address_i;
        end
        now_after <= now_address + 1'b1;
        follows <= next_valid & (next_address == now_after) & (next_write == now_write)
                   & ~advance;
    end

    always @(posedge clk_i) begin
        first_half <= hyperram_dq_i[15:8];
        half <= strobe_open & (hyperram_rwds_i == 2'b10);
        read_valid_o <= word & ~rst_i;
        read_state_o <= now_state;
        read_data_o <= whole ? hyperram_dq_i : {hyperram_dq_i[7:0], first_half};
    end

    always @(posedge clk_i) begin
        low_time <= hyperram_cs_n_o ? {TIME_BITS{1'b0}} : low_time + 1'b1;
        time_left <= (low_time < LAST_TIME[TIME_BITS-1:0]);
        if (rst_i) begin
            state <= POWER_UP;
            power_left <= INIT_CYCLES[INIT_BITS-1:0];
            configured <= 1'b0;
            count <= 4'd0;
            beat <= 3'd0;
        end else case (state)
            POWER_UP: begin
                power_left <= power_left - 1'b1;
                count <= 4'd2;
                command <= WRITE_CONFIGURATION;
                if (power_left == 0) state <= COMMAND;
            end
            IDLE: if (now_valid) begin
                count <= 4'd2;
                command <= command_for;
                state <= COMMAND;
            end
            COMMAND: begin
                count <= count - 1'b1;
                command <= {command[31:0], 16'd0};
                if (count == 0) begin
                    // A register is written at once, memory after the latency.
                    state <= ~configured ? WRITE : now_write ? WAIT : READ;
                    count <= ~configured ? 4'd0
                           : now_write ? FIRST_WAIT[3:0] : STROBE_WAIT[3:0];
                end
            end
            WAIT: begin
                count <= (count == 0) ? SECOND_WAIT[3:0] : count - 1'b1;
                if (count == 0) again <= 1'b1;
                if ((count == 0) & (again | ~slow)) state <= WRITE;
            end
            WRITE: begin
                if (write_now) beat <= beat + 1'b1;
                count <= LAST_GAP[3:0];
                if (~configured | (burst_done & ~go_on)) state <= CLOSE;
            end
            READ: begin
                if (count != 0) count <= count - 1'b1;
                if (word) beat <= beat + 1'b1;
                if (burst_done & ~go_on) begin
                    state <= CLOSE;
                    count <= LAST_GAP[3:0];
                end
            end
            default: begin
                count <= count - 1'b1;
                if (count == 0) begin
                    state <= IDLE;
                    configured <= 1'b1;
                end
            end
        endcase
        // The chip shows its wish while the command passes, and it takes its time to come.
        if (state == IDLE) {slow, again} <= {1'b0, FIXED[0]};
        else if (((state == COMMAND) | (state == WAIT)) & (hyperram_rwds_i == 2'b11))
            slow <= 1'b1;
    end

    // The pins.
    wire [15:0] configuration = {CONFIGURATION[7:0], CONFIGURATION[15:8]};
    always @(posedge clk_i) begin
        hyperram_cs_n_o <= rst_i | (state == POWER_UP) | (state == IDLE) | (state == CLOSE);
        hyperram_ck_enable_o <= (state == COMMAND) | (state == WAIT) | (state == WRITE)
                                | (state == READ);
        hyperram_dq_o <= (state == COMMAND) ? {command[39:32], command[47:40]}
                       : configured ? write_beat[15:0] : configuration;
        hyperram_dq_enable_o <= (state == COMMAND) | (state == WRITE);
        hyperram_rwds_o <= {2{write_beat[16]}};
        hyperram_rwds_enable_o <= configured
                                  & (((state == WAIT) & (count == 0)) | (state == WRITE));
    end
endmodule
`default_nettype wire
