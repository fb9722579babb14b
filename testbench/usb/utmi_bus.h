// SPDX-License-Identifier: Apache-2.0
// A UTMI transceiver with a cable to the host, around the Verilated device; and both of its
// streams, with what went in and came out.
#ifndef MILLRACE_TESTBENCH_USB_UTMI_BUS_H
#define MILLRACE_TESTBENCH_USB_UTMI_BUS_H

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>

#include "Vusb_device.h"
#include "packet.h"

namespace usb
{

class UtmiBus
{
  public:
    std::mt19937 random;
    std::deque<uint8_t> to_device; // sent by the host and acknowledged or in doubt, not yet out
    std::deque<uint8_t> to_host;   // given to the device, not yet with the host
    bool high = false;             // the speed that the bus runs at
    unsigned in_rate = 50;         // percent of cycles with a byte for the host ...
    unsigned out_rate = 50;        // ... and with room for one from it
    unsigned long streamed = 0;    // bytes that came out right
    unsigned long cycles = 0;
    const unsigned seed;

    explicit UtmiBus(unsigned a_seed) : random(a_seed), seed(a_seed)
    {
        top_.rst_i = 1;
        top_.line_state_i = 1;
        clocks(4);
        top_.rst_i = 0;
        top_.in_valid_i = 0;
    }

    [[noreturn]] void fail(const std::string &what)
    {
        printf("not ok - usb, seed %u, cycle %lu: %s\n", seed, cycles, what.c_str());
        exit(1);
    }

    unsigned below(unsigned n)
    {
        return static_cast<unsigned>(random() % n);
    }

    bool chance(unsigned percent)
    {
        return below(100) < percent;
    }

    // Send a packet; the device answers nothing while it comes.
    void send(const Bytes &packet, bool error = false)
    {
        idle(2 + below(4));
        top_.rx_active_i = 1;
        clocks(1 + below(3));
        for (size_t i = 0; i < packet.size(); i++) {
            top_.rx_data_i = packet[i];
            top_.rx_valid_i = 1;
            top_.rx_error_i = error && i + 1 == packet.size();
            clocks(1);
            top_.rx_valid_i = 0;
            if (!high || chance(10))
                clocks(below(3));
        }
        top_.rx_active_i = 0;
        top_.rx_error_i = 0;
        if (top_.tx_valid_o)
            fail("the device speaks while the host does");
    }

    // What the device answers; empty where it does not.
    Bytes receive(unsigned patience = 40)
    {
        Bytes packet;
        while (!top_.tx_valid_o && patience-- > 0)
            clocks(1);
        while (top_.tx_valid_o) {
            top_.tx_ready_i = high ? chance(95) : chance(40);
            if (top_.tx_ready_i)
                packet.push_back(top_.tx_data_o);
            if (packet.size() > 600)
                fail("the device babbles");
            clocks(1);
        }
        top_.tx_ready_i = 0;
        return packet;
    }

    // Nothing on the bus; the device must keep silent.
    void idle(unsigned n)
    {
        while (n-- > 0) {
            clocks(1);
            if (top_.tx_valid_o)
                fail("the device speaks without a token");
        }
    }

    // A bus reset, with the detection of high speed where the device asks for it.
    void reset()
    {
        high = false;
        top_.rx_active_i = 0;
        top_.rx_valid_i = 0;
        // A device at high speed takes 3 ms / SCALE to see it.
        for (unsigned waited = 0; waited < 2400 && !top_.tx_valid_o; waited++)
            line(0, 1);
        if (top_.tx_valid_o)
            chirp();
        line_ = high ? 0 : 1;
        clocks(200);
        forget();
    }

    // 3 ms of silence and a resume.
    void suspend()
    {
        line(high ? 1 : 2, 1); // the silence begins now
        line(high ? 0 : 1, high ? 1830 : 1900);
        line(1, 400);
        if (!top_.suspended_o)
            fail("the device is not suspended");
        line(2, 300);
        line(0, 10);
        line_ = high ? 0 : 1;
        clocks(50);
        if (top_.suspended_o)
            fail("the device is not resumed");
    }

    bool configured() const
    {
        return top_.configured_o;
    }

    void clocks(unsigned n)
    {
        while (n-- > 0)
            clock();
    }

  private:
    Vusb_device top_;
    int line_ = 1;

    void forget()
    {
        to_device.clear();
        to_host.clear();
    }

    void line(int state, unsigned n)
    {
        line_ = state;
        clocks(n);
    }

    void chirp()
    {
        unsigned length = 0;
        for (; top_.tx_valid_o; length++) {
            top_.tx_ready_i = 1;
            if (top_.tx_data_o != 0 || top_.op_mode_o != 2)
                fail("a chirp is zeros without stuffing");
            line(2, 1);
        }
        top_.tx_ready_i = 0;
        if (length < 600) // 1 ms / SCALE
            fail("a chirp of less than 1 ms");
        line(0, 20);
        for (int i = 0; i < 8; i++)
            line(i % 2 ? 1 : 2, 200);
        line(0, 400);
        high = true;
    }

    // One cycle with both streams beside the bus.
    void clock()
    {
        if (!top_.in_valid_i && chance(in_rate)) {
            top_.in_valid_i = 1;
            top_.in_data_i = static_cast<uint8_t>(random());
        }
        top_.out_ready_i = chance(out_rate);
        bool busy = top_.rx_active_i || top_.tx_valid_o;
        top_.line_state_i = high && line_ == 0 ? busy : busy ? 1 + cycles / 4 % 2 : line_;
        top_.clk_i = 0;
        top_.eval();
        bool given = top_.in_valid_i && top_.in_ready_o;
        if (top_.out_valid_o && top_.out_ready_i && top_.configured_o)
            take(top_.out_data_o);
        if (given && top_.configured_o)
            to_host.push_back(top_.in_data_i);
        bool began = top_.began_o;
        top_.clk_i = 1;
        top_.eval();
        if (given)
            top_.in_valid_i = 0;
        if (began)
            forget();
        cycles++;
    }

    void take(uint8_t byte)
    {
        if (to_device.empty())
            fail("a byte that the host never sent");
        if (to_device.front() != byte)
            fail("a byte is lost, repeated or out of order");
        to_device.pop_front();
        streamed++;
    }
};

} // namespace usb

#endif
