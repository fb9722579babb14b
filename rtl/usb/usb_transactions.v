// SPDX-License-Identifier: Apache-2.0
// Transactions (USB 2.0, 8.5) of endpoint 0 and of bulk endpoint 1 in both directions: what is
// answered to a token, with which toggle, and what a handshake or its absence means.
//
// Nothing is sent but in answer to a good token with our address.  Data that is damaged is
//   answered by nothing; a packet with the toggle of the last one is acknowledged and dropped.
// Packets: kind_* come from usb_packet_receiver; tx_* go to usb_packet_transmitter.
// An IN packet is ours until the host's ACK: the answer to the next IN is the same
//   packet.  A host that does not answer within PATIENCE cycles has not got it.
// Latency: two cycles from a packet's end to the start of the answer.
// Resources: about 40 registers.
`default_nettype none
module usb_transactions #(
    parameter [7:0] PATIENCE = 8'd250
) (
    input  wire       clk_i,
    input  wire       rst_i,            // a bus reset too
    input  wire       is_high_i,
    input  wire [6:0] address_i,
    input  wire       configured_i,
    input  wire [1:0] halt_i,           // endpoint 1: OUT, IN
    input  wire [1:0] clear_i,          // take its toggle back to DATA0
    // Packets from the host
    input  wire       rx_active_i,
    input  wire [3:0] pid_i,
    input  wire       token_i,
    input  wire [6:0] token_address_i,
    input  wire [3:0] token_endpoint_i,
    input  wire       data_valid_i,
    input  wire       data_end_i,
    input  wire       data_good_i,
    input  wire       handshake_i,
    input  wire       ended_i,          // any packet, good or not
    // Packets to the host
    output reg        tx_start_o,
    output reg  [3:0] tx_pid_o,
    input  wire       tx_busy_i,
    output reg        tx_control_o,     // the data is endpoint 0's
    // Endpoint 0
    output wire       setup_o,
    output wire       setup_write_o,
    output wire       setup_end_o,
    input  wire       control_stall_i,
    input  wire       control_due_i,
    input  wire       control_toggle_i,
    output wire       control_begin_o,
    output wire       control_in_ack_o,
    output wire       control_out_ack_o,
    // Endpoint 1
    input  wire       out_room_i,
    output wire       out_write_o,
    output wire       out_commit_o,
    output wire       out_drop_o,
    input  wire       in_due_i,
    output wire       in_begin_o,
    output wire       in_commit_o
);
    localparam [3:0] OUT = 4'b0001, IN = 4'b1001, SETUP = 4'b1101, PING = 4'b0100,
                     DATA0 = 4'b0011, DATA1 = 4'b1011, ACK = 4'b0010, NAK = 4'b1010,
                     STALL = 4'b1110, NYET = 4'b0110;
    localparam [1:0] IDLE = 2'd0, TAKE = 2'd1, SENDING = 2'd2, AWAIT = 2'd3;

    reg [1:0] state;
    reg       is_setup;
    reg       is_control;
    reg       had_room;
    reg       out_toggle;
    reg       in_toggle;
    reg [7:0] waited;
    reg [3:0] setup_bytes;

    wire mine = token_i & (token_address_i == address_i)
                & ((token_endpoint_i == 4'd0) | ((token_endpoint_i == 4'd1) & configured_i));
    wire to_control = (token_endpoint_i == 4'd0);
    wire is_data = (pid_i == DATA0) | (pid_i == DATA1);
    wire in_stalls = to_control ? control_stall_i : halt_i[1];
    wire in_ready = to_control ? control_due_i : in_due_i;
    wire in_starts = mine & (pid_i == IN) & in_ready & ~in_stalls;

    // ---- The end of an OUT or SETUP packet.
    wire taken = (state == TAKE) & data_end_i;
    wire whole = taken & data_good_i & is_data;
    wire setup_whole = whole & is_setup & (pid_i == DATA0) & (setup_bytes == 4'd8);
    wire out_stalls = is_control ? control_stall_i : halt_i[0];
    wire fresh = (pid_i[3] == out_toggle);
    wire accepts = whole & ~is_control & ~is_setup & ~out_stalls & had_room & fresh;

    assign setup_o = mine & (pid_i == SETUP) & to_control;
    assign setup_write_o = (state == TAKE) & is_setup & data_valid_i;
    assign setup_end_o = setup_whole;
    assign out_write_o = (state == TAKE) & ~is_control & data_valid_i & had_room;
    assign out_commit_o = accepts;
    assign out_drop_o = (state != TAKE) | (taken & ~accepts);
    assign control_out_ack_o = whole & is_control & ~is_setup & ~out_stalls;
    assign control_begin_o = in_starts & to_control;
    assign in_begin_o = in_starts & ~to_control;

    wire acknowledged = (state == AWAIT) & handshake_i & (pid_i == ACK);
    assign control_in_ack_o = acknowledged & is_control;
    assign in_commit_o = acknowledged & ~is_control;

    // out_room_i is of the buffer with what has just come in it, so it says whether one
    // more packet would fit: 8.5.1 asks for NYET where not.
    always @(posedge clk_i) begin
        tx_start_o <= 1'b0;
        if (clear_i[0]) out_toggle <= 1'b0;
        if (clear_i[1]) in_toggle <= 1'b0;
        if (setup_o) setup_bytes <= 4'd0;
        else if (setup_write_o & (setup_bytes != 4'd9)) setup_bytes <= setup_bytes + 1'b1;

        if (rst_i) state <= IDLE;
        else if (token_i) begin
            // Whatever was going on is over: the host has moved on.
            state <= IDLE;
            is_setup <= (pid_i == SETUP);
            is_control <= to_control;
            tx_control_o <= to_control;
            had_room <= out_room_i;
            waited <= 8'd0;
            if (mine)
                case (pid_i)
                    SETUP: if (to_control) state <= TAKE;
                    OUT: state <= TAKE;
                    IN: begin
                        tx_start_o <= 1'b1;
                        if (in_starts) begin
                            state <= SENDING;
                            tx_pid_o <= (to_control ? control_toggle_i : in_toggle) ? DATA1 : DATA0;
                        end else tx_pid_o <= in_stalls ? STALL : NAK;
                    end
                    PING: if (is_high_i) begin
                        tx_start_o <= 1'b1;
                        tx_pid_o <= (to_control ? control_stall_i : halt_i[0]) ? STALL :
                                    (to_control | out_room_i) ? ACK : NAK;
                    end
                    default: ;
                endcase
        end else case (state)
            // Data that does not follow its token at once is not that token's.
            TAKE: if (~data_end_i) begin
                if (~rx_active_i) waited <= waited + 1'b1;
                if (ended_i | (waited == PATIENCE)) state <= IDLE;
            end else begin
                state <= IDLE;
                tx_start_o <= is_setup ? setup_whole : whole;
                if (is_setup) tx_pid_o <= ACK;
                else if (out_stalls) tx_pid_o <= STALL;
                else if (is_control) tx_pid_o <= ACK;
                else if (~fresh) tx_pid_o <= ACK;
                else if (~had_room) tx_pid_o <= NAK;
                else tx_pid_o <= (is_high_i & ~out_room_i) ? NYET : ACK;
                if (accepts) out_toggle <= ~out_toggle;
            end
            SENDING: begin
                waited <= 8'd0;
                if (ended_i) state <= IDLE;
                else if (~tx_start_o & ~tx_busy_i) state <= AWAIT;
            end
            AWAIT: begin
                if (~rx_active_i) waited <= waited + 1'b1;
                if (acknowledged & ~is_control) in_toggle <= ~in_toggle;
                // An ACK that comes after anything else is not for this packet.
                if (ended_i | (waited == PATIENCE)) state <= IDLE;
            end
            default: ;
        endcase
    end
endmodule
`default_nettype wire
