// SPDX-License-Identifier: Apache-2.0
#include "testbench/memory/sdram_model.h"

namespace
{

// RAS, CAS, WE, low active.
enum Code : unsigned {
    set_mode_code = 0,
    refresh_code = 1,
    precharge_code = 2,
    activate_code = 3,
    write_code = 4,
    read_code = 5,
    no_operation = 7
};

constexpr unsigned a10 = 1 << 10;

std::string number(uint64_t value)
{
    return std::to_string(value);
}

} // namespace

SdramModel::SdramModel(SdramPart part)
    : part_(part), memory_(size_t{1} << (part.bank_bits + part.row_bits + part.column_bits)),
      banks_(size_t{1} << part.bank_bits)
{
}

void SdramModel::report(const char *rule, unsigned bank, const std::string &text)
{
    violations_.push_back(
        {rule, "cycle " + number(cycle_) + ", bank " + number(bank) + ": " + rule + ": " + text});
}

void SdramModel::need(const char *rule, unsigned bank, uint64_t since, uint64_t time)
{
    if (since == never || (cycle_ - since) * part_.period >= time)
        return;
    report(rule, bank, number((cycle_ - since) * part_.period) + " ps of " + number(time));
}

void SdramModel::need_cycles(const char *rule, unsigned bank, uint64_t since, uint64_t cycles)
{
    if (since != never && cycle_ - since < cycles)
        report(rule, bank, number(cycle_ - since) + " cycles of " + number(cycles));
}

// Banks whose read or write said so begin their precharge.
void SdramModel::close_by_themselves()
{
    for (unsigned i = 0; i < banks_.size(); i++) {
        Bank &bank = banks_[i];
        if (!bank.closes_itself || cycle_ < bank.precharged)
            continue;
        need("tRAS", i, bank.activated, part_.ras);
        bank.closes_itself = false;
    }
}

void SdramModel::activate(unsigned index, unsigned row)
{
    Bank &bank = banks_[index];
    if (bank.open)
        report("open bank", index,
               "ACTIVATE of row " + number(row) + ", open is " + number(bank.row));
    if (bank.closes_itself)
        report("tRP", index, "ACTIVATE before the burst before it has closed its row");
    else
        need("tRP", index, bank.precharged, part_.rp);
    need("tRC", index, bank.activated, part_.rc);
    need("tRRD", index, last_activate_, part_.rrd);
    need("tRFC", index, last_refresh_, part_.rfc);
    if (row >> part_.row_bits)
        report("address", index, "ACTIVATE of row " + number(row));
    bank.open = true;
    bank.closes_itself = false;
    bank.row = row & ((1u << part_.row_bits) - 1);
    bank.activated = cycle_;
    bank.cut_before = 0;
    last_activate_ = cycle_;
}

void SdramModel::column(unsigned index, unsigned address, bool write)
{
    Bank &bank = banks_[index];
    const char *name = write ? "WRITE" : "READ";
    const unsigned first = address & ~a10;
    if (!bank.open)
        report("closed bank", index, name);
    need("tRCD", index, bank.activated, part_.rcd);
    if (last_column_ != never && cycle_ - last_column_ < burst)
        report("burst", index,
               std::string(name) + " interrupts a burst after " + number(cycle_ - last_column_) +
                   " beats");
    if (first >> part_.column_bits)
        report("address", index, std::string(name) + " of column " + number(first));
    const uint64_t page = ((uint64_t{bank.row} << part_.bank_bits) | index) << part_.column_bits;
    for (unsigned i = 0; i < burst; i++) {
        // A sequential burst stays within its 8 columns.
        const uint64_t at = page | ((first & ~(burst - 1)) & ((1u << part_.column_bits) - 1)) |
                            ((first + i) % burst);
        if (write)
            writes_.push_back({cycle_ + i, at});
        else
            reads_.push_back({cycle_ + part_.cas_latency + i, at});
    }
    // A read may be precharged CAS latency - 1 before its last beat, a write tWR after it.
    bank.cut_before = write ? cycle_ + burst - 1 + part_.wr_cycles : cycle_ + burst;
    bank.written = write;
    if (address & a10) {
        bank.open = false;
        bank.closes_itself = true;
        bank.precharged = bank.cut_before;
    }
    last_column_ = cycle_;
}

void SdramModel::precharge(unsigned index)
{
    Bank &bank = banks_[index];
    need("tRFC", index, last_refresh_, part_.rfc);
    if (bank.closes_itself) {
        report("burst", index, "PRECHARGE of a bank that is about to close itself");
        return;
    }
    if (!bank.open)
        return;
    need("tRAS", index, bank.activated, part_.ras);
    if ((cycle_ - bank.activated) * part_.period > part_.ras_longest)
        report("tRAS longest", index, "the row was open too long");
    if (cycle_ < bank.cut_before)
        report(bank.written ? "tWR" : "burst", index,
               "PRECHARGE " + number(bank.cut_before - cycle_) + " cycles too early");
    bank.open = false;
    bank.precharged = cycle_;
}

void SdramModel::refresh()
{
    for (unsigned i = 0; i < banks_.size(); i++) {
        if (banks_[i].open)
            report("refresh", i, "REFRESH while a row is open");
        if (banks_[i].closes_itself)
            report("tRP", i, "REFRESH before a burst has closed its row");
        else
            need("tRP", i, banks_[i].precharged, part_.rp);
    }
    need("tRFC", 0, last_refresh_, part_.rfc);
    last_refresh_ = cycle_;
    refreshes_++;
    refresh_times_.push_back(cycle_);
    late_reported_ = false;
    if (refresh_times_.size() <= part_.rows_refreshed)
        return;
    if ((cycle_ - refresh_times_.front()) * part_.period > part_.retention)
        report("retention", 0,
               "a row was refreshed after " +
                   number((cycle_ - refresh_times_.front()) * part_.period) + " ps");
    refresh_times_.pop_front();
}

