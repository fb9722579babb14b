// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A memory with one write and one read port of more words than a block RAM has, in
// banks of BANK words. A block RAM is slow to answer: each bank has a register for
// its word, and only then one of them is chosen.
//
// Timing: the word at read_address_i in cycle t is read_data_o in cycle t + 4, the
// address being registered before it goes to all the banks. A write in cycle t is
// seen by reads from cycle t + 1 on; of the same address in the same cycle the word
// must not be used.
// Resources: WIDTH x DEPTH bits of RAM, WIDTH registers a bank, a multiplexer.
module deep_store #(
    parameter WIDTH = 18,
    parameter DEPTH = 1024,
    parameter BANK = 512,  // a power of two
    parameter ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input wire clk_i,
    input wire write_i,
    input wire [ADDRESS_BITS-1:0] write_address_i,
    input wire [WIDTH-1:0] write_data_i,
    input wire [ADDRESS_BITS-1:0] read_address_i,
    output reg [WIDTH-1:0] read_data_o
);

  localparam integer BANKS = (DEPTH + BANK - 1) / BANK;
  localparam integer BANK_BITS = BANKS > 1 ? $clog2(BANK) : ADDRESS_BITS;

  reg write;
  reg [ADDRESS_BITS-1:0] write_address;
  reg [WIDTH-1:0] write_data;
  reg [ADDRESS_BITS-1:0] read_address;
  wire [WIDTH*BANKS-1:0] words;

  always @(posedge clk_i) begin
    write <= write_i;
    write_address <= write_address_i;
    write_data <= write_data_i;
    read_address <= read_address_i;
  end

  genvar g;
  generate
    for (g = 0; g < BANKS; g = g + 1) begin : g_bank
      localparam integer WORDS = g == BANKS - 1 ? DEPTH - g * BANK : BANK;
      localparam integer WORD_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
      wire chosen;

      if (BANKS > 1) begin : g_choose
        localparam [ADDRESS_BITS-BANK_BITS-1:0] OWN = g;
        assign chosen = write_address[ADDRESS_BITS-1:BANK_BITS] == OWN;
      end else begin : g_only
        assign chosen = 1'b1;
      end

      store #(
          .WIDTH(WIDTH),
          .DEPTH(WORDS)
      ) words_of_bank (
          .clk_i(clk_i),
          .write_i(write && chosen),
          .write_address_i(write_address[WORD_BITS-1:0]),
          .write_data_i(write_data),
          .read_address_i(read_address[WORD_BITS-1:0]),
          .read_data_o(words[WIDTH*g+:WIDTH])
      );
    end

    if (BANKS > 1) begin : g_many
      wire [ADDRESS_BITS-BANK_BITS-1:0] bank;
      integer i;

      delay #(
          .WIDTH (ADDRESS_BITS - BANK_BITS),
          .CYCLES(2)
      ) delay_bank (
          .clk_i (clk_i),
          .data_i(read_address[ADDRESS_BITS-1:BANK_BITS]),
          .data_o(bank)
      );

      always @(posedge clk_i)
        for (i = 0; i < BANKS; i = i + 1)
          if (bank == i[ADDRESS_BITS-BANK_BITS-1:0]) read_data_o <= words[WIDTH*i+:WIDTH];
    end else begin : g_one
      always @(posedge clk_i) read_data_o <= words;
    end
  endgenerate

endmodule

`default_nettype wire
