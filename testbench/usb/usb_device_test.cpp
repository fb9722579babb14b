// SPDX-License-Identifier: Apache-2.0
// The USB device core against a host that plays foul, at random.
//
// Usage: usb_device_test SEED TRANSACTIONS
//
// Chapter 9's requests, legal and not, in every state; then bulk transfers both ways with
// damage, lost handshakes, halts, suspends and resets in between.  Prints one line of TAP.
#include "host.h"
#include "verilated.h"

using namespace usb;

namespace
{

Bytes setup(unsigned type, unsigned request, unsigned value, unsigned index, unsigned length)
{
    Bytes bytes;
    for (unsigned x : {type | request << 8, value, index, length}) {
        bytes.push_back(static_cast<uint8_t>(x));
        bytes.push_back(static_cast<uint8_t>(x >> 8));
    }
    return bytes;
}

struct Session {
    Bus bus;
    Host host;
    explicit Session(unsigned seed) : bus(seed), host(bus)
    {
    }

    Bytes must(const Bytes &request, const char *what)
    {
        auto got = host.control(request);
        if (!got)
            bus.fail(std::string(what) + " is stalled");
        return *got;
    }

    void must_stall(const Bytes &request, const char *what)
    {
        if (host.control(request))
            bus.fail(std::string(what) + " is not stalled");
    }

    // GET_DESCRIPTOR with many lengths: as long as asked for, and always the same bytes.
    Bytes descriptor(unsigned type, unsigned index, const char *what)
    {
        Bytes whole = must(setup(0x80, 6, type << 8 | index, 0, 0xFFFF), what);
        for (unsigned length : {1u, 2u, 8u, 9u, 18u, 63u, 64u, 65u, 127u, 128u, 255u, 256u}) {
            Bytes part = must(setup(0x80, 6, type << 8 | index, 0, length), what);
            if (part.size() != std::min<size_t>(length, whole.size()) ||
                !std::equal(part.begin(), part.end(), whole.begin()))
                bus.fail(std::string(what) + " differs with its length");
        }
        return whole;
    }

    void check(bool good, const char *what)
    {
        if (!good)
            bus.fail(what);
    }

    void enumerate()
    {
        bus.reset();
        host.address = 0;
        host.restart();
        must(setup(0x80, 6, 0x0100, 0, 64), "the device descriptor at address 0");
        unsigned address = 1 + bus.below(127);
        must(setup(0, 5, address, 0, 0), "SET_ADDRESS");
        host.address = address;
    }

    void configure()
    {
        must(setup(0, 9, 1, 0, 0), "SET_CONFIGURATION");
        host.restart();
        check(bus.configured(), "SET_CONFIGURATION does not configure");
    }

    void check_configuration(const Bytes &c, unsigned type, unsigned longest)
    {
        check(c.size() == 32 && c[0] == 9 && c[1] == type && c[2] == 32 && c[3] == 0,
              "a configuration's head");
        check(c[4] == 1 && c[9] == 9 && c[10] == 4 && c[13] == 2 && c[14] == 0xFF, "an interface");
        check(c[18] == 7 && c[20] == 0x01 && c[21] == 2 && (c[22] | c[23] << 8) == (int)longest,
              "the OUT endpoint");
        check(c[25] == 7 && c[27] == 0x81 && c[28] == 2 && (c[29] | c[30] << 8) == (int)longest,
              "the IN endpoint");
    }

    void descriptors()
    {
        Bytes device = descriptor(1, 0, "the device descriptor");
        check(device.size() == 18 && device[0] == 18 && device[7] == 64 && device[17] == 1,
              "the device descriptor");
        check_configuration(descriptor(2, 0, "the configuration"), 2, host.longest());
        for (unsigned i = 0; i < 4; i++) {
            Bytes text = descriptor(3, i, "a string");
            check(text[0] == text.size() && text[1] == 3, "a string's head");
        }
        if (HIGH_SPEED) {
            check(descriptor(6, 0, "the qualifier").size() == 10, "the qualifier");
            check_configuration(descriptor(7, 0, "the other speed"), 7, bus.high ? 64 : 512);
        } else {
            must_stall(setup(0x80, 6, 0x0600, 0, 10), "a full-speed device's qualifier");
            must_stall(setup(0x80, 6, 0x0700, 0, 9), "a full-speed device's other speed");
        }
        Bytes bos = descriptor(15, 0, "BOS");
        check(bos.size() == 33 && bos[2] == 33 && bos[4] == 1, "BOS");
        unsigned size = bos[29] | bos[30] << 8;
        Bytes set = must(setup(0xC0, bos[31], 0, 7, size), "the MS OS 2.0 set");
        check(set.size() == size && (set[8] | set[9] << 8) == (int)size, "the MS OS 2.0 set");
    }

