// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// A queue between streams of different widths: words of IN bits go in, words of OUT bits
// come out, the first in the lowest bits. The wider is a power of two times the other.
//
// Handshake: a word moves where valid and ready are high at a rising edge; valid waits for
// no ready. Narrow words that do not fill a wide one wait for those that do.
// Latency: that of fifo.v, three edges from the last part of a wide word.
// Resources: fifo.v with DEPTH words of the wider width; a wide word of registers where
// the words become wider, a multiplexer where they become narrower.
module width_fifo #(
    parameter IN = 32,
    parameter OUT = 8,
    parameter DEPTH = 512  // of the wider words: a power of two, at least 4
) (
    input wire clk_i,
    input wire rst_i,
    input wire in_valid_i,
    output wire in_ready_o,
    input wire [IN-1:0] in_data_i,
    output wire out_valid_o,
    input wire out_ready_i,
    output wire [OUT-1:0] out_data_o
);

  localparam integer WIDE = IN > OUT ? IN : OUT;

  generate
    if (WIDE % IN != 0 || WIDE % OUT != 0) unsupported_widths unsupported ();
  endgenerate

  wire wide_valid;
  wire wide_ready;
  wire [WIDE-1:0] wide;
  wire shown_taken;
  wire [WIDE-1:0] shown;

  generate
    if (IN < WIDE) begin : g_gather
      localparam integer PARTS = WIDE / IN;
      localparam integer PART_BITS = $clog2(PARTS);
      reg [PART_BITS-1:0] part;
      reg [WIDE-IN-1:0] earlier;

      assign wide = {in_data_i, earlier};
      assign wide_valid = in_valid_i && &part;
      assign in_ready_o = wide_ready || !(&part);

      always @(posedge clk_i) begin
        if (rst_i) part <= {PART_BITS{1'b0}};
        else if (in_valid_i && in_ready_o) part <= part + 1'b1;
        if (in_valid_i && in_ready_o) earlier <= wide[WIDE-1:IN];
      end
    end else begin : g_whole
      assign wide = in_data_i;
      assign wide_valid = in_valid_i;
      assign in_ready_o = wide_ready;
    end

    if (OUT < WIDE) begin : g_part
      localparam integer PARTS = WIDE / OUT;
      localparam integer PART_BITS = $clog2(PARTS);
      reg [PART_BITS-1:0] part;

      assign out_data_o  = shown[part*OUT+:OUT];
      assign shown_taken = out_ready_i && &part;

      always @(posedge clk_i)
        if (rst_i) part <= {PART_BITS{1'b0}};
        else if (out_valid_o && out_ready_i) part <= part + 1'b1;
    end else begin : g_all
      assign out_data_o  = shown;
      assign shown_taken = out_ready_i;
    end
  endgenerate

  fifo #(
      .WIDTH(WIDE),
      .DEPTH(DEPTH)
  ) words (
      .clk_i(clk_i),
      .rst_i(rst_i),
      .flush_i(1'b0),
      .in_valid_i(wide_valid),
      .in_ready_o(wide_ready),
      .in_data_i(wide),
      .out_valid_o(out_valid_o),
      .out_ready_i(shown_taken),
      .out_data_o(shown)
  );

endmodule

`default_nettype wire
