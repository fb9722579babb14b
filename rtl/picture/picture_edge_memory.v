// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What strips leave each other (picture_edges.v), kept in the board's memory: first in,
// first out, 2^DEPTH_BITS words and those of a queue on the chip to either side.
//
// Words go to the memory and come from it in bursts, by turns, through its port for state
// (docs/memories.md), from address 0 round and round. A burst is BURST words, or what there
// is up to the next multiple of them; a shorter one is written only where there is nothing
// left to read, so that no word stays behind.
//
// Handshake: a word moves where valid and ready are both high at a rising edge. clear_i
//   empties it all; a burst that is under way ends first, and until then nothing is taken.
// Latency: some 20 cycles besides the memory's two.
// Throughput: with an SDRAM of 16 pins at twice the clock about a word in three cycles
//   either way, and at once what a queue holds.
// Resources: two queues of block RAM, some 250 LUTs and 130 registers.
module picture_edge_memory #(
    parameter WIDTH = 32,
    parameter DEPTH_BITS = 22,
    parameter BURST = 64,  // a power of two, at most half of QUEUE
    parameter QUEUE = 512  // a power of two
) (
    input wire clk_i,
    input wire rst_i,
    input wire clear_i,

    input wire in_valid_i,
    output wire in_ready_o,
    input wire [WIDTH-1:0] in_data_i,
    output wire out_valid_o,
    input wire out_ready_i,
    output wire [WIDTH-1:0] out_data_o,

    output wire mem_state_valid_o,
    input wire mem_state_ready_i,
    output reg mem_state_write_o,
    output wire [23:0] mem_state_address_o,
    output wire [7:0] mem_state_length_o,
    output wire mem_state_write_valid_o,
    input wire mem_state_write_ready_i,
    output wire [WIDTH-1:0] mem_state_write_data_o,
    input wire mem_state_read_valid_i,
    input wire [WIDTH-1:0] mem_state_read_data_i
);

  localparam BURST_BITS = $clog2(BURST);
  localparam QUEUE_BITS = $clog2(QUEUE);
  localparam [1:0] REST = 0, CHOSEN = 1, ASK = 2, MOVE = 3;
  localparam [DEPTH_BITS:0] ROOM_LEAST = (1 << DEPTH_BITS) - BURST;
  localparam [QUEUE_BITS:0] HELD_MOST = QUEUE - BURST;

  reg [1:0] state;
  reg dropping;  // what there was before clear_i
  reg [QUEUE_BITS+1:0] waiting;  // words taken that no burst has
  reg [DEPTH_BITS:0] stored;  // in the memory
  reg [QUEUE_BITS:0] held;  // words read, or asked for, that have not gone out
  reg [DEPTH_BITS-1:0] write_at;
  reg [DEPTH_BITS-1:0] read_at;
  reg [BURST_BITS:0] left;  // of the burst

  // ---- Which burst is next
  wire plenty = waiting[QUEUE_BITS+1:BURST_BITS] != 0;
  wire starved = waiting != 0 && stored == 0 && held == 0;
  wire may_write = (plenty || starved) && stored <= ROOM_LEAST;
  wire may_read = stored != 0 && held <= HELD_MOST;
  wire writes = may_write && (!may_read || !mem_state_write_o);

  // Its words: up to the next multiple of BURST, if there are as many.
  wire [DEPTH_BITS-1:0] at = mem_state_write_o ? write_at : read_at;
  wire [BURST_BITS:0] fits = BURST[BURST_BITS:0] - {1'b0, at[BURST_BITS-1:0]};
  wire many = mem_state_write_o ? plenty : stored[DEPTH_BITS:BURST_BITS] != 0;
  wire [BURST_BITS:0] some = mem_state_write_o ? {1'b0, waiting[BURST_BITS-1:0]} :
                                             {1'b0, stored[BURST_BITS-1:0]};
  wire [BURST_BITS:0] length = many || some > fits ? fits : some;

  wire asked = state == ASK && mem_state_ready_i;
  wire write = mem_state_write_valid_o && mem_state_write_ready_i;
  wire moves = state == MOVE && (mem_state_write_o ? write : mem_state_read_valid_i);
  wire take = in_valid_i && in_ready_o;
  wire give = out_valid_o && out_ready_i;
  wire flush = state == REST && dropping;

  assign mem_state_valid_o = state == ASK;
  assign mem_state_address_o = {{22 - DEPTH_BITS{1'b0}}, at, 2'd0};
  assign mem_state_length_o = {{7 - BURST_BITS{1'b0}}, left};

  always @(posedge clk_i) begin
    if (rst_i) state <= REST;
    else
      case (state)
        REST: if (!dropping && !clear_i && (may_write || may_read)) state <= CHOSEN;
        CHOSEN: state <= ASK;
        ASK: if (mem_state_ready_i) state <= MOVE;
        default: if (moves && left == 1) state <= REST;
      endcase
    if (rst_i) mem_state_write_o <= 1'b0;
    else if (state == REST) mem_state_write_o <= writes;
    if (state == CHOSEN) left <= length;
    else if (moves) left <= left - 1'b1;
    dropping <= !rst_i && (clear_i || (dropping && !flush));
  end

  // ---- How many words are where
  wire chosen_write = state == CHOSEN && mem_state_write_o;
  wire chosen_read = state == CHOSEN && !mem_state_write_o;
  wire [BURST_BITS:0] waiting_less = chosen_write ? length : {BURST_BITS + 1{1'b0}};
  wire [BURST_BITS:0] held_more = chosen_read ? length : {BURST_BITS + 1{1'b0}};
  wire [DEPTH_BITS:0] burst = {{DEPTH_BITS - BURST_BITS{1'b0}}, left};

  always @(posedge clk_i)
    if (rst_i || flush) begin
      waiting <= 0;
      held <= 0;
      stored <= 0;
      write_at <= 0;
      read_at <= 0;
    end else begin
      waiting <= waiting + {{QUEUE_BITS + 1{1'b0}}, take} -
                 {{QUEUE_BITS + 1 - BURST_BITS{1'b0}}, waiting_less};
      held <= held + {{QUEUE_BITS - BURST_BITS{1'b0}}, held_more} - {{QUEUE_BITS{1'b0}}, give};
      if (asked && mem_state_write_o) begin
        stored <= stored + burst;
        write_at <= write_at + burst[DEPTH_BITS-1:0];
      end
      if (asked && !mem_state_write_o) begin
        stored <= stored - burst;
        read_at <= read_at + burst[DEPTH_BITS-1:0];
      end
    end

  // ---- The queues
  wire in_ready;
  wire front_valid;
  wire out_valid;
  wire out_room;  // there is, for all that is asked for

  assign in_ready_o = in_ready && !dropping && !clear_i;
  assign out_valid_o = out_valid && !dropping && !clear_i;
  assign mem_state_write_valid_o = state == MOVE && mem_state_write_o && front_valid;

  fifo #(
      .WIDTH(WIDTH),
      .DEPTH(QUEUE)
  ) leaving (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .flush_i(flush),
      .in_valid_i(take),
      .in_ready_o(in_ready),
      .in_data_i(in_data_i),
      .out_valid_o(front_valid),
      .out_ready_i(write),
      .out_data_o(mem_state_write_data_o)
  );

  fifo #(
      .WIDTH(WIDTH),
      .DEPTH(QUEUE)
  ) coming (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .flush_i(flush),
      .in_valid_i(mem_state_read_valid_i),
      .in_ready_o(out_room),
      .in_data_i(mem_state_read_data_i),
      .out_valid_o(out_valid),
      .out_ready_i(give),
      .out_data_o(out_data_o)
  );

  wire unused = out_room;

endmodule

`default_nettype wire
