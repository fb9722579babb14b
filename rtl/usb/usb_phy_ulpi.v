// SPDX-License-Identifier: Apache-2.0
// A ULPI transceiver's pins (ULPI 1.1) to a UTMI-style port: RXCMDs, TXCMDs, register writes.
//
// Pins: data_o drives the bus while drive_o, which falls with dir_i and rises a clock after
//   it has fallen: the turnaround.  All others are in clk_i, 60 MHz.
// Port: as usb_device.v has it.  The transceiver's function control register follows
//   xcvr_full_i, term_full_i and op_mode_i; a packet waits for it.  op_mode_i 2 is a chirp, a
//   packet without a PID.
// After reset: the pull-downs that it begins with are switched off, and where SWAP_LINES is
//   set D+ and D- are exchanged, as a USB3343 does by its register 39h.  Nothing is attached
//   before.
// An RXCMD that comes in the way of a register write or of a packet's first byte delays it; a
//   packet that the host's own comes in the way of goes nowhere: tx_abort_o, upon which the
//   rest of it is not to come.
// Times: a packet from the host shows one clock late.  At full speed an answer begins nine
//   clocks after the RXCMD that says that the line is J again, of 7 to 18 (ULPI 1.1,
//   3.8.2.6.3); at high speed as soon as there is one.
// Resources: docs/usb.md.
`default_nettype none
module usb_phy_ulpi #(
    parameter SWAP_LINES = 0
) (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       dir_i,
    input  wire       nxt_i,
    output reg        stp_o,
    input  wire [7:0] data_i,
    output reg  [7:0] data_o,
    output wire       drive_o,
    output reg        rx_active_o,
    output reg        rx_valid_o,
    output reg  [7:0] rx_data_o,
    output reg        rx_error_o,
    input  wire       tx_valid_i,
    output wire       tx_ready_o,
    output wire       tx_abort_o,
    input  wire [7:0] tx_data_i,
    output wire [1:0] line_state_o,
    input  wire       xcvr_full_i,
    input  wire       term_full_i,
    input  wire [1:0] op_mode_i
);
    localparam [1:0] J = 2'd1;
    localparam [5:0] FUNCTION_CONTROL = 6'h04, OTG_CONTROL = 6'h0A, IO_CONTROL = 6'h39;
    localparam [7:0] IO_SWAPPED = 8'h06;
    localparam [1:0] WRITE = 2'b10, TRANSMIT = 2'b01;

    wire is_chirp = op_mode_i[1];

    // ---- From the transceiver
    reg       was_in;                   // dir_i, a clock ago
    wire      command = dir_i & was_in & ~nxt_i;
    reg [1:0] line;
    reg [2:0] rested;                   // clocks of J
    assign drive_o = ~dir_i & ~was_in;
    // A packet at high speed is no silence, also where no RXCMD had the time to say so.
    assign line_state_o = (rx_active_o & ~xcvr_full_i & ~is_chirp) ? J : line;

    always @(posedge clk_i) begin
        was_in <= dir_i | rst_i;
        rx_valid_o <= dir_i & was_in & nxt_i;
        rx_data_o <= data_i;
        rx_error_o <= command & (data_i[5:4] == 2'b11);
        if (~dir_i | rst_i) rx_active_o <= 1'b0;
        else if (~was_in) rx_active_o <= nxt_i;
        else if (command) rx_active_o <= data_i[4];
        if (command) line <= data_i[1:0];
        if (rst_i) line <= J;
        rested <= (line != J) ? 3'd0 : (&rested) ? rested : rested + 1'b1;
    end

    // ---- To the transceiver
    localparam [2:0] IDLE = 3'd0, ADDRESS = 3'd1, VALUE = 3'd2, SEND = 3'd3, STOP = 3'd4;
    localparam [4:0] UNKNOWN = 5'h1F;   // what is never wanted
    localparam [1:0] IO = 2'd0, PULL_DOWNS = 2'd1, MODE = 2'd2;
    reg [2:0] state;
    reg [1:0] register;                 // that is written, or is to be written next
    reg [4:0] mode;                     // what function control was last set to
    wire      next = nxt_i & ~dir_i;    // what is on the bus has been taken
    wire [4:0] mode_wanted = {op_mode_i, term_full_i, 1'b0, xcvr_full_i};
    wire must_write = (register != MODE) | (mode != mode_wanted);
    wire starts = (state == IDLE) & drive_o & ~must_write & tx_valid_i
                  & (~xcvr_full_i | (&rested));

    assign tx_ready_o = (starts & ~is_chirp) | ((state == SEND) & next);
    assign tx_abort_o = tx_valid_i & rx_active_o & ~is_chirp;
    always @(posedge clk_i) begin
        stp_o <= 1'b0;
        case (state)
            IDLE: begin
                if (drive_o & must_write) begin
                    state <= ADDRESS;
                    data_o <= {WRITE, (register == IO) ? IO_CONTROL :
                                      (register == PULL_DOWNS) ? OTG_CONTROL : FUNCTION_CONTROL};
                    if (register == MODE) mode <= mode_wanted;
                end else if (starts) begin
                    state <= SEND;
                    data_o <= {TRANSMIT, 2'b00, is_chirp ? 4'd0 : tx_data_i[3:0]};
                end
            end
            ADDRESS: if (next) begin
                state <= VALUE;
                data_o <= (register == IO) ? IO_SWAPPED :
                          (register == PULL_DOWNS) ? 8'd0 : {3'b010, mode};
            end
            VALUE: if (next) begin
                state <= STOP;
                stp_o <= 1'b1;
                data_o <= 8'd0;
                if (register != MODE) register <= register + 1'b1;
            end
            SEND: if (next) begin
                data_o <= tx_valid_i ? tx_data_i : 8'd0;
                stp_o <= ~tx_valid_i;
                if (~tx_valid_i) state <= STOP;
            end else if (rx_active_o) begin
                state <= IDLE;
                data_o <= 8'd0;
            end
            default: state <= IDLE;     // the clock of stp_o is over
        endcase
        // The write that dir_i has broken off begins again: what was last set is not known.
        if (dir_i & ((state == ADDRESS) | (state == VALUE))) begin
            state <= IDLE;
            mode <= UNKNOWN;
            data_o <= 8'd0;
        end
        if (rst_i) begin
            state <= IDLE;
            data_o <= 8'd0;
            register <= (SWAP_LINES != 0) ? IO : PULL_DOWNS;
            mode <= UNKNOWN;
        end
    end
endmodule
`default_nettype wire
