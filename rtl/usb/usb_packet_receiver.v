// SPDX-License-Identifier: Apache-2.0
// Takes USB packets apart (USB 2.0, chapter 8): checks the PID and its complement, CRC5 and
// CRC16, and says what came.
//
// PHY: rx_active_i is high for a packet, without SYNC and EOP; a byte with each rx_valid_i;
//   rx_error_i anywhere in it spoils it.
// Tokens: token_o for one cycle after a good token packet; pid_o, address_o, endpoint_o hold.
// Data: data_valid_o with each byte but the CRC, before its CRC is known; then data_end_o
//   for one cycle with data_good_o.  pid_o tells the toggle.
// Handshakes: handshake_o for one cycle.
// What is damaged is passed over in silence, but data_end_o always ends a data packet, and
//   ended_o any.
// Latency: data two bytes late, ends one cycle.  Resources: about 60 registers.
`default_nettype none
module usb_packet_receiver (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       rx_active_i,
    input  wire       rx_valid_i,
    input  wire [7:0] rx_data_i,
    input  wire       rx_error_i,
    output reg  [3:0] pid_o,
    output reg        token_o,
    output wire [6:0] address_o,
    output wire [3:0] endpoint_o,
    output wire       data_valid_o,
    output wire [7:0] data_o,
    output reg        data_end_o,
    output reg        data_good_o,
    output reg        handshake_o,
    output reg        ended_o
);
    localparam [15:0] CRC16_RESIDUE = 16'hB001;

    reg        was_active;
    reg        pid_seen;
    reg        bad;
    reg [1:0]  bytes;           // after the PID, up to 3
    reg [7:0]  last;            // the last byte, and the one that it follows
    reg [7:0]  previous;
    reg [15:0] crc16;

    function [15:0] crc16_step;
        input [15:0] crc;
        input [7:0] data;
        integer i;
        begin
            crc16_step = crc ^ {8'd0, data};
            for (i = 0; i < 8; i = i + 1)
                crc16_step = {1'b0, crc16_step[15:1]} ^ (crc16_step[0] ? 16'hA001 : 16'd0);
        end
    endfunction

    // The CRC5 of eleven bits, as it follows them.
    function [4:0] crc5;
        input [10:0] bits;
        integer i;
        begin
            crc5 = 5'h1F;
            for (i = 0; i < 11; i = i + 1)
                crc5 = {1'b0, crc5[4:1]} ^ ((crc5[0] ^ bits[i]) ? 5'h14 : 5'd0);
            crc5 = ~crc5;
        end
    endfunction

    wire is_token = (pid_o[1:0] == 2'b01) | (pid_o == 4'b0100);     // OUT, IN, SOF, SETUP; PING
    wire is_data = (pid_o[1:0] == 2'b11);
    wire is_handshake = (pid_o[1:0] == 2'b10);
    wire ends = was_active & ~rx_active_i & pid_seen;
    wire good = ~bad & ~rx_error_i;

    assign {endpoint_o, address_o} = {last[2:0], previous};
    assign data_valid_o = rx_active_i & rx_valid_i & pid_seen & is_data & bytes[1];
    assign data_o = previous;

    always @(posedge clk_i) begin
        was_active <= rx_active_i & ~rst_i;
        token_o <= ends & good & is_token & (bytes == 2'd2)
                   & (crc5({last[2:0], previous}) == last[7:3]);
        handshake_o <= ends & good & is_handshake & (bytes == 2'd0);
        ended_o <= was_active & ~rx_active_i;
        data_end_o <= ends & is_data;
        data_good_o <= good & bytes[1] & (crc16 == CRC16_RESIDUE);
        if (~rx_active_i) begin
            pid_seen <= 1'b0;
            bad <= 1'b0;
            bytes <= 2'd0;
            crc16 <= 16'hFFFF;
        end else begin
            if (rx_error_i) bad <= 1'b1;
            if (rx_valid_i & ~pid_seen) begin
                pid_seen <= 1'b1;
                pid_o <= rx_data_i[3:0];
                if (rx_data_i[7:4] != ~rx_data_i[3:0]) bad <= 1'b1;
            end else if (rx_valid_i) begin
                if (bytes != 2'd3) bytes <= bytes + 1'b1;
                last <= rx_data_i;
                previous <= last;
                crc16 <= crc16_step(crc16, rx_data_i);
            end
        end
        if (rst_i) pid_seen <= 1'b0;
    end
endmodule
`default_nettype wire
