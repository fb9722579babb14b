// SPDX-License-Identifier: Apache-2.0
// D+ and D- at full speed, bit by bit, around the Verilated device with its transceiver: SYNC,
// NRZI, bit stuffing, EOP, a host whose clock is up to 0.25 % off and whose edges jitter.
#ifndef MILLRACE_TESTBENCH_USB_WIRE_BUS_H
#define MILLRACE_TESTBENCH_USB_WIRE_BUS_H

#include "Vusb_full_speed.h"
#include "streams.h"

namespace usb
{

enum Line { SE0, J, K };

class Bus : public Streams<Vusb_full_speed>
{
  public:
    explicit Bus(unsigned a_seed) : Streams(a_seed)
    {
        top_.rst_i = 1;
        clocks(4);
        top_.rst_i = 0;
        top_.in_valid_i = 0;
    }

    // Send a packet; with `error` its last bits break the rule of stuffing.
    void send(const Bytes &packet, bool error = false)
    {
        idle(8 + below(12));
        bit_clocks_ = orderly ? 4 : 4 * (1 + (static_cast<int>(below(501)) - 250) / 1e5);
        due_ = static_cast<double>(cycles);
        ones_ = 0;
        for (int i = 0; i < 8; i++)
            send_bit(i == 7, false);
        for (uint8_t byte : packet) {
            for (int i = 0; i < 8; i++)
                send_bit(byte >> i & 1, true);
        }
        for (int i = 0; error && i < 8; i++)
            send_bit(true, false);
        symbol(SE0);
        symbol(SE0);
        line_ = J;
        ended_ = cycles;
        if (top_.drive_o)
            fail("the device speaks while the host does");
    }

    // What the device answers; empty where it does not.  7.1.18: after 2 to 6.5 bits.
    Bytes receive(unsigned patience = 60)
    {
        while (!top_.drive_o && patience-- > 0)
            clocks(1);
        if (!top_.drive_o)
            return {};
        if (cycles - ended_ < 8 || cycles - ended_ > 26)
            fail("an answer comes too early or too late");
        std::vector<Line> symbols;
        for (unsigned n = 0; top_.drive_o; n++) {
            if (n % 4 == 2)
                symbols.push_back(driven());
            if (n > 6000)
                fail("the device babbles");
            clocks(1);
        }
        ended_ = cycles;
        return decode(symbols);
    }

    void idle(unsigned n)
    {
        while (n-- > 0) {
            clocks(1);
            if (top_.drive_o)
                fail("the device speaks without a token");
        }
    }

    void reset()
    {
        line(SE0, 400);
        line(J, 200);
        forget();
    }

    void suspend()
    {
        line(J, 1600); // 3 ms / SCALE are 1440
        if (!top_.suspended_o)
            fail("the device is not suspended");
        line(K, 300);
        line(SE0, 10);
        line(J, 50);
        if (top_.suspended_o)
            fail("the device is not resumed");
    }

    void clocks(unsigned n)
    {
        while (n-- > 0) {
            Line now = top_.drive_o ? driven() : line_;
            top_.dp_i = now == J;
            top_.dn_i = now == K;
            tick();
        }
    }

  private:
    Line line_ = J;
    double bit_clocks_ = 4, due_ = 0;
    int ones_ = 0;
    unsigned long ended_ = 0;

    Line driven() const
    {
        return top_.dp_o ? J : top_.dn_o ? K : SE0;
    }

    void line(Line state, unsigned n)
    {
        line_ = state;
        clocks(n);
    }

    // One bit's time; its edge may be a fifth of a clock off.
    void symbol(Line state)
    {
        due_ += bit_clocks_;
        double jitter = (static_cast<int>(below(41)) - 20) / 100.0;
        line_ = state;
        while (static_cast<double>(cycles) + 0.5 < due_ + jitter)
            clocks(1);
    }

    void send_bit(bool one, bool stuff)
    {
        symbol(one ? line_ : line_ == J ? K : J);
        ones_ = one ? ones_ + 1 : 0;
        if (stuff && ones_ == 6)
            send_bit(false, false);
    }

    // Back to bytes, holding the device to the rules.
    Bytes decode(const std::vector<Line> &symbols)
    {
        size_t size = symbols.size();
        if (size < 19 || symbols[size - 1] != J || symbols[size - 2] != SE0 ||
            symbols[size - 3] != SE0)
            fail("a packet without its end");
        std::vector<bool> bits;
        Line before = J;
        int ones = 0;
        for (size_t i = 0; i + 3 < size; i++) {
            bool one = symbols[i] == before;
            before = symbols[i];
            if (i < 8 && one != (i == 7))
                fail("a packet without SYNC");
            if (symbols[i] == SE0 || (ones == 6 && one))
                fail("a bit is not stuffed");
            if (i >= 8 && ones != 6)
                bits.push_back(one);
            ones = one ? ones + 1 : 0;
        }
        if (bits.size() % 8 != 0)
            fail("a packet of part of a byte");
        Bytes packet(bits.size() / 8);
        for (size_t i = 0; i < bits.size(); i++)
            packet[i / 8] |= static_cast<uint8_t>(bits[i] << i % 8);
        return packet;
    }
};

} // namespace usb

#endif
