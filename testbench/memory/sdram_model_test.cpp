// SPDX-License-Identifier: Apache-2.0
// The SDRAM's model itself: a correct sequence of commands breaks no rule, and for each
// rule a sequence that breaks it is reported, under that rule's name.
#include <cstdio>
#include <functional>

#include "testbench/memory/sdram_model.h"

namespace
{

// Commands by name, each a cycle; wait() for cycles without one. Timings of the part in
// cycles of 10 ns: tRCD 2, tRP 2, tRAS 5, tRC 8, tRFC 7, tRRD 2, tWR 2, tMRD 2, CL 3.
class Driver
{
  public:
    Driver() : model(part())
    {
    }

    static SdramPart part()
    {
        SdramPart part;
        part.row_bits = 5;
        part.column_bits = 6;
        part.period = 10000;
        part.rc = 80000;
        part.power_up = 1000000;
        part.rows_refreshed = 16;
        part.retention = 16 * 7812500;
        return part;
    }

    void give(unsigned code, unsigned bank = 0, unsigned address = 0)
    {
        pins.ras_n = code >> 2 & 1;
        pins.cas_n = code >> 1 & 1;
        pins.we_n = code & 1;
        pins.bank = bank;
        pins.address = address;
        // A write's beats are driven from its command on.
        if (code == 4)
            drive = 8;
        pins.dq_enable = drive > 0 || always_drive;
        drive -= drive > 0;
        model.tick(pins);
    }
    void wait(unsigned cycles)
    {
        while (cycles--)
            give(7);
    }
    void activate(unsigned bank, unsigned row = 1)
    {
        give(3, bank, row);
    }
    void read(unsigned bank, unsigned column = 0)
    {
        give(5, bank, column);
    }
    void write(unsigned bank, unsigned column = 0)
    {
        give(4, bank, column);
    }
    void precharge(unsigned bank)
    {
        give(2, bank);
    }
    void precharge_all()
    {
        give(2, 0, 1 << 10);
    }
    void refresh()
    {
        give(1);
    }
    void set_mode(unsigned mode = 0x33)
    {
        give(0, 0, mode);
    }
    void start(unsigned rest = 101, unsigned refreshes = 8)
    {
        pins.dqm = 3;
        wait(rest);
        precharge_all();
        wait(1);
        while (refreshes--) {
            refresh();
            wait(6);
        }
        set_mode();
        wait(1);
        pins.dqm = 0;
    }
    // A bank open for as long as anything may ask.
    void open(unsigned bank)
    {
        activate(bank);
        wait(6);
    }

