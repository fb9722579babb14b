// SPDX-License-Identifier: Apache-2.0
// A USB host at the level of transactions, with a bus that loses and damages what it will:
// it holds the device to chapter 8, and its streams to every byte once and in order.
#ifndef MILLRACE_TESTBENCH_USB_HOST_H
#define MILLRACE_TESTBENCH_USB_HOST_H

#include <optional>

#if defined ON_THE_WIRE
#include "wire_bus.h"
#elif defined ON_ULPI
#include "ulpi_bus.h"
#else
#include "utmi_bus.h"
#endif

namespace usb
{

class Host
{
  public:
    unsigned address = 0;
    unsigned fault_rate = 0; // percent of packets, either way, that do not arrive whole
    unsigned long transactions = 0;

    explicit Host(Bus &bus) : bus_(bus)
    {
    }

    // The device has forgotten its toggles: so do we.
    void restart()
    {
        out_toggle_ = in_toggle_ = false;
        pending_.reset();
    }

    unsigned longest() const
    {
        return bus_.high ? 512 : 64;
    }

    // One OUT transaction of endpoint 1: the packet that is due, or a new one.
    void bulk_out(bool halted = false)
    {
        if (!pending_) {
            pending_ = random_payload();
            bus_.to_device.insert(bus_.to_device.end(), pending_->begin(), pending_->end());
        }
        if (bus_.high && bus_.chance(30) && !ping(halted))
            return;
        Bytes answer = exchange_out(OUT, 1, out_toggle_, *pending_);
        if (halted && !answer.empty() && answer != handshake(STALL))
            bus_.fail("a halted endpoint does not stall");
        if (answer == handshake(ACK) || answer == handshake(NYET)) {
            if (answer == handshake(NYET) && !bus_.high)
                bus_.fail("NYET at full speed");
            out_toggle_ = !out_toggle_;
            pending_.reset();
        } else if (!answer.empty() && answer != handshake(NAK) && !halted) {
            bus_.fail("an OUT is answered by something strange");
        }
    }

    // One IN transaction of endpoint 1.  A repeated packet must be the one before.
    void bulk_in(bool halted = false)
    {
        bool lost;
        Bytes answer = exchange_in(1, lost);
        if (lost || answer.empty())
            return;
        if (halted ? answer == handshake(STALL) : answer == handshake(NAK))
            return;
        if (!is_data(answer) || halted)
            bus_.fail("an IN is answered by something strange");
        bool toggle = answer[0] == pid_byte(DATA1);
        if (toggle == in_toggle_)
            take(payload(answer));
        else if (answer != last_)
            bus_.fail("a packet that is sent again differs");
        if (toggle == in_toggle_) {
            in_toggle_ = !in_toggle_;
            last_ = answer;
        }
        acknowledge();
    }

    // A whole control transfer.  The data of an IN one; nothing where it was stalled.
    std::optional<Bytes> control(const Bytes &setup)
    {
        if (!send_setup(setup))
            bus_.fail("SETUP is not acknowledged");
        unsigned length = setup[6] | setup[7] << 8;
        Bytes data;
        if ((setup[0] & 0x80) && length > 0) {
            if (!control_in(length, data))
                return std::nullopt;
            return status_out() ? std::optional<Bytes>(data) : std::nullopt;
        }
        return status_in() ? std::optional<Bytes>(data) : std::nullopt;
    }

    bool send_setup(const Bytes &setup)
    {
        for (int i = 0; i < 20; i++) {
            Bytes answer = exchange_out(SETUP, 0, false, setup);
            if (answer == handshake(ACK))
                return true;
            if (!answer.empty())
                bus_.fail("SETUP is answered by something else than ACK");
        }
        return false;
    }

    // What no device may answer: tokens for others, damage, noise.
    void nonsense()
    {
        Bytes packet = token(bus_.chance(50) ? IN : OUT, address, 1);
        switch (bus_.below(8)) {
        case 0:
            packet = token(IN, address ^ (1 + bus_.below(127)), 1);
            break;
        case 1:
            packet = token(IN, address, 2 + bus_.below(14));
            break;
        case 2:
            packet[1 + bus_.below(2)] ^= static_cast<uint8_t>(1 << bus_.below(8));
            break;
        case 3:
            packet[0] ^= static_cast<uint8_t>(1 << bus_.below(8));
            break;
        case 4:
            packet.pop_back();
            break;
        case 5:
            packet.push_back(0);
            break;
        case 6:
            bus_.idle(300); // not so soon that a token before it is meant
            packet = data_packet(bus_.chance(50), random_payload());
            break;
        default:
            bus_.idle(300); // not so soon that it acknowledges something
            packet = handshake(ACK);
        }
        expect_silence(packet);
    }

    void start_of_frame()
    {
        expect_silence(token(SOF, frame_ & 127, frame_ >> 7 & 15));
        frame_++;
    }

    // The host loses interest half way: a token without what should follow it.
    void half_transaction()
    {
        bus_.send(token(bus_.chance(50) ? OUT : SETUP, address, bus_.below(2)));
        bus_.idle(bus_.below(60));
        transactions++;
    }

