// SPDX-License-Identifier: Apache-2.0
// A full-speed transceiver in the fabric: D+ and D- to a UTMI-style port (USB 2.0, 7.1), at
// four clocks a bit, 48 MHz.
//
// Pins: dp_i and dn_i are asynchronous; dp_o and dn_o drive them while drive_o.  The pull-up on
//   D+ is the board's.
// Port: as usb_device.v has it.  line_state_i of that is line_state_o: 0 SE0, 1 J, 2 K.
// Receives: the phase follows each transition, so 0.25 % of clock difference and a sample of
//   jitter do no harm.  A wrong stuffed bit, or an end within a byte, is rx_error_o.
// Latency: a byte shows three clocks after its last bit's middle; a packet's SYNC begins two
//   bits after the line has come to rest.
// Resources: about 70 registers.
`default_nettype none
module usb_phy_fs (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       dp_i,
    input  wire       dn_i,
    output wire       dp_o,
    output wire       dn_o,
    output wire       drive_o,
    output wire [1:0] line_state_o,
    output wire       rx_active_o,
    output reg        rx_valid_o,
    output reg  [7:0] rx_data_o,
    output wire       rx_error_o,
    input  wire       tx_valid_i,
    output wire       tx_ready_o,
    input  wire [7:0] tx_data_i
);
    localparam [1:0] SE0 = 2'd0, J = 2'd1, K = 2'd2;

    // ---- The line, and where in a bit we are.
    reg [1:0] meta;
    reg [1:0] line;
    reg [1:0] line_before;
    reg [1:0] phase;
    wire      sample = (phase == 2'd1);     // a bit's middle
    assign line_state_o = line;
    always @(posedge clk_i) begin
        meta <= {dn_i, dp_i};
        line <= meta;
        line_before <= line;
        phase <= ((line != line_before) & (line != SE0)) ? 2'd0 : phase + 1'b1;
    end

    // ---- Receiving
    localparam [1:0] HUNT = 2'd0, ACTIVE = 2'd1, BROKEN = 2'd2;
    reg [1:0] state;
    reg [1:0] symbol;           // the last bit's
    reg [2:0] ones;             // in a row
    reg [2:0] zeros;            // in a row, while looking for SYNC
    reg [2:0] bits;
    reg [7:1] shift;
    reg       failed;

    wire bit_value = (line == symbol);
    wire stuffed = (ones == 3'd6);
    wire ends = sample & (line == SE0);
    // One bit too many, which a slow driver may seem to send, is none.
    wire misfit = (bits > 3'd1);

    assign rx_active_o = (state == ACTIVE);
    assign rx_error_o = failed;
    always @(posedge clk_i) begin
        rx_valid_o <= 1'b0;
        failed <= 1'b0;
        if (rst_i | drive_o) begin
            state <= HUNT;
            zeros <= 3'd0;
            symbol <= J;
        end else if (sample) begin
            symbol <= line;
            case (state)
                HUNT: begin
                    ones <= 3'd1;
                    bits <= 3'd0;
                    if (line == SE0) zeros <= 3'd0;
                    else if (~bit_value) zeros <= (zeros == 3'd5) ? zeros : zeros + 1'b1;
                    else zeros <= 3'd0;
                    if (bit_value & (line == K) & (zeros == 3'd5)) state <= ACTIVE;
                end
                ACTIVE: begin
                    zeros <= 3'd0;
                    ones <= bit_value ? ones + 1'b1 : 3'd0;
                    if (ends) begin
                        state <= HUNT;
                        failed <= misfit;
                    end else if (stuffed & bit_value) begin
                        state <= BROKEN;
                        failed <= 1'b1;
                    end else if (~stuffed) begin
                        shift <= {bit_value, shift[7:2]};
                        bits <= bits + 1'b1;
                        if (bits == 3'd7) begin
                            rx_valid_o <= 1'b1;
                            rx_data_o <= {bit_value, shift[7:1]};
                        end
                    end
                end
                // Until the packet is over: what it holds might look like SYNC.
                BROKEN: begin
                    ones <= bit_value ? ones + 1'b1 : 3'd0;
                    if (ends | (bit_value & (ones == 3'd7))) state <= HUNT;
                end
                default: state <= HUNT;
            endcase
        end
    end

    // ---- Sending
    localparam [2:0] QUIET = 3'd0, SYNC = 3'd1, DATA = 3'd2, END_1 = 3'd3, END_2 = 3'd4,
                     REST = 3'd5;
    reg [2:0] sending;
    reg [1:0] tick;
    reg [2:0] sent_bits;
    reg [2:0] sent_ones;
    reg [7:0] out_shift;
    reg       level;            // J is 1
    reg [2:0] rested;           // clocks of J before we may speak: two bits (7.1.18)

    wire bit_ends = (tick == 2'd3);
    wire stuffs = (sent_ones == 3'd6);
    wire byte_ends = bit_ends & ~stuffs & (sent_bits == 3'd0)
                     & ((sending == DATA) | (sending == SYNC));
    wire next_bit = out_shift[0];

    assign tx_ready_o = byte_ends & tx_valid_i;
    assign drive_o = (sending != QUIET);
    assign dp_o = level & (sending != END_1) & (sending != END_2);
    assign dn_o = ~level & (sending != END_1) & (sending != END_2);

    // A bit is on the line while `tick` counts; at its end the next one is chosen.
    always @(posedge clk_i) begin
        tick <= tick + 1'b1;
        rested <= (line != J) ? 3'd0 : (rested == 3'd6) ? rested : rested + 1'b1;
        if (rst_i) begin
            sending <= QUIET;
            level <= 1'b1;
        end else case (sending)
            QUIET: begin
                level <= 1'b1;
                tick <= 2'd0;
                out_shift <= 8'h40;     // SYNC but for its first bit, which is sent at once
                sent_bits <= 3'd7;
                sent_ones <= 3'd0;
                if (tx_valid_i & (rested == 3'd6)) begin
                    level <= 1'b0;
                    sending <= SYNC;
                end
            end
            SYNC, DATA: if (bit_ends) begin
                if (stuffs) begin
                    level <= ~level;
                    sent_ones <= 3'd0;
                end else if (sent_bits != 3'd0) begin
                    if (~next_bit) level <= ~level;
                    sent_ones <= next_bit ? sent_ones + 1'b1 : 3'd0;
                    out_shift <= {1'b0, out_shift[7:1]};
                    sent_bits <= sent_bits - 1'b1;
                end else if (tx_valid_i) begin
                    sending <= DATA;
                    if (~tx_data_i[0]) level <= ~level;
                    sent_ones <= tx_data_i[0] ? sent_ones + 1'b1 : 3'd0;
                    out_shift <= {1'b0, tx_data_i[7:1]};
                    sent_bits <= 3'd7;
                end else sending <= END_1;
            end
            END_1: if (bit_ends) sending <= END_2;
            END_2: if (bit_ends) begin
                level <= 1'b1;
                sending <= REST;
            end
            REST: if (bit_ends) sending <= QUIET;
            default: sending <= QUIET;
        endcase
    end
endmodule
`default_nettype wire