    SdramPins pins;
    SdramModel model;
    unsigned drive = 0;
    bool always_drive = false;
};

struct Case {
    const char *rule; // none: nothing may be reported
    const char *what;
    std::function<void(Driver &)> run;
};

constexpr unsigned closing = 1 << 10;

const Case cases[] = {
    {nullptr, "reads and writes in time",
     [](Driver &d) {
         d.start();
         d.activate(0);
         d.wait(1);
         d.write(0);
         d.wait(7);
         d.write(0, 8 | closing);
         d.activate(1);
         d.wait(6);
         d.read(1);
         d.wait(7);
         d.precharge(1);
         d.wait(3);
         d.refresh();
         d.wait(6);
         d.activate(0);
     }},
    {"start-up", "a command too early", [](Driver &d) { d.start(50); }},
    {"start-up", "two refreshes", [](Driver &d) { d.start(101, 2); }},
    {"start-up", "no precharge of all",
     [](Driver &d) {
         d.pins.dqm = 3;
         d.wait(101);
         d.refresh();
     }},
    {"start-up", "DQM low",
     [](Driver &d) {
         d.wait(101);
         d.precharge_all();
     }},
    {"start-up", "use before the mode",
     [](Driver &d) {
         d.pins.dqm = 3;
         d.wait(101);
         d.activate(0);
     }},
    {"mode", "another CAS latency",
     [](Driver &d) {
         d.start();
         d.set_mode(0x23);
     }},
    {"tMRD", "a command behind the mode",
     [](Driver &d) {
         d.start();
         d.set_mode();
         d.activate(0);
     }},
    {"tRCD", "a read too early",
     [](Driver &d) {
         d.start();
         d.activate(2);
         d.read(2);
     }},
    {"tRP", "opened too early",
     [](Driver &d) {
         d.start();
         d.open(1);
         d.precharge(1);
         d.activate(1);
     }},
    {"tRP", "refreshed too early",
     [](Driver &d) {
         d.start();
         d.open(1);
         d.precharge(1);
         d.refresh();
     }},
    {"tRP", "opened before it has closed itself",
     [](Driver &d) {
         d.start();
         d.open(1);
         d.read(1, closing);
         d.wait(8);
         d.activate(1);
     }},
    {"tRAS", "closed too early",
     [](Driver &d) {
         d.start();
         d.activate(3);
         d.wait(3);
         d.precharge(3);
     }},
    {"tRC", "opened again too early",
     [](Driver &d) {
         d.start();
         d.activate(3);
         d.wait(4);
         d.precharge(3);
         d.wait(1);
         d.activate(3);
     }},
    {"tRFC", "opened too early after a refresh",
     [](Driver &d) {
         d.start();
         d.refresh();
         d.wait(5);
         d.activate(0);
     }},
    {"tRFC", "refreshed too early after a refresh",
     [](Driver &d) {
         d.start();
         d.refresh();
         d.wait(5);
         d.refresh();
     }},
    {"tRRD", "two banks at once",
     [](Driver &d) {
         d.start();
         d.activate(0);
         d.activate(1);
     }},
    {"tWR", "closed too early after a write",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.write(0);
         d.wait(7);
         d.precharge(0);
     }},
    {"burst", "a read cut by its precharge",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.read(0);
         d.wait(6);
         d.precharge(0);
     }},
    {"burst", "a read cut by a read",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.read(0);
         d.wait(6);
         d.read(0, 8);
     }},
    {"open bank", "opened twice",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.activate(0, 2);
     }},
    {"closed bank", "a read of no row",
     [](Driver &d) {
         d.start();
         d.read(2);
     }},
    {"refresh", "a row open",
     [](Driver &d) {
         d.start();
         d.open(2);
         d.refresh();
     }},
    {"address", "a column beyond the row",
     [](Driver &d) {
         d.start();
         d.open(2);
         d.read(2, 64);
     }},
    {"turnaround", "a write at the heels of a read",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.read(0);
         d.wait(10);
         d.write(0);
     }},
    {"data bus", "a write into a read",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.read(0);
         d.wait(9);
         d.write(0);
     }},
    {"data bus", "a write that nobody drives",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.write(0);
         d.drive = 3;
         d.wait(6);
     }},
    {"DQM", "a read masked",
     [](Driver &d) {
         d.start();
         d.open(0);
         d.read(0);
         d.pins.dqm = 1;
         d.wait(4);
     }},
    {"CKE", "low",
     [](Driver &d) {
         d.start();
         d.pins.cke = false;
         d.wait(1);
     }},
    {"command", "burst terminate",
     [](Driver &d) {
         d.start();
         d.give(6);
     }},
    {"refresh interval", "ten intervals without one",
     [](Driver &d) {
         d.start();
         d.wait(7820);
     }},
    {"tRAS longest", "a row open for 101 us",
     [](Driver &d) {
         d.start();
         d.activate(0);
         d.wait(10100);
         d.precharge(0);
     }},
    {"retention", "refreshes that are always a little late",
     [](Driver &d) {
         d.start();
         for (unsigned i = 0; i < 20; i++) {
             d.refresh();
             d.wait(799);
         }
     }},
};

} // namespace

int main()
{
    int failed = 0;
    for (const Case &one : cases) {
        Driver driver;
        one.run(driver);
        const std::vector<Violation> &found = driver.model.violations();
        // The first that is reported, but for a row open so long that no refresh fits.
        const bool first = !found.empty() && one.rule && found[0].rule == one.rule;
        const bool last = !found.empty() && one.rule && found.back().rule == one.rule;
        const bool good = one.rule ? first || last : found.empty();
        failed += !good;
        printf("%s - SDRAM model, %s: %s: %s\n", good ? "ok" : "not ok",
               one.rule ? one.rule : "no rule broken", one.what,
               found.empty() ? "nothing reported" : found[0].text.c_str());
    }
    return failed != 0;
}