void SdramModel::set_mode(const SdramPins &pins)
{
    const unsigned wanted = (part_.cas_latency << 4) | 3;
    if (pins.address != wanted || pins.bank != 0)
        report("mode", pins.bank,
               "mode register " + number(pins.address) + ", wanted " + number(wanted));
    for (unsigned i = 0; i < banks_.size(); i++) {
        if (banks_[i].open)
            report("mode", i, "SET MODE while a row is open");
        need("tRP", i, banks_[i].precharged, part_.rp);
    }
    need("tRFC", 0, last_refresh_, part_.rfc);
    last_mode_ = cycle_;
    ready_ = true;
}

// Before the mode register: rest, PRECHARGE all, 8 refreshes, in this order.
void SdramModel::start_up(const SdramPins &pins, unsigned code)
{
    if (cycle_ * part_.period < part_.power_up)
        report("start-up", 0, "a command before the chip has powered up");
    if (code == precharge_code && (pins.address & a10))
        precharged_all_ = true;
    else if (!precharged_all_)
        report("start-up", 0, "a command before PRECHARGE of all banks");
    if (code == refresh_code)
        start_refreshes_++;
    if (code == set_mode_code && start_refreshes_ < 8)
        report("start-up", 0,
               "the mode register after " + number(start_refreshes_) + " refreshes of 8");
    if (code == activate_code || code == read_code || code == write_code)
        report("start-up", pins.bank, "use before the mode register");
    const unsigned all = (1u << (part_.data_bits / 8)) - 1;
    if (pins.dqm != all)
        report("start-up", 0, "DQM low");
}

void SdramModel::command(const SdramPins &pins)
{
    const unsigned code = pins.ras_n << 2 | pins.cas_n << 1 | pins.we_n;
    if (pins.cs_n || code == no_operation)
        return;
    need_cycles("tMRD", pins.bank, last_mode_, part_.mrd_cycles);
    // A chip that is set up once more begins with PRECHARGE of all and refreshes again.
    if (!ready_)
        start_up(pins, code);
    switch (code) {
    case activate_code:
        activate(pins.bank, pins.address);
        break;
    case read_code:
    case write_code:
        column(pins.bank, pins.address, code == write_code);
        break;
    case precharge_code:
        for (unsigned i = 0; i < banks_.size(); i++)
            if ((pins.address & a10) ? !banks_[i].closes_itself : i == pins.bank)
                precharge(i);
            else if ((pins.address & a10) && banks_[i].closes_itself)
                report("burst", i, "PRECHARGE of all while a bank is about to close itself");
        break;
    case refresh_code:
        refresh();
        break;
    case set_mode_code:
        set_mode(pins);
        break;
    default:
        report("command", pins.bank, "BURST TERMINATE, which nobody asked for");
    }
}

void SdramModel::write_beat(const SdramPins &pins)
{
    if (writes_.empty() || writes_.front().cycle != cycle_)
        return;
    const uint64_t address = writes_.front().address;
    writes_.pop_front();
    if (!pins.dq_enable)
        report("data bus", 0, "a beat of a write that nobody drives");
    for (unsigned i = 0; i < part_.data_bits / 8; i++) {
        const uint32_t bits = 0xFFu << (8 * i);
        if (!(pins.dqm >> i & 1))
            memory_[address] = (memory_[address] & ~bits) | (pins.dq & bits);
    }
}

// What is to be sampled at the next edge; noise where the chip shows nothing.
uint32_t SdramModel::read_beat()
{
    noise_ = noise_ * 1664525u + 1013904223u;
    if (reads_.empty() || reads_.front().cycle != cycle_ + 1)
        return noise_;
    const uint64_t address = reads_.front().address;
    reads_.pop_front();
    last_driven_ = cycle_ + 1;
    // DQM takes two cycles to reach the outputs.
    if (masked_[1])
        report("DQM", 0, "a beat of a read is masked");
    return masked_[1] ? noise_ : memory_[address];
}

void SdramModel::check_bus(const SdramPins &pins)
{
    if (!pins.dq_enable || last_driven_ == never)
        return;
    if (last_driven_ == cycle_)
        report("data bus", 0, "both sides drive");
    else if (last_driven_ + 1 == cycle_)
        report("turnaround", 0, "driven in the cycle after the chip's last beat");
}

void SdramModel::check_refresh()
{
    if (!ready_ || late_reported_ || last_refresh_ == never)
        return;
    if ((cycle_ - last_refresh_) * part_.period <= (part_.postponed + 1) * part_.interval)
        return;
    report("refresh interval", 0, "none for " + number(cycle_ - last_refresh_) + " cycles");
    late_reported_ = true;
}

uint32_t SdramModel::tick(const SdramPins &pins)
{
    if (!pins.cke && ready_)
        report("CKE", 0, "low");
    masked_[2] = masked_[1];
    masked_[1] = masked_[0];
    masked_[0] = pins.dqm != 0;
    close_by_themselves();
    command(pins);
    check_bus(pins);
    write_beat(pins);
    check_refresh();
    const uint32_t data = read_beat();
    cycle_++;
    return data;
}
