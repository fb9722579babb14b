// SPDX-License-Identifier: Apache-2.0
// An SDR SDRAM as a server of bursts of 8 beats.  While one burst is on the data bus the
// row of the next is opened, so bursts that follow one another cost 8 cycles each, be
// it in one row or at the end of one: the bank bits lie just above the column's, and the
// last burst of a row closes it as it goes.  What remains are the refreshes.
//
// Requests: request_* moves with valid and ready, in order.  The 8 beats of a write are
//   handed over on beat_* before it.  A read's beats come on read_*, 8 cycles in a row.
// Two stages: `prepare` opens the row that a request wants, `issue` waits for the data
//   bus.  A command a cycle at most: issue goes first, then prepare, then refreshes.
// Refresh: owed ones are done when no request waits, or all together once 8 are owed.
// Latency, row open: request to the first beat CAS_LATENCY + READ_DELAY + 6 cycles.
// Rules kept: tRCD, tRP, tRAS, tRC, tRFC, tWR, tRRD, tMRD (in cycles, from the part's
//   data sheet), a free cycle between the chip driving the data bus and us.
// Resources: some 300 LUTs and 250 registers at 16 bits.
`default_nettype none
module sdram_controller #(
    parameter D = 16,
    parameter BANK_BITS = 2,
    parameter ROW_BITS = 13,
    parameter COLUMN_BITS = 9,      // at most 10
    parameter ADDRESS_BITS = (ROW_BITS > 11) ? ROW_BITS : 11,
    parameter CAS_LATENCY = 3,
    // Cycles from the edge at which the chip shows a beat to the edge that samples it
    // here: 1 where its clock is ours, and one for each register in the pins.
    parameter READ_DELAY = 1,
    parameter INIT_CYCLES = 22500,
    parameter T_RCD = 3,
    parameter T_RP = 3,
    parameter T_RAS = 5,
    parameter T_RC = 7,
    parameter T_RFC = 8,
    parameter T_WR = 2,
    parameter T_RRD = 2,
    parameter T_MRD = 2,
    parameter T_REFI = 877,
    parameter A = BANK_BITS + ROW_BITS + COLUMN_BITS
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    output wire                    initialised_o,
    input  wire                    request_valid_i,
    output wire                    request_ready_o,
    input  wire                    request_write_i,
    input  wire                    request_state_i,
    input  wire [A-4:0]            request_address_i,
    input  wire                    beat_valid_i,
    output wire                    beat_ready_o,
    input  wire [D-1:0]            beat_data_i,
    input  wire                    beat_mask_i,
    output wire                    read_valid_o,
    output wire                    read_state_o,
    output wire [D-1:0]            read_data_o,
    output reg                     sdram_cke_o,
    output reg                     sdram_cs_n_o,
    output reg                     sdram_ras_n_o,
    output reg                     sdram_cas_n_o,
    output reg                     sdram_we_n_o,
    output reg  [BANK_BITS-1:0]    sdram_bank_o,
    output reg  [ADDRESS_BITS-1:0] sdram_address_o,
    output reg  [D/8-1:0]          sdram_dqm_o,
    output reg  [D-1:0]            sdram_dq_o,
    output reg                     sdram_dq_enable_o,
    input  wire [D-1:0]            sdram_dq_i
);
    localparam [2:0] NONE = 3'b111, ACTIVATE = 3'b011, READ = 3'b101, WRITE = 3'b100,
                     PRECHARGE = 3'b010, REFRESH = 3'b001;
    localparam BANKS = 1 << BANK_BITS;
    localparam CLOSE_CYCLES = (T_RC - T_RAS > T_RP) ? T_RC - T_RAS : T_RP;
    localparam READ_CYCLES = CAS_LATENCY + READ_DELAY + 1;
    localparam [3:0] BURST_WAIT = 4'd7;
    localparam TURN_WAIT = 8 + CAS_LATENCY;
    localparam RCD_WAIT = (T_RCD > 2) ? T_RCD - 2 : 0;
    localparam RRD_WAIT = T_RRD - 1;
    localparam RFC_WAIT = T_RFC - 2;
    localparam ALL_BANKS = 1 << 10;

    localparam [2:0] LOOK = 3'd0, CLOSE = 3'd1, OPEN = 3'd2, DELAY = 3'd3, READY = 3'd4;
    localparam [1:0] RUN = 2'd0, CLOSE_ALL = 2'd1, REFRESHING = 2'd2, RECOVER = 2'd3;

    // Prepare.
    reg                   prepare_valid;
    reg [2:0]             prepare_state;
    reg                   prepare_write;
    reg                   prepare_for_state;
    reg [BANK_BITS-1:0]   prepare_bank;
    reg [ROW_BITS-1:0]    prepare_row;
    reg [COLUMN_BITS-4:0] prepare_column;
    reg                   bank_clear;       // no burst waits in its bank, which has rested
    reg [2:0]             rcd_left;
    reg [2:0]             rrd_left;
    // Issue.
    reg                   issue_valid;
    reg                   issue_write;
    reg                   issue_for_state;
    reg                   issue_auto;
    reg [BANK_BITS-1:0]   issue_bank;
    reg [COLUMN_BITS-4:0] issue_column;
    reg [3:0]             bus_left;         // cycles until the next burst may begin
    reg [3:0]             turn_left;        // until it may be a write
    reg                   bus_free;
    reg                   turned;
    // Refresh.
    reg [1:0]             refresh_state;
    reg [4:0]             rfc_left;
    reg                   batch;            // until none is owed

    wire                  refresh_wanted;
    wire                  refresh_urgent;
    wire [BANKS-1:0]      open;
    wire [BANKS-1:0]      rested;
    wire [ROW_BITS-1:0]   rows [0:BANKS-1];
    wire [2:0]            start_command;
    wire [ADDRESS_BITS-1:0] start_address;

    wire start_done;
    sdram_initialise #(.ADDRESS_BITS(ADDRESS_BITS), .CAS_LATENCY(CAS_LATENCY),
                       .INIT_CYCLES(INIT_CYCLES), .T_RP(T_RP), .T_RFC(T_RFC), .T_MRD(T_MRD))
    initialise (
        .clk_i(clk_i), .rst_i(rst_i), .command_o(start_command), .address_o(start_address),
        .done_o(start_done)
    );
    assign initialised_o = start_done;

    // Issue: a column command when the data bus is free for it.
    wire issue = issue_valid & bus_free & (~issue_write | turned);
    wire issue_read = issue & ~issue_write;
    wire issue_a_write = issue & issue_write;

    // Prepare: what this request needs next.
    wire blocked = issue_valid & (issue_bank == prepare_bank);
    wire close = ~issue & (prepare_state == CLOSE) & bank_clear;
    wire activate = ~issue & (prepare_state == OPEN) & bank_clear & (rrd_left == 0);
    wire hand_over = prepare_valid & (prepare_state == READY) & (~issue_valid | issue);
    wire hold = refresh_urgent | (refresh_state != RUN);
    wire prepare_idle = ~prepare_valid | (prepare_state == LOOK);
    // A cycle between one request and the next costs nothing: a burst has eight.
    assign request_ready_o = start_done & ~prepare_valid;
    wire take = request_valid_i & request_ready_o;

    // Refresh: begins when nothing is under way.
    wire nothing_waits = ~prepare_valid & ~request_valid_i;
    wire refresh_begins = (refresh_state == RUN) & prepare_idle & ~issue_valid
                          & (refresh_urgent | (refresh_wanted & nothing_waits));
    wire close_all = (refresh_state == CLOSE_ALL) & (&rested);
    wire refresh = (refresh_state == REFRESHING) & (&rested);
    wire another = refresh_wanted & (batch | nothing_waits);

    sdram_refresh #(.T_REFI(T_REFI)) debt (
        .clk_i(clk_i), .rst_i(~start_done), .refreshed_i(refresh),
        .wanted_o(refresh_wanted), .urgent_o(refresh_urgent)
    );

    genvar b;
    generate
        for (b = 0; b < BANKS; b = b + 1) begin : banks
            wire prepared = (prepare_bank == b);
            wire issued = (issue_bank == b);
            sdram_bank #(.ROW_BITS(ROW_BITS), .T_RP(CLOSE_CYCLES), .T_RAS(T_RAS), .T_WR(T_WR))
            bank (
                .clk_i(clk_i), .rst_i(rst_i), .activate_i(activate & prepared),
                .row_i(prepare_row), .precharge_i((close & prepared) | close_all),
                .read_i(issue_read & issued), .write_i(issue_a_write & issued),
                .auto_i(issue_auto), .open_o(open[b]), .row_o(rows[b]), .rested_o(rested[b])
            );
        end
    endgenerate

    wire hit = open[prepare_bank] & (rows[prepare_bank] == prepare_row);
    always @(posedge clk_i) begin
        if (rst_i) begin
            prepare_valid <= 1'b0;
            prepare_state <= LOOK;
            rcd_left <= 3'd0;
            rrd_left <= 3'd0;
        end else begin
            if (request_ready_o) prepare_valid <= request_valid_i;
            else if (hand_over) prepare_valid <= 1'b0;
            // As it was in the cycle before; what was begun in that one does not count as rested.
            bank_clear <= rested[prepare_bank] & ~blocked & ~close & ~activate;
            case (prepare_state)
                // The burst before may be about to close the row that this one is in.
                LOOK: if (prepare_valid & ~hold & ~(blocked & issue_auto))
                    prepare_state <= hit ? READY : open[prepare_bank] ? CLOSE : OPEN;
                CLOSE: if (close) prepare_state <= OPEN;
                OPEN: if (activate) prepare_state <= (T_RCD > 2) ? DELAY : READY;
                DELAY: if (rcd_left == 3'd1) prepare_state <= READY;
                default: if (hand_over) prepare_state <= LOOK;
            endcase
            rcd_left <= activate ? RCD_WAIT[2:0] : rcd_left - {2'd0, rcd_left != 0};
            rrd_left <= activate ? RRD_WAIT[2:0] : rrd_left - {2'd0, rrd_left != 0};
        end
        if (take) begin
            {prepare_row, prepare_bank, prepare_column} <= request_address_i;
            prepare_write <= request_write_i;
            prepare_for_state <= request_state_i;
        end
    end

    wire [3:0] bus_next = issue ? BURST_WAIT : bus_left - {3'd0, bus_left != 0};
    wire [3:0] turn_next = issue_read ? TURN_WAIT[3:0] : turn_left - {3'd0, turn_left != 0};
    always @(posedge clk_i) begin
        if (rst_i) begin
            issue_valid <= 1'b0;
            bus_left <= 4'd0;
            turn_left <= 4'd0;
            bus_free <= 1'b1;
            turned <= 1'b1;
        end else begin
            if (hand_over) issue_valid <= 1'b1;
            else if (issue) issue_valid <= 1'b0;
            bus_left <= bus_next;
            turn_left <= turn_next;
            bus_free <= (bus_next == 0);
            turned <= (turn_next == 0);
        end
        if (hand_over) begin
            issue_write <= prepare_write;
            issue_for_state <= prepare_for_state;
            issue_auto <= &prepare_column;
            issue_bank <= prepare_bank;
            issue_column <= prepare_column;
        end
    end

    always @(posedge clk_i) begin
        rfc_left <= refresh ? RFC_WAIT[4:0] : rfc_left - {4'd0, rfc_left != 0};
        if (rst_i) begin
            refresh_state <= RUN;
            batch <= 1'b0;
        end else case (refresh_state)
            RUN: if (refresh_begins) begin
                refresh_state <= (open == 0) ? REFRESHING : CLOSE_ALL;
                batch <= refresh_urgent;
            end
            CLOSE_ALL: if (close_all) refresh_state <= REFRESHING;
            REFRESHING: if (refresh) refresh_state <= RECOVER;
            default: if (rfc_left == 0) refresh_state <= another ? REFRESHING : RUN;
        endcase
    end

    // The beats of a write, from the cycle of its command on.
    reg  [2:0]   write_left;
    wire [D:0]   write_beat;
    wire         writing = issue_a_write | (write_left != 0);
    sdram_write_buffer #(.WIDTH(D + 1)) write_buffer (
        .clk_i(clk_i), .rst_i(rst_i), .push_i(beat_valid_i), .room_o(beat_ready_o),
        .beat_i({beat_mask_i, beat_data_i}), .pop_i(writing), .beat_o(write_beat)
    );

    // The beats of a read arrive READ_CYCLES after its command's cycle.
    reg  [2:0]             read_left;
    reg                    reading_state;
    reg  [READ_CYCLES-1:0] arriving;
    reg  [READ_CYCLES-1:0] arriving_state;
    reg  [D-1:0]           captured;
    wire                   reading = issue_read | (read_left != 0);
    wire                   for_state = issue_read ? issue_for_state : reading_state;
    assign read_valid_o = arriving[READ_CYCLES-1];
    assign read_state_o = arriving_state[READ_CYCLES-1];
    assign read_data_o = captured;

    always @(posedge clk_i) begin
        captured <= sdram_dq_i;
        if (issue_read) reading_state <= issue_for_state;
        arriving_state <= {arriving_state[READ_CYCLES-2:0], for_state};
        if (rst_i) begin
            write_left <= 3'd0;
            read_left <= 3'd0;
            arriving <= 0;
        end else begin
            write_left <= issue_a_write ? 3'd7 : write_left - {2'd0, write_left != 0};
            read_left <= issue_read ? 3'd7 : read_left - {2'd0, read_left != 0};
            arriving <= {arriving[READ_CYCLES-2:0], reading};
        end
    end

    // The pins.
    wire [ADDRESS_BITS-1:0] column_address =
        {{(ADDRESS_BITS - COLUMN_BITS){1'b0}}, issue_column, 3'd0}
        | (issue_auto ? ALL_BANKS[ADDRESS_BITS-1:0] : {ADDRESS_BITS{1'b0}});
    // verilator lint_off UNUSEDSIGNAL
    wire [ADDRESS_BITS+ROW_BITS-1:0] row_address = {{ADDRESS_BITS{1'b0}}, prepare_row};
    // verilator lint_on UNUSEDSIGNAL
    always @(posedge clk_i) begin
        sdram_cke_o <= ~rst_i;
        sdram_cs_n_o <= rst_i;
        sdram_dq_o <= write_beat[D-1:0];
        sdram_dq_enable_o <= writing & ~rst_i;
        sdram_dqm_o <= {(D / 8){~start_done | (writing & write_beat[D])}};
        sdram_bank_o <= issue ? issue_bank : prepare_bank;
        sdram_address_o <= issue ? column_address
                         : activate ? row_address[ADDRESS_BITS-1:0]
                         : close ? {ADDRESS_BITS{1'b0}}
                         : start_done ? ALL_BANKS[ADDRESS_BITS-1:0] : start_address;
        {sdram_ras_n_o, sdram_cas_n_o, sdram_we_n_o} <=
              ~start_done ? (rst_i ? NONE : start_command)
            : issue ? (issue_write ? WRITE : READ)
            : activate ? ACTIVATE
            : (close | close_all) ? PRECHARGE
            : refresh ? REFRESH : NONE;
        // The mode register's bank bits are 0.
        if (~start_done) sdram_bank_o <= 0;
    end
endmodule
`default_nettype wire
