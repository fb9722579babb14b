// SPDX-License-Identifier: Apache-2.0
// How much of the bus bulk transfers use: a host that loses no time and a cable that loses
// nothing, frame by frame (USB 2.0, 5.8.4: at most 19 packets of 64 bytes in a frame, 13 of
// 512 in a microframe).
//
// Usage: usb_rate_test FRAMES; prints the payload over what the bus allows, IN and OUT, and
// fails where a byte is wrong.
//
// Full speed is on the wire, bit by bit, stuffing and all.  At high speed the bus is ULPI's,
// which does not show SYNC, EOP, stuffed bits and the transceiver's delays: they are added,
// these as their longest (ULPI 1.1, 3.8.2.6.3).
#include "host.h"
#include "verilated.h"

using namespace usb;

namespace
{

#ifdef ON_THE_WIRE
constexpr unsigned frame_cycles = 48000; // 1 ms
constexpr unsigned packets_allowed = 19;
constexpr unsigned host_gap = 8;              // beyond the two bits that the bus itself keeps
constexpr unsigned transaction_cycles = 2864; // the longest, with every sixth bit stuffed
#else
constexpr unsigned frame_cycles = 7500; // 125 us
constexpr unsigned packets_allowed = 13;
constexpr unsigned host_gap = 9;             // beyond the two cycles that the bus itself keeps
constexpr unsigned transaction_cycles = 665; // the longest, with every sixth bit stuffed
#endif

// What ULPI does not show of a packet, in cycles: SYNC, EOP and stuffed bits.
unsigned hidden(const Bytes &packet)
{
#ifdef ON_THE_WIRE
    (void)packet;
    return 0;
#else
    unsigned ones = 0, stuffed = 0;
    for (unsigned bit = 0; bit < 8 * packet.size(); bit++) {
        ones = packet[bit / 8] >> bit % 8 & 1 ? ones + 1 : 0;
        stuffed += ones == 6;
        ones %= 6;
    }
    return 4 + 1 + (stuffed + 7) / 8;
#endif
}

// From the end of a packet on the wire to where the link sees it, and from the link's first
// byte to the wire.
constexpr unsigned transceiver_delay = HIGH_SPEED ? 8 + 2 : 0;

struct Meter {
    Bus bus;
    Host host;
    bool out_toggle = false, in_toggle = false;
    unsigned long payload = 0;

    Meter() : bus(1), host(bus)
    {
        bus.orderly = true;
        bus.in_rate = bus.out_rate = 100;
        bus.reset();
        const Bytes set_address{0, 5, 9, 0, 0, 0, 0, 0}, configure{0, 9, 1, 0, 0, 0, 0, 0};
        if (!host.control(set_address))
            bus.fail("SET_ADDRESS is stalled");
        host.address = 9;
        if (!host.control(configure))
            bus.fail("SET_CONFIGURATION is stalled");
    }

    void send(const Bytes &packet)
    {
        bus.idle(hidden(packet));
        bus.send(packet);
    }

    Bytes receive()
    {
        Bytes answer = bus.receive();
        if (answer.empty() || !is_whole(answer))
            bus.fail("no answer, or a damaged one");
        bus.idle(transceiver_delay + hidden(answer) + host_gap);
        return answer;
    }

    void in()
    {
        send(token(IN, host.address, 1));
        Bytes answer = receive();
        if (!is_data(answer))
            return;
        if ((answer[0] == pid_byte(DATA1)) != in_toggle)
            bus.fail("a packet is sent again");
        in_toggle = !in_toggle;
        host.take(usb::payload(answer));
        payload += answer.size() - 3;
        send(handshake(ACK));
    }

    void out()
    {
        Bytes data(host.longest());
        for (auto &byte : data)
            byte = static_cast<uint8_t>(bus.random());
        send(token(OUT, host.address, 1));
        bus.idle(host_gap);
        bus.to_device.insert(bus.to_device.end(), data.begin(), data.end());
        send(data_packet(out_toggle, data));
        Bytes answer = receive();
        if (answer != handshake(ACK))
            bus.fail("an OUT is not acknowledged");
        out_toggle = !out_toggle;
        payload += data.size();
    }

    // Payload of `frames` frames over what the bus allows.
    double measure(unsigned frames, bool is_in)
    {
        payload = 0;
        for (unsigned i = 0; i < frames; i++) {
            unsigned long end = bus.cycles + frame_cycles;
            send(token(SOF, i & 127, i >> 7 & 15));
            while (bus.cycles + transaction_cycles <= end)
                is_in ? in() : out();
            if (bus.cycles > end)
                bus.fail("a transaction beyond its frame");
            bus.idle(static_cast<unsigned>(end - bus.cycles));
        }
        return static_cast<double>(payload) / frames / packets_allowed / host.longest();
    }
};

} // namespace

int main(int argc, char **argv)
{
    unsigned frames = argc > 1 ? static_cast<unsigned>(atoi(argv[1])) : 10;
    Meter meter;

    if (meter.bus.high != HIGH_SPEED)
        meter.bus.fail("the wrong speed");
    meter.measure(1, true); // the device's buffer fills
    double in = meter.measure(frames, true), out = meter.measure(frames, false);
    printf("%.4f %.4f\n", in, out);
    return 0;
}
