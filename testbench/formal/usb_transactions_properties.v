// SPDX-License-Identifier: Apache-2.0
// usb_transactions.v, whatever the bus brings: nothing is sent but in the cycle after a token
// with our address that asks for it, or after the good data that followed one; a packet of
// endpoint 1 is new if and only if the last one was acknowledged, and data from the host is
// kept if and only if its toggle is the one that is due.
`default_nettype none
module usb_transactions_properties (
    input wire       clk_i,
    input wire       rst_i,
    input wire       is_high_i,
    input wire [6:0] address_i,
    input wire       configured_i,
    input wire [1:0] halt_i,
    input wire [1:0] clear_i,
    input wire       rx_active_i,
    input wire [3:0] pid_i,
    input wire       token_i,
    input wire [6:0] token_address_i,
    input wire [3:0] token_endpoint_i,
    input wire       data_valid_i,
    input wire       data_end_i,
    input wire       data_good_i,
    input wire       handshake_i,
    input wire       damaged_i,         // a packet that is no good ends
    input wire       tx_busy_i,
    input wire       control_stall_i,
    input wire       control_due_i,
    input wire       control_toggle_i,
    input wire       out_room_i,
    input wire       in_due_i
);
    localparam [3:0] OUT = 4'b0001, IN = 4'b1001, SETUP = 4'b1101, PING = 4'b0100,
                     DATA0 = 4'b0011, DATA1 = 4'b1011, ACK = 4'b0010;
    wire ended = token_i | data_end_i | handshake_i | damaged_i;

    wire       tx_start, tx_control, setup, setup_write, setup_end, control_begin;
    wire       control_in_ack, control_out_ack, out_write, out_commit, out_drop, in_begin;
    wire       in_commit;
    wire [3:0] tx_pid;
    usb_transactions dut (
        .clk_i(clk_i), .rst_i(rst_i), .is_high_i(is_high_i), .address_i(address_i),
        .configured_i(configured_i), .halt_i(halt_i), .clear_i(clear_i),
        .rx_active_i(rx_active_i), .pid_i(pid_i), .token_i(token_i),
        .token_address_i(token_address_i), .token_endpoint_i(token_endpoint_i),
        .data_valid_i(data_valid_i), .data_end_i(data_end_i), .data_good_i(data_good_i),
        .handshake_i(handshake_i), .ended_i(ended), .tx_start_o(tx_start), .tx_pid_o(tx_pid),
        .tx_busy_i(tx_busy_i), .tx_control_o(tx_control), .setup_o(setup),
        .setup_write_o(setup_write), .setup_end_o(setup_end),
        .control_stall_i(control_stall_i), .control_due_i(control_due_i),
        .control_toggle_i(control_toggle_i), .control_begin_o(control_begin),
        .control_in_ack_o(control_in_ack), .control_out_ack_o(control_out_ack),
        .out_room_i(out_room_i), .out_write_o(out_write), .out_commit_o(out_commit),
        .out_drop_o(out_drop), .in_due_i(in_due_i), .in_begin_o(in_begin),
        .in_commit_o(in_commit)
    );

    // ---- What the receiver promises
    initial assume (rst_i);
    always @* begin
        assume (token_i + data_end_i + handshake_i + damaged_i <= 3'd1);
        if (token_i) assume ((pid_i[1:0] == 2'b01) | (pid_i == PING));
        if (data_end_i | data_valid_i) assume (pid_i[1:0] == 2'b11);
        if (handshake_i) assume (pid_i[1:0] == 2'b10);
    end

    // ---- What has happened on the bus
    wire ours = token_i & (token_address_i == address_i)
                & ((token_endpoint_i == 4'd0) | ((token_endpoint_i == 4'd1) & configured_i));
    wire to_stream = (token_endpoint_i == 4'd1);
    wire data = data_end_i & data_good_i & ((pid_i == DATA0) | (pid_i == DATA1));
    reg  expects_data = 1'b0;       // after an OUT or SETUP for us, and nothing since
    reg  expects_stream = 1'b0;     // it was an OUT of endpoint 1
    reg  sent_stream = 1'b0;        // a packet of endpoint 1 went, and nothing came since
    reg  cleared = 1'b0;            // the toggle, since the PID was chosen
    reg  asked = 1'b0;              // an answer may begin now
    reg  in_toggle, out_toggle;
    always @(posedge clk_i) begin
        cleared <= clear_i[1];
        asked <= ~rst_i & ((ours & ((pid_i == IN) | (pid_i == PING)))
                           | (data & expects_data & ~token_i));
        if (rst_i) begin
            expects_data <= 1'b0;
            sent_stream <= 1'b0;
        end else begin
            if (ended) expects_data <= ours & ((pid_i == OUT) | (pid_i == SETUP));
            if (ended) expects_stream <= ours & (pid_i == OUT) & to_stream;
            if (ended) sent_stream <= 1'b0;
            if (in_begin) sent_stream <= 1'b1;
        end
        if (clear_i[1]) in_toggle <= 1'b0;
        if (clear_i[0]) out_toggle <= 1'b0;
        if (in_commit & ~rst_i) in_toggle <= ~in_toggle;
        if (out_commit & ~rst_i) out_toggle <= ~out_toggle;
    end

    reg started = 1'b0;
    always @(posedge clk_i) started <= 1'b1;
    // Both toggles begin with a configuration.
    initial assume (clear_i == 2'b11);
    always @* if (started & ~rst_i) begin
        if (tx_start) assert (asked);
        // IN
        if (tx_start & (tx_pid[1:0] == 2'b11) & ~tx_control) begin
            assert ((tx_pid == (in_toggle ? DATA1 : DATA0)) | cleared);
            assert (sent_stream);
        end
        if (in_commit) assert (sent_stream & handshake_i & (pid_i == ACK));
        // OUT
        if (out_commit) assert (data & expects_stream & (pid_i == (out_toggle ? DATA1 : DATA0)));
        if (out_write) assert (expects_stream);
        assert (~(out_commit & out_drop));
    end
    // For the induction: its registers are those above. test_formal_usb.sh connects these.
    wire [1:0] dut_state;
    wire       dut_in_toggle, dut_out_toggle, dut_is_setup, dut_is_control;
    always @* if (started) begin
        assert (dut_in_toggle == in_toggle);
        assert (dut_out_toggle == out_toggle);
        if (dut_state == 2'd1) begin
            assert (expects_data);
            assert (expects_stream == ~dut_is_control);
            assert (dut_is_control | ~dut_is_setup);
        end
        if (dut_state[1]) assert (tx_control == dut_is_control);
        if (dut_state[1] & ~dut_is_control) assert (sent_stream);
    end

    reg [1:0] packets_in = 2'd0, packets_out = 2'd0;
    always @(posedge clk_i) begin
        if (in_commit & ~packets_in[1]) packets_in <= packets_in + 1'b1;
        if (out_commit & ~packets_out[1]) packets_out <= packets_out + 1'b1;
        cover (packets_in[1] & packets_out[1]);
    end
endmodule
`default_nettype wire
