// SPDX-License-Identifier: Apache-2.0
// Sends a USB packet: the PID and its complement, and of a data packet the bytes and CRC16.
//
// Start: `start_i` for one cycle while not busy, with pid_i.  A data packet takes bytes while
//   data_valid_i: data_i must then hold a byte, data_take_o asks for the next one.
// PHY: tx_valid_o is high for the whole packet, a byte goes with each tx_ready_i.
// busy falls with the last byte.
// Latency: one cycle.  Resources: about 30 registers.
`default_nettype none
module usb_packet_transmitter (
    input  wire       clk_i,
    input  wire       rst_i,
    input  wire       start_i,
    input  wire [3:0] pid_i,
    output wire       busy_o,
    input  wire       data_valid_i,
    input  wire [7:0] data_i,
    output wire       data_take_o,
    output wire       tx_valid_o,
    input  wire       tx_ready_i,
    output reg  [7:0] tx_data_o
);
    localparam [2:0] IDLE = 3'd0, PID = 3'd1, DATA = 3'd2, CRC_HIGH = 3'd3;
    reg [2:0]  state;
    reg [3:0]  pid;
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

    assign busy_o = (state != IDLE);
    assign tx_valid_o = busy_o;
    // Bytes end when there are no more: then the CRC takes their place at once.
    wire sends_data = (state == DATA) & data_valid_i;
    wire sends_low = (state == DATA) & ~data_valid_i;
    assign data_take_o = sends_data & tx_ready_i;

    always @* begin
        tx_data_o = {~pid, pid};
        if (sends_data) tx_data_o = data_i;
        else if (sends_low) tx_data_o = ~crc16[7:0];
        else if (state == CRC_HIGH) tx_data_o = ~crc16[15:8];
    end

    always @(posedge clk_i) begin
        if (rst_i) state <= IDLE;
        else case (state)
            IDLE: if (start_i) begin
                state <= PID;
                pid <= pid_i;
                crc16 <= 16'hFFFF;
            end
            PID: if (tx_ready_i) state <= (pid[1:0] == 2'b11) ? DATA : IDLE;
            DATA: if (tx_ready_i) begin
                if (data_valid_i) crc16 <= crc16_step(crc16, data_i);
                else state <= CRC_HIGH;
            end
            CRC_HIGH: if (tx_ready_i) state <= IDLE;
            default: state <= IDLE;
        endcase
    end
endmodule
`default_nettype wire
