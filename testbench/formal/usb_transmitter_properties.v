// SPDX-License-Identifier: Apache-2.0
// usb_packet_transmitter.v sends nothing that it was not told to, and each packet as USB 2.0,
// chapter 8, has it: a PID with its complement and, of a data packet, the bytes that it was
// given and the CRC16 of them, worked out here bit by bit (8.3.5.2).
`default_nettype none
module usb_transmitter_properties (
    input wire       clk_i,
    input wire       rst_i,
    input wire       start_i,
    input wire [3:0] pid_i,
    input wire       data_valid_i,
    input wire [7:0] data_i,
    input wire       tx_ready_i
);
    wire       busy, take, tx_valid;
    wire [7:0] tx_data;
    usb_packet_transmitter dut (
        .clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .pid_i(pid_i), .busy_o(busy),
        .data_valid_i(data_valid_i), .data_i(data_i), .data_take_o(take),
        .tx_valid_o(tx_valid), .tx_ready_i(tx_ready_i), .tx_data_o(tx_data)
    );

    // A byte into the shift register of figure 8-13, the first bit first.
    function [15:0] step;
        input [15:0] crc;
        input [7:0] data;
        integer i;
        begin
            step = crc;
            for (i = 0; i < 8; i = i + 1)
                step = {step[14:0], 1'b0} ^ ((step[15] ^ data[i]) ? 16'h8005 : 16'd0);
        end
    endfunction
    function [15:0] reversed;
        input [15:0] bits;
        integer i;
        for (i = 0; i < 16; i = i + 1) reversed[i] = bits[15 - i];
    endfunction

    // ---- What should be on the bus
    localparam [2:0] SILENCE = 3'd0, PID = 3'd1, DATA = 3'd2, HIGH = 3'd3;
    reg [2:0]  due = SILENCE;
    reg [3:0]  pid;
    reg [15:0] crc;
    wire [15:0] sent_crc = ~reversed(crc);

    initial assume (rst_i);
    always @(posedge clk_i) begin
        if (rst_i) due <= SILENCE;
        else case (due)
            SILENCE: if (start_i) begin
                due <= PID;
                pid <= pid_i;
                crc <= 16'hFFFF;
            end
            PID: if (tx_ready_i) due <= (pid[1:0] == 2'b11) ? DATA : SILENCE;
            DATA: if (tx_ready_i) begin
                if (data_valid_i) crc <= step(crc, data_i);
                else due <= HIGH;
            end
            default: if (tx_ready_i) due <= SILENCE;
        endcase
    end

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;
    always @* if (started) begin
        assert (tx_valid == (due != SILENCE));
        assert (busy == tx_valid);
        if (due == PID) assert (tx_data == {~pid, pid});
        if (due == DATA) assert (tx_data == (data_valid_i ? data_i : sent_crc[7:0]));
        if (due == HIGH) assert (tx_data == sent_crc[15:8]);
        assert (take == ((due == DATA) & data_valid_i & tx_ready_i));
    end

    // For the induction: its registers are those above. test_formal_usb.sh connects these.
    wire [2:0]  dut_state;
    wire [3:0]  dut_pid;
    wire [15:0] dut_crc16;
    always @* if (started) begin
        assert (dut_state == due);
        if (due != SILENCE) assert (dut_pid == pid);
        if ((due == PID) | (due == DATA) | (due == HIGH)) assert (dut_crc16 == reversed(crc));
    end

    reg [1:0] ended = 2'd0;
    always @(posedge clk_i) begin
        if ((due == HIGH) & tx_ready_i & ~rst_i & ~ended[1]) ended <= ended + 1'b1;
        cover (ended == 2'd2);
    end
endmodule
`default_nettype wire
