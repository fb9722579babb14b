// SPDX-License-Identifier: Apache-2.0
// A UTMI transceiver with a cable to the host, around the Verilated device.
#ifndef MILLRACE_TESTBENCH_USB_UTMI_BUS_H
#define MILLRACE_TESTBENCH_USB_UTMI_BUS_H

#include "Vusb_device.h"
#include "streams.h"

namespace usb
{

class Bus : public Streams<Vusb_device>
{
  public:
    explicit Bus(unsigned a_seed) : Streams(a_seed)
    {
        top_.rst_i = 1;
        top_.line_state_i = 1;
        top_.tx_abort_i = 0;
        clocks(4);
        top_.rst_i = 0;
        top_.in_valid_i = 0;
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

    void clocks(unsigned n)
    {
        while (n-- > 0)
            clock();
    }

  private:
    int line_ = 1;

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
        if (!hub_is_high) {
            line(0, 1300); // more than 2 ms / SCALE
            return;
        }
        for (int i = 0; i < 8; i++)
            line(i % 2 ? 1 : 2, 200);
        line(0, 400);
        high = true;
    }

    void clock()
    {
        bool busy = top_.rx_active_i || top_.tx_valid_o;
        top_.line_state_i = high && line_ == 0 ? busy : busy ? 1 + cycles / 4 % 2 : line_;
        tick();
    }
};

} // namespace usb

#endif
