// SPDX-License-Identifier: Apache-2.0
#include "testbench/memory/hyperram_model.h"

namespace
{

constexpr unsigned command_clocks = 3;
constexpr unsigned row_words = 512, longest_row_wait = 4;

} // namespace

HyperramModel::HyperramModel(HyperramPart part)
    : part_(part), random_(part.seed), memory_(size_t{1} << part.address_bits)
{
}

void HyperramModel::report(const std::string &rule, const std::string &text)
{
    violations_.push_back("cycle " + std::to_string(cycle_) + ": " + rule + ": " + text);
}

void HyperramModel::select()
{
    selected_ = true;
    low_since_ = cycle_;
    clocks_ = 0;
    command_ = 0;
    transactions_++;
    // A refresh may be under way; with a fixed latency each transaction waits for one.
    slow_ = part_.fixed || random_() % 4 == 0;
    if (cycle_ * part_.period < part_.power_up)
        report("start-up", "CS low before the chip has powered up");
    if (transactions_ > 1 && (cycle_ - high_since_) * part_.period < part_.cshi)
        report("tCSHI", std::to_string(cycle_ - high_since_) + " cycles");
}

// Three words, the first byte highest.
void HyperramModel::command_word(const HyperramPins &pins)
{
    if (!pins.dq_enable)
        report("command", "nobody drives it");
    if (pins.rwds_enable)
        report("RWDS", "both sides drive it during the command");
    command_ = command_ << 16 | (pins.dq & 0xFFu) << 8 | pins.dq >> 8;
    if (clocks_ == command_clocks - 1)
        command_complete();
}

void HyperramModel::command_complete()
{
    read_ = command_ >> 47 & 1;
    register_ = command_ >> 46 & 1;
    address_ = (command_ >> 16 & 0x1FFFFFFF) << 3 | (command_ & 7);
    if (transactions_ > 1 && (cycle_ - high_since_) * part_.period < part_.rwr)
        report("tRWR", std::to_string(cycle_ - high_since_) + " cycles");
    if (command_ >> 3 & 0x1FFF)
        report("command", "reserved bits");
    if (!register_ && !(command_ >> 45 & 1))
        report("command", "a wrapped burst");
    if (!register_ && address_ >> part_.address_bits)
        report("command", "an address beyond the chip");
    if (!register_ && !configured_)
        report("start-up", "use before configuration");
    // The latency's first clock is the command's last.
    first_data_ = command_clocks;
    if (!register_)
        first_data_ += part_.latency * (slow_ ? 2 : 1) - 1;
}

void HyperramModel::write_word(const HyperramPins &pins)
{
    if (!pins.dq_enable)
        report("data", "a word of a write that nobody drives");
    if (register_) {
        const unsigned value = (pins.dq & 0xFFu) << 8 | pins.dq >> 8;
        const unsigned wanted = 0x8F07 | ((part_.latency + 11) % 16) << 4 | (part_.fixed ? 8u : 0u);
        if (value != wanted)
            report("configuration", std::to_string(value) + ", wanted " + std::to_string(wanted));
        configured_ = true;
        return;
    }
    if (!pins.rwds_enable)
        report("RWDS", "a mask that nobody drives");
    uint16_t &word = memory_[address_ % memory_.size()];
    for (unsigned half = 0; half < 2; half++) {
        const uint16_t bits = static_cast<uint16_t>(0xFF << (8 * half));
        if (!(pins.rwds >> half & 1))
            word = static_cast<uint16_t>((word & ~bits) | (pins.dq & bits));
    }
    address_++;
}

HyperramAnswer HyperramModel::read_word()
{
    // At the end of a row the chip may need some clocks for the next.
    if (address_ % row_words == 0 && row_waits_ < longest_row_wait && random_() % 2) {
        row_waits_++;
        return {static_cast<uint16_t>(random_()), 0, true, true};
    }
    row_waits_ = 0;
    return {memory_[address_++ % memory_.size()], 1, true, true};
}

HyperramAnswer HyperramModel::tick(const HyperramPins &pins)
{
    HyperramAnswer answer{static_cast<uint16_t>(random_()), 0, false, false};
    if (!pins.cs_n && !selected_)
        select();
    if (pins.cs_n && selected_) {
        selected_ = false;
        high_since_ = cycle_;
        if (clocks_ < command_clocks)
            report("command", "cut short");
    }
    if (selected_) {
        const uint64_t low = cycle_ - low_since_ + 1;
        longest_ = low > longest_ ? low : longest_;
        if (low * part_.period > part_.csm)
            report("tCSM", std::to_string(low) + " cycles");
        if (clocks_ < command_clocks)
            answer.rwds = slow_ ? 3 : 0;
    }
    const bool commanding = selected_ && clocks_ < command_clocks;
    if (selected_ && pins.ck) {
        if (clocks_ < command_clocks) {
            command_word(pins);
        } else {
            if (read_ && pins.dq_enable)
                report("data", "both sides drive");
            if (read_ && pins.rwds_enable)
                report("RWDS", "both sides drive");
            if (!read_ && clocks_ < first_data_ && pins.dq_enable)
                report("latency", "data before its end");
            if (clocks_ >= first_data_ && read_)
                answer = read_word();
            else if (clocks_ >= first_data_)
                write_word(pins);
        }
        clocks_++;
    }
    cycle_++;
    answer.drives_rwds = commanding || (selected_ && read_);
    return answer;
}
