// SPDX-License-Identifier: Apache-2.0
// sdram_controller.v never breaks the state of a bank: it opens closed banks, reads and writes
// the row and columns that were asked for, in order, cuts no burst short, closes banks and
// refreshes when that is allowed, and never drives the data bus against the chip.
//
// A small chip, whose rows, refreshes and times soon meet. The start-up sequence and the data
// are left out: sdram_initialise and sdram_write_buffer are stubs here, so all banks are closed
// at first.
`default_nettype none
module sdram_controller_properties (
    input wire       clk_i,
    input wire       request_valid_i,
    input wire       request_write_i,
    input wire [3:0] request_address_i,
    input wire       beat_valid_i
);
    localparam BANKS = 2;
    localparam ROW_BITS = 2;
    localparam CAS_LATENCY = 2;
    localparam T_RCD = 2, T_RP = 2, T_RAS = 4, T_RC = 7, T_RFC = 5, T_WR = 2, T_RRD = 2;
    localparam T_REFI = 6;
    localparam BURST = 8;
    localparam [2:0] SET_MODE = 3'b000, REFRESH = 3'b001, PRECHARGE = 3'b010, ACTIVATE = 3'b011,
                     WRITE = 3'b100, READ = 3'b101, TERMINATE = 3'b110;

    reg started = 1'b0;
    wire rst = ~started;
    always @(posedge clk_i) started <= 1'b1;

    wire        request_ready;
    wire        cke, cs_n, ras_n, cas_n, we_n, dq_enable;
    wire        bank;
    wire [10:0] address;

    sdram_controller #(
        .D(8), .BANK_BITS(1), .ROW_BITS(ROW_BITS), .COLUMN_BITS(4), .CAS_LATENCY(CAS_LATENCY),
        .READ_DELAY(1), .INIT_CYCLES(1), .T_RCD(T_RCD), .T_RP(T_RP), .T_RAS(T_RAS),
        .T_RC(T_RC), .T_RFC(T_RFC), .T_WR(T_WR), .T_RRD(T_RRD), .T_MRD(2), .T_REFI(T_REFI)
    ) dut (
        .clk_i(clk_i), .rst_i(rst), .initialised_o(),
        .request_valid_i(request_valid_i), .request_ready_o(request_ready),
        .request_write_i(request_write_i), .request_state_i(1'b0),
        .request_address_i(request_address_i), .beat_valid_i(beat_valid_i), .beat_ready_o(),
        .beat_data_i(8'd0), .beat_mask_i(1'b0), .read_valid_o(), .read_state_o(),
        .read_data_o(), .sdram_cke_o(cke), .sdram_cs_n_o(cs_n), .sdram_ras_n_o(ras_n),
        .sdram_cas_n_o(cas_n), .sdram_we_n_o(we_n), .sdram_bank_o(bank),
        .sdram_address_o(address), .sdram_dqm_o(), .sdram_dq_o(),
        .sdram_dq_enable_o(dq_enable), .sdram_dq_i(8'd0)
    );

    // ---- What was asked for and has not been issued, the oldest lowest
    reg  [2:0] waiting = 3'd0;
    reg  [4:0] asked [0:3];         // write, row, bank, column
    wire [2:0] command = cs_n ? 3'b111 : {ras_n, cas_n, we_n};
    wire       column = started & ((command == READ) | (command == WRITE));
    wire       take = started & request_valid_i & request_ready;
    wire [2:0] after = waiting - {2'd0, column};
    integer i;
    always @(posedge clk_i) begin
        if (column) for (i = 0; i < 3; i = i + 1) asked[i] <= asked[i + 1];
        if (take) asked[after[1:0]] <= {request_write_i, request_address_i};
        waiting <= after + {2'd0, take};
    end

    // ---- The chip.  Ages are cycles since a command, 15 and more alike; all is long ago at
    // first.
    reg [BANKS-1:0] open = 0;
    reg [1:0]       row [0:BANKS-1];
    reg [3:0]       opened_age [0:BANKS-1];
    reg [3:0]       closed_age [0:BANKS-1];
    reg [3:0]       closing [0:BANKS-1];    // cycles until it begins to close itself, and 1
    reg [3:0]       cut [0:BANKS-1];        // cycles in which it must not be closed
    reg [3:0]       refreshed_age = 4'd15;
    reg [3:0]       any_opened_age = 4'd15;
    reg [3:0]       column_age = 4'd15;
    reg [CAS_LATENCY+BURST-2:0] shown = 0;  // from the lowest on: the chip drives the bus
    reg             shown_before = 1'b0;

    function [3:0] older;
        input [3:0] age;
        older = (age == 4'd15) ? age : age + 1'b1;
    endfunction

    wire auto_close = address[10];
    // From a column command to the precharge that it allows or begins.
    wire [3:0] to_close = (command == WRITE) ? BURST[3:0] - 1'b1 + T_WR[3:0] : BURST[3:0];

    genvar b;
    generate
        for (b = 0; b < BANKS; b = b + 1) begin : banks
            wire here = (bank == b);
            wire closes = (command == PRECHARGE) & (here | address[10]);
            initial begin
                opened_age[b] = 4'd15;
                closed_age[b] = 4'd15;
                closing[b] = 4'd0;
                cut[b] = 4'd0;
            end
            always @(posedge clk_i) if (started) begin
                opened_age[b] <= ((command == ACTIVATE) & here) ? 4'd1 : older(opened_age[b]);
                closed_age[b] <= (closes | (closing[b] == 4'd1)) ? 4'd1 : older(closed_age[b]);
                closing[b] <= (column & here & auto_close) ? to_close
                              : closing[b] - {3'd0, closing[b] != 0};
                cut[b] <= (column & here) ? to_close - 1'b1 : cut[b] - {3'd0, cut[b] != 0};
                if ((command == ACTIVATE) & here) begin
                    open[b] <= 1'b1;
                    row[b] <= address[1:0];
                end else if (closes | (column & here & auto_close)) open[b] <= 1'b0;
            end

            always @* if (started) begin
                if ((command == ACTIVATE) & here) begin
                    assert (~open[b] & (closing[b] == 0));
                    assert ((closed_age[b] >= T_RP) & (opened_age[b] >= T_RC));
                end
                if (column & here) begin
                    assert (open[b] & (opened_age[b] >= T_RCD));
                    assert (row[b] == asked[0][3:2]);
                end
                if (closes) assert (closing[b] == 0);
                if (closes & open[b]) assert ((opened_age[b] >= T_RAS) & (cut[b] == 0));
                if (command == REFRESH)
                    assert (~open[b] & (closing[b] == 0) & (closed_age[b] >= T_RP));
            end
        end
    endgenerate

    always @(posedge clk_i) if (started) begin
        refreshed_age <= (command == REFRESH) ? 4'd1 : older(refreshed_age);
        any_opened_age <= (command == ACTIVATE) ? 4'd1 : older(any_opened_age);
        column_age <= column ? 4'd1 : older(column_age);
        shown <= shown >> 1;
        if (command == READ) shown <= {{BURST{1'b1}}, {(CAS_LATENCY - 1){1'b0}}};
        shown_before <= shown[0];
    end

    always @* if (started) begin
        assert ((command != SET_MODE) & (command != TERMINATE));
        if ((command == ACTIVATE) | (command == PRECHARGE) | (command == REFRESH))
            assert (refreshed_age >= T_RFC);
        if (command == ACTIVATE) assert (any_opened_age >= T_RRD);
        if (column) begin
            assert ((waiting != 0) & (column_age >= BURST));
            assert ((command == WRITE) == asked[0][4]);
            assert ((bank == asked[0][1]) & (address[3] == asked[0][0]));
        end
        if (dq_enable) assert (~shown[0] & ~shown_before);
        if (command == WRITE) assert (dq_enable);
        assert (waiting <= 3);
    end

    // Two banks open, then a refresh, then a write: it can do what it is for.
    reg both_open = 1'b0;
    reg refreshed = 1'b0;
    always @(posedge clk_i) if (started) begin
        if (&open) both_open <= 1'b1;
        if (both_open & (command == REFRESH)) refreshed <= 1'b1;
        cover (refreshed & (command == WRITE));
    end
endmodule

// In the place of the one of rtl/: all is done.
module sdram_initialise #(
    parameter ADDRESS_BITS = 11,
    parameter CAS_LATENCY = 3,
    parameter INIT_CYCLES = 1,
    parameter T_RP = 3,
    parameter T_RFC = 8,
    parameter T_MRD = 2
) (
    input  wire                    clk_i,
    input  wire                    rst_i,
    output wire [2:0]              command_o,
    output wire [ADDRESS_BITS-1:0] address_o,
    output wire                    done_o
);
    assign command_o = 3'b111;
    assign address_o = 0;
    assign done_o = ~rst_i;
endmodule

module sdram_write_buffer #(
    parameter WIDTH = 17
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             push_i,
    output wire             room_o,
    input  wire [WIDTH-1:0] beat_i,
    input  wire             pop_i,
    output wire [WIDTH-1:0] beat_o
);
    assign room_o = 1'b1;
    assign beat_o = 0;
endmodule
`default_nettype wire
