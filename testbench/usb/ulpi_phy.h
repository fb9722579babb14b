// SPDX-License-Identifier: Apache-2.0
// A ULPI transceiver (ULPI 1.1) around the Verilated device, that holds the link to the rules
// of the bus: who drives it, turnaround, TXCMDs that wait for NXT, register writes, STP.
#ifndef MILLRACE_TESTBENCH_USB_ULPI_PHY_H
#define MILLRACE_TESTBENCH_USB_ULPI_PHY_H

#include "Vusb_high_speed.h"
#include "streams.h"

namespace usb
{

enum Line { SE0, J, K };

class UlpiPhy : public Streams<Vusb_high_speed>
{
  protected:
    enum Phase { NONE, VALUE, STOP, DATA } phase_ = NONE; // what the link is about to give

    // Registers, as a reset leaves them.
    unsigned function_control_ = 0x41, otg_control_ = 0x06, io_control_ = 0;

    Line line_ = SE0;
    bool rx_active_ = false;
    Bytes sent_;               // by the link, in the packet that is under way or the last one
    bool sending_ = false;     // such a packet is under way
    bool finished_ = false;    // one has ended as it should
    bool chirping_ = false;    // and has no PID
    unsigned long command_at_; // the cycle in which it asked for that
    unsigned nxt_rate_ = 60;   // percent of cycles in which a byte is accepted

    explicit UlpiPhy(unsigned a_seed) : Streams(a_seed)
    {
    }

    // Has the transceiver begun to send what the link gives?
    bool accepted() const
    {
        return phase_ == DATA;
    }

    bool is_high_mode() const
    {
        return (function_control_ & 0x1F) == 0;
    }

    bool is_full_mode() const
    {
        return (function_control_ & 0x1F) == 0x05;
    }

    bool is_chirp_mode() const
    {
        return (function_control_ & 0x1F) == 0x14;
    }

    // A cycle in which the transceiver drives the bus, after a turnaround where it did not.
    void drive(bool nxt, unsigned data)
    {
        if (!top_.dir_i) {
            // A packet that no RXCMD announces does so by NXT in the turnaround itself.
            set(true, nxt, static_cast<unsigned>(random()) & 0xFF);
            abandon();
            cycle();
        }
        set(true, nxt, data);
        cycle();
    }

    void rxcmd(bool error = false)
    {
        Line shown = line_;
        if (SWAPPED && io_control_ != 0x06 && line_ != SE0)
            shown = line_ == J ? K : J;
        drive(false,
              static_cast<unsigned>(shown) | 0x0C | (rx_active_ ? 0x10 : 0) | (error ? 0x30 : 0));
    }

    void set_line(Line line)
    {
        bool changes = line_ != line;
        line_ = line;
        if (changes)
            rxcmd();
    }

    // A cycle that is the link's, or the turnaround to it.
    void listen()
    {
        bool turns = top_.dir_i;
        bool may_accept =
            !turns && (phase_ == VALUE || phase_ == DATA || (phase_ == NONE && last_));
        set(false, may_accept && chance(nxt_rate_), 0);
        if (turns) {
            last_ = 0;
            waiting_ = false;
            cycle();
            return;
        }
        if (!top_.drive_o)
            fail("the link does not drive its bus");
        take(top_.data_o, top_.stp_o);
        cycle();
    }

  private:
    unsigned address_ = 0, value_ = 0;
    unsigned last_ = 0;    // what it drove a cycle ago
    bool waiting_ = false; // and that was not accepted
    bool was_dir_ = true;

    void set(bool dir, bool nxt, unsigned data)
    {
        was_dir_ = top_.dir_i;
        top_.dir_i = dir;
        top_.nxt_i = nxt;
        top_.data_i = static_cast<uint8_t>(data);
        top_.eval();
    }

    void cycle()
    {
        if ((top_.dir_i || was_dir_) && top_.drive_o)
            fail("both drive the bus");
        tick();
    }

    // The transceiver takes the bus: a write or a packet that is not over goes nowhere.
    void abandon()
    {
        if (top_.stp_o && phase_ != STOP && phase_ != DATA)
            fail("STP while the transceiver has the bus");
        if (top_.stp_o && phase_ == STOP)
            write();
        phase_ = NONE;
        sending_ = false;
    }

    void take(unsigned data, bool stp)
    {
        if (waiting_ && (data != last_ || stp))
            fail("the link does not wait for NXT");
        if (stp && phase_ != DATA && phase_ != STOP)
            fail("STP at the wrong time");
        waiting_ = false;
        switch (phase_) {
        case NONE:
            take_command(data);
            break;
        case VALUE:
            value_ = data;
            phase_ = top_.nxt_i ? STOP : VALUE;
            waiting_ = !top_.nxt_i;
            break;
        case STOP:
            if (!stp || data != 0)
                fail("a register write without its STP");
            write();
            phase_ = NONE;
            break;
        case DATA:
            take_data(data, stp);
        }
        last_ = data;
    }

    void take_command(unsigned data)
    {
        if (data == 0)
            return;
        if (last_ == 0)
            command_at_ = cycles;
        waiting_ = !top_.nxt_i;
        if ((data & 0xC0) == 0x80) {
            address_ = data & 0x3F;
            phase_ = top_.nxt_i ? VALUE : NONE;
            return;
        }
        if ((data & 0xF0) != 0x40)
            fail("a TXCMD that is none");
        start_packet(data);
    }

    void start_packet(unsigned data)
    {
        chirping_ = data == 0x40;
        if (chirping_ ? !is_chirp_mode() : !(high ? is_high_mode() : is_full_mode()))
            fail("a packet in the wrong mode");
        sending_ = true;
        sent_.clear();
        if (!chirping_)
            sent_.push_back(pid_byte(data & 15));
        phase_ = top_.nxt_i ? DATA : NONE;
    }

    void take_data(unsigned data, bool stp)
    {
        if (stp && data != 0)
            fail("a packet that ends with an error");
        if (!stp && top_.nxt_i)
            sent_.push_back(static_cast<uint8_t>(data));
        if (!stp)
            waiting_ = !top_.nxt_i;
        else {
            phase_ = NONE;
            sending_ = false;
            finished_ = true;
        }
    }

    void write()
    {
        switch (address_) {
        case 0x04:
            if (value_ & 0x20 || !(value_ & 0x40))
                fail("the transceiver is reset, or put to sleep");
            if ((value_ & 0x04) && (otg_control_ & 0x06))
                fail("a pull-up against pull-downs");
            if ((value_ & 0x04) && SWAPPED && io_control_ != 0x06)
                fail("attached before the lines are exchanged");
            function_control_ = value_;
            break;
        case 0x0A:
            otg_control_ = value_;
            break;
        case 0x39:
            io_control_ = value_;
            break;
        default:
            fail("a register that is not to be written");
        }
    }
};

} // namespace usb

#endif