    // What came from the device, against what its stream was given.
    void take(const Bytes &data)
    {
        for (uint8_t byte : data) {
            if (bus_.to_host.empty() || bus_.to_host.front() != byte)
                bus_.fail("the host gets a byte that was not sent, or not now");
            bus_.to_host.pop_front();
            bus_.streamed++;
        }
    }

#ifdef ON_ULPI
    // An IN whose answer runs into something else on the bus.
    void collision()
    {
        bus_.send(token(IN, address, 1));
        bus_.collide(token(SOF, 1, 1));
        transactions++;
    }
#endif

  private:
    Bus &bus_;
    std::optional<Bytes> pending_;
    Bytes last_;
    bool out_toggle_ = false, in_toggle_ = false;
    unsigned frame_ = 0;

    bool faulty()
    {
        return bus_.chance(fault_rate);
    }

    Bytes random_payload()
    {
        unsigned size = bus_.chance(30) ? longest() : bus_.below(longest() + 1);
        Bytes data(size);
        for (auto &byte : data)
            byte = static_cast<uint8_t>(bus_.random());
        return data;
    }

    void expect_silence(const Bytes &packet)
    {
        bus_.send(packet);
        if (!bus_.receive(30).empty())
            bus_.fail("the device answers what is not for it");
        transactions++;
    }

    // Damage a packet so that its checks must notice: a bit, its end, or the PHY's own finding.
    void send_damaged(Bytes packet)
    {
        unsigned how = bus_.below(3);
        if (how == 0)
            packet[bus_.below(static_cast<unsigned>(packet.size()))] ^=
                static_cast<uint8_t>(1 << bus_.below(8));
        if (how == 1)
            packet.pop_back();
        bus_.send(packet, how == 2);
    }

    // Token, data; the device's answer, or nothing where either way lost something.
    Bytes exchange_out(Pid pid, unsigned endpoint, bool toggle, const Bytes &data)
    {
        transactions++;
        if (faulty())
            send_damaged(token(pid, address, endpoint));
        else
            bus_.send(token(pid, address, endpoint));
        if (faulty()) {
            send_damaged(data_packet(toggle, data));
            if (!bus_.receive().empty())
                bus_.fail("damaged data is answered");
            return {};
        }
        bus_.send(data_packet(toggle, data));
        Bytes answer = bus_.receive();
        check_answer(answer);
        return faulty() ? Bytes{} : answer;
    }

    Bytes exchange_in(unsigned endpoint, bool &lost)
    {
        transactions++;
        lost = faulty();
        if (lost) {
            send_damaged(token(IN, address, endpoint));
            if (!bus_.receive().empty())
                bus_.fail("a damaged token is answered");
            return {};
        }
        bus_.send(token(IN, address, endpoint));
        Bytes answer = bus_.receive();
        check_answer(answer);
        lost = faulty(); // then the host has seen nothing, and acknowledges nothing
        if (answer.empty() && !lost)
            bus_.fail("an IN is not answered");
        if (lost && is_data(answer))
            bus_.idle(bus_.chance(50) ? 130 : 0); // or goes on before the device gives up
        return answer;
    }

    void check_answer(const Bytes &answer)
    {
        if (answer.empty() && fault_rate == 0)
            bus_.fail("the device does not answer");
        if (!answer.empty() && !is_whole(answer))
            bus_.fail("the device sends a damaged packet");
        if (is_data(answer) && answer.size() > longest() + 3)
            bus_.fail("the device sends more than its packet's size");
    }

    void acknowledge()
    {
        if (faulty())
            send_damaged(handshake(ACK));
        else
            bus_.send(handshake(ACK));
    }

    bool ping(bool halted)
    {
        transactions++;
        bus_.send(token(PING, address, 1));
        Bytes answer = bus_.receive();
        if (answer == handshake(halted ? STALL : ACK))
            return true;
        if (answer != handshake(NAK) || halted)
            bus_.fail("PING is answered by something strange");
        return false;
    }

    bool control_in(unsigned length, Bytes &data)
    {
        bool toggle = true;
        for (int i = 0; i < 200; i++) {
            bool lost;
            Bytes answer = exchange_in(0, lost);
            if (answer == handshake(STALL))
                return false;
            if (lost || answer == handshake(NAK))
                continue;
            if (!is_data(answer))
                bus_.fail("a control IN is answered by something strange");
            bool fresh = (answer[0] == pid_byte(DATA1)) == toggle;
            acknowledge();
            if (!fresh)
                continue;
            Bytes part = payload(answer);
            data.insert(data.end(), part.begin(), part.end());
            toggle = !toggle;
            if (data.size() > length)
                bus_.fail("more data than was asked for");
            if (part.size() < 64 || data.size() == length)
                return true;
        }
        bus_.fail("a control transfer without end");
    }

    bool status_out()
    {
        for (int i = 0; i < 50; i++) {
            Bytes answer = exchange_out(OUT, 0, true, {});
            if (answer == handshake(ACK))
                return true;
            if (answer == handshake(STALL))
                return false;
        }
        bus_.fail("a status stage without end");
    }

    // Our ACK must arrive: without it the device cannot know that the request was meant.
    bool status_in()
    {
        for (int i = 0; i < 200; i++) {
            bool lost;
            Bytes answer = exchange_in(0, lost);
            if (lost)
                continue;
            if (answer == handshake(STALL))
                return false;
            if (answer != data_packet(true, {}))
                bus_.fail("a status stage that is no empty DATA1");
            bus_.send(handshake(ACK));
            bus_.idle(8);
            return true;
        }
        bus_.fail("a status stage without end");
    }
};

} // namespace usb

#endif
