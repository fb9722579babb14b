// SPDX-License-Identifier: Apache-2.0
// A cable to the host behind a ULPI transceiver: packets either way at both speeds, chirps,
// suspend; and RXCMDs that come at any time and in the way of anything.
#ifndef MILLRACE_TESTBENCH_USB_ULPI_BUS_H
#define MILLRACE_TESTBENCH_USB_ULPI_BUS_H

#include "ulpi_phy.h"

namespace usb
{

class Bus : public UlpiPhy
{
  public:
    explicit Bus(unsigned a_seed) : UlpiPhy(a_seed)
    {
        top_.dir_i = 1;
        top_.rst_i = 1;
        for (int i = 0; i < 4; i++)
            drive(false, 0);
        top_.rst_i = 0;
        top_.in_valid_i = 0;
        clocks(100);
        if (!is_full_mode())
            fail("the device does not attach");
        set_line(J);
    }

    // Send a packet; with `error` the transceiver finds fault with its last byte.
    void send(const Bytes &packet, bool error = false)
    {
        idle(high ? 2 + below(4) : 14 + below(20));
        transmit(packet, error);
        if (sending_)
            fail("the device speaks while the host does");
    }

    // What the device answers; empty where it does not.
    Bytes receive(unsigned patience = 60)
    {
        bool interrupted = false;
        for (; !finished_ && patience-- > 0; patience += sending_) {
            // An RXCMD puts a packet off until its first byte is accepted.
            if (chance(2) && !accepted()) {
                rxcmd();
                interrupted = true;
            }
            listen();
            if (sending_ && !accepted())
                check_time(interrupted);
            nxt_rate_ = accepted() ? (high ? 95 : 30) : 60;
            if (sent_.size() > 600)
                fail("the device babbles");
        }
        nxt_rate_ = 60;
        Bytes answer;
        if (finished_)
            answer.swap(sent_);
        finished_ = false;
        return answer;
    }

    // The host speaks while the device may, or is just about to: neither is heard.
    void collide(const Bytes &packet)
    {
        for (unsigned n = below(40); n > 0; n--)
            listen();
        transmit(packet, true);
        finished_ = false;
        idle(100);
    }

    // Nothing on the bus; the device must keep silent.
    void idle(unsigned n)
    {
        while (n-- > 0) {
            clocks(1);
            if (sending_)
                fail("the device speaks without a token");
        }
    }

    // A bus reset, with the detection of high speed.
    void reset()
    {
        high = false;
        rx_active_ = false;
        set_line(SE0);
        for (unsigned waited = 0; waited < 2600 && !sending_; waited++)
            clocks(1);
        if (sending_)
            chirp();
        set_line(high ? SE0 : J);
        clocks(200);
        if (high ? !is_high_mode() : !is_full_mode())
            fail("the wrong mode after a reset");
        forget();
    }

    // 3 ms of silence and a resume.
    void suspend()
    {
        set_line(high ? J : K);
        set_line(high ? SE0 : J);
        clocks(high ? 1840 : 1900);
        if (!is_full_mode())
            fail("a suspended device that is not at full speed");
        set_line(J);
        clocks(400);
        if (!top_.suspended_o)
            fail("the device is not suspended");
        set_line(K);
        clocks(300);
        set_line(SE0);
        clocks(10);
        set_line(high ? SE0 : J);
        clocks(80);
        if (top_.suspended_o || (high ? !is_high_mode() : !is_full_mode()))
            fail("the device is not resumed");
    }

    void clocks(unsigned n)
    {
        while (n-- > 0) {
            disturb();
            listen();
        }
    }

  private:
    unsigned long ended_ = 0; // the cycle of the RXCMD with which a packet ended

    void transmit(const Bytes &packet, bool error)
    {
        rx_active_ = true;
        if (high)
            line_ = J;
        if (chance(50))
            rxcmd();
        for (uint8_t byte : packet) {
            drive(true, byte);
            if (!high || chance(10))
                pause(below(3));
        }
        if (error)
            rxcmd(true);
        rx_active_ = false;
        end_packet();
    }

    // An RXCMD that says nothing new, now and then.
    void disturb()
    {
        if (chance(2) && !sending_)
            rxcmd();
    }

    // Between two bytes of a packet.
    void pause(unsigned n)
    {
        for (; n > 0; n--) {
            if (!high)
                line_ = chance(50) ? J : K;
            rxcmd();
        }
    }

    // At high speed silence; at full speed SE0 for two bits, then J.
    void end_packet()
    {
        line_ = SE0;
        ended_ = cycles;
        if (high && chance(30)) // by DIR alone
            listen();
        rxcmd();
        if (high)
            return;
        for (int i = 0; i < 9; i++)
            listen();
        line_ = J;
        rxcmd();
        ended_ = cycles - 1;
    }

    // ULPI 1.1, table of the link's decision times: receive to transmit.
    void check_time(bool interrupted)
    {
        unsigned long passed = command_at_ - ended_;
        if (passed < (high ? 1 : 7))
            fail("an answer comes too early");
        if (!interrupted && passed > (high ? 14 : 18))
            fail("an answer comes too late");
    }

    void chirp()
    {
        unsigned length = 0;
        for (; sending_; length++) {
            listen();
            if (!chirping_)
                fail("a packet in place of a chirp");
        }
        finished_ = false;
        for (uint8_t byte : sent_)
            if (byte != 0)
                fail("a chirp is zeros");
        sent_.clear();
        if (length < 600) // 1 ms / SCALE
            fail("a chirp of less than 1 ms");
        clocks(20);
        if (!hub_is_high) {
            clocks(1300); // more than 2 ms / SCALE
            return;
        }
        for (int i = 0; i < 8; i++) {
            set_line(i % 2 ? J : K);
            clocks(170);
        }
        set_line(SE0);
        clocks(400);
        high = true;
    }
};

} // namespace usb

#endif
