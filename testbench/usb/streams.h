// SPDX-License-Identifier: Apache-2.0
// A Verilated device's two streams beside its bus, with what went in and came out.
#ifndef MILLRACE_TESTBENCH_USB_STREAMS_H
#define MILLRACE_TESTBENCH_USB_STREAMS_H

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>

#include "packet.h"

namespace usb
{

template <class Top> class Streams
{
  public:
    std::mt19937 random;
    std::deque<uint8_t> to_device; // sent by the host and acknowledged or in doubt, not yet out
    std::deque<uint8_t> to_host;   // given to the device, not yet with the host
    bool high = false;             // the speed that the bus runs at
    bool hub_is_high = true;       // it may run at high speed
    bool orderly = false;          // nothing is left to chance but what is sent
    unsigned in_rate = 50;         // percent of cycles with a byte for the host ...
    unsigned out_rate = 50;        // ... and with room for one from it
    unsigned long streamed = 0;    // bytes that came out right
    unsigned long cycles = 0;
    const unsigned seed;

    explicit Streams(unsigned a_seed) : random(a_seed), seed(a_seed)
    {
    }

    [[noreturn]] void fail(const std::string &what)
    {
        printf("not ok - usb, seed %u, cycle %lu: %s\n", seed, cycles, what.c_str());
        exit(1);
    }

    // For what an orderly bus does in its shortest or its most likely way.
    unsigned below(unsigned n)
    {
        return orderly ? 0 : static_cast<unsigned>(random() % n);
    }

    bool chance(unsigned percent)
    {
        return orderly ? percent > 50 : random() % 100 < percent;
    }

    bool configured() const
    {
        return top_.configured_o;
    }

  protected:
    Top top_;

    void forget()
    {
        to_device.clear();
        to_host.clear();
    }

    // One cycle; the bus has set its own inputs.
    void tick()
    {
        if (!top_.in_valid_i && chance(in_rate)) {
            top_.in_valid_i = 1;
            top_.in_data_i = static_cast<uint8_t>(random());
        }
        top_.out_ready_i = chance(out_rate);
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

  private:
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