    void bad_requests()
    {
        for (unsigned type : {0u, 4u, 5u, 8u, 9u, 16u, 0x21u, 0x66u})
            must_stall(setup(0x80, 6, type << 8, 0, 64), "a descriptor that is not there");
        must_stall(setup(0x80, 6, 0x0304, 0, 64), "a string that is not there");
        must_stall(setup(0x80, 6, 0x0201, 0, 64), "a configuration that is not there");
        must_stall(setup(0x00, 3, 0x66, 0, 0), "a feature that is not there");
        must_stall(setup(0x00, 3, 1, 0, 0), "remote wake-up");
        must_stall(setup(0x02, 3, 0, 0x02, 0), "an endpoint that is not there");
        must_stall(setup(0x82, 0, 0, 0x02, 2), "the status of an endpoint that is not there");
        must_stall(setup(0x81, 0, 0, 1, 2), "the status of an interface that is not there");
        must_stall(setup(0x00, 9, 2, 0, 0), "SET_CONFIGURATION 2");
        must_stall(setup(0x01, 11, 1, 0, 0), "an alternate setting that is not there");
        must_stall(setup(0x00, 7, 0x0100, 0, 18), "SET_DESCRIPTOR");
        must_stall(setup(0x82, 12, 0, 0x81, 2), "SYNCH_FRAME");
        must_stall(setup(0xC0, 0x20, 0, 4, 40), "another vendor request");
        must_stall(setup(0x00, 5, 128, 0, 0), "an address beyond 127");
    }

    void states()
    {
        check(must(setup(0x80, 8, 0, 0, 1), "GET_CONFIGURATION") == Bytes{0}, "it is 0 at first");
        must_stall(setup(0x81, 10, 0, 0, 1), "GET_INTERFACE before the configuration");
        must_stall(setup(0x82, 0, 0, 0x81, 2), "an endpoint's status before the configuration");
        check(must(setup(0x80, 0, 0, 0, 2), "GET_STATUS") == Bytes({0, 0}), "the device's status");
        configure();
        check(must(setup(0x80, 8, 0, 0, 1), "GET_CONFIGURATION") == Bytes{1}, "it is 1 then");
        check(must(setup(0x81, 10, 0, 0, 1), "GET_INTERFACE") == Bytes{0}, "the setting");
        must(setup(0x00, 9, 0, 0, 0), "SET_CONFIGURATION 0");
        check(!bus.configured(), "SET_CONFIGURATION 0 does not deconfigure");
        host.restart();
        configure();
        must(setup(0x01, 11, 0, 0, 0), "SET_INTERFACE");
        host.restart();
    }

    void halt(unsigned endpoint)
    {
        must(setup(0x02, 3, 0, endpoint, 0), "SET_FEATURE(ENDPOINT_HALT)");
        check(must(setup(0x82, 0, 0, endpoint, 2), "GET_STATUS") == Bytes({1, 0}), "it is halted");
        for (int i = 0; i < 3; i++)
            endpoint == 0x81 ? host.bulk_in(true) : host.bulk_out(true);
        must(setup(0x02, 1, 0, endpoint, 0), "CLEAR_FEATURE(ENDPOINT_HALT)");
        check(must(setup(0x82, 0, 0, endpoint, 2), "GET_STATUS") == Bytes({0, 0}), "it goes on");
        must(setup(0x01, 11, 0, 0, 0), "SET_INTERFACE");
        host.restart();
    }

    void something()
    {
        switch (bus.below(200)) {
        case 0:
            bus.hub_is_high = bus.chance(70);
            return start();
        case 1:
            return bus.suspend();
        case 2:
            return halt(bus.chance(50) ? 0x81 : 0x01);
        case 3:
            return bad_requests();
        case 4:
            return descriptors();
        case 5:
            return host.half_transaction();
        case 6:
            must(setup(0x80, 0, 0, 0, 2), "GET_STATUS");
            return;
        case 7: // a transfer that the next SETUP breaks off
            host.send_setup(setup(0x80, 6, 0x0200, 0, 255));
            return;
        case 8:
            bus.in_rate = bus.below(101);
            bus.out_rate = bus.chance(20) ? bus.below(3) : bus.below(101);
            return;
        case 9:
            host.fault_rate = bus.chance(30) ? 0 : bus.below(20);
            return;
#ifdef ON_ULPI
        case 10:
            return host.collision();
#endif
        default:
            break;
        }
        unsigned what = bus.below(20);
        if (what < 2)
            host.nonsense();
        else if (what == 2)
            host.start_of_frame();
        else if (what < 11)
            host.bulk_out();
        else
            host.bulk_in();
    }

    void start()
    {
        enumerate();
        if (bus.chance(50))
            states();
        else
            configure();
    }
};

} // namespace

int main(int argc, char **argv)
{
    unsigned seed = argc > 1 ? static_cast<unsigned>(atoi(argv[1])) : 1;
    unsigned long wanted = argc > 2 ? strtoul(argv[2], nullptr, 10) : 1000;
    Session session(seed);

    session.start();
    if (session.bus.high != HIGH_SPEED)
        session.bus.fail("the wrong speed");
    session.descriptors();
    session.bad_requests();
    if (HIGH_SPEED) {
        session.bus.hub_is_high = false;
        session.start();
        session.descriptors();
    }
    while (session.host.transactions < wanted)
        session.something();
#if defined ON_THE_WIRE
    const char *where = "on the wire";
#elif defined ON_ULPI
    const char *where = "by ULPI";
#else
    const char *where = HIGH_SPEED ? "at high speed" : "at full speed";
#endif
    printf("ok - usb %s, seed %u: %lu transactions, %lu bytes once and in order\n", where, seed,
           session.host.transactions, session.bus.streamed);
    return 0;
}
