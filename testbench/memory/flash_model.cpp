// SPDX-License-Identifier: Apache-2.0
#include "testbench/memory/flash_model.h"

namespace
{

enum : unsigned {
    READ_QUAD_IO = 0xEB,
    WAKE = 0xAB,
    END_CONTINUOUS = 0xFF,
    VOLATILE_WRITE_ENABLE = 0x50,
    WRITE_STATUS_2 = 0x31,
};
constexpr unsigned status_qe = 2;
constexpr unsigned address_clocks = 6, mode_clocks = 2, dummy_clocks = 4;

} // namespace

FlashModel::FlashModel(FlashPart part, std::vector<uint8_t> bytes, uint64_t at)
    : part_(part), random_(part.seed), bytes_(std::move(bytes)), at_(at), asleep_(part.asleep),
      continuous_(part.continuous)
{
    quad_ = continuous_;
}

void FlashModel::report(const std::string &rule, const std::string &text)
{
    violations_.push_back(std::to_string(time_) + " ps: " + rule + ": " + text);
}

unsigned FlashModel::io(uint64_t time)
{
    return time < fell_ + part_.output_valid ? static_cast<unsigned>(random_() & 15) : shown_;
}

void FlashModel::step(uint64_t time, const FlashPins &pins)
{
    time_ = time;
    for (unsigned i = 0; i < 4; i++)
        if ((pins.driven >> i & 1) && ((pins.io ^ pins_.io) >> i & 1)) {
            changed_[i] = time;
            if (!pins_.cs_n && rose_ && time < rose_ + part_.data_hold)
                report("tCHDX", "IO" + std::to_string(i));
        }
    if (pins.driven && (driving_ || (deselected_ && time < fell_ + part_.output_off &&
                                     time < deselected_ + part_.output_off)))
        report("contention", "both sides drive");
    if (pins_.cs_n && !pins.cs_n)
        select(time);
    if (!pins_.cs_n && !pins.cs_n && !pins_.clk && pins.clk)
        rise(time, pins);
    if (!pins_.cs_n && pins_.clk && !pins.clk)
        fall(time);
    if (!pins_.cs_n && pins.cs_n)
        deselect(time);
    pins_ = pins;
}

void FlashModel::select(uint64_t time)
{
    if (deselected_ && time < deselected_ + deselect_)
        report("tSHSL", std::to_string(time - deselected_) + " ps");
    if (time < awake_)
        report("tRES1", "used while it wakes");
    selected_ = time;
    rose_ = 0;
    phase_ = continuous_ ? Phase::address : Phase::command;
    step_ = 0;
    command_ = 0;
    address_ = 0;
    deselect_ = part_.deselect_read;
}

void FlashModel::deselect(uint64_t time)
{
    if (rose_ && time < rose_ + part_.select_hold)
        report("tCHSH", std::to_string(time - rose_) + " ps");
    const bool whole = step_ == 0 || (phase_ == Phase::status ? step_ == 8 : phase_ >= Phase::data);
    if (!whole && !cut_allowed_)
        report("command", "cut short");
    if (whole && phase_ == Phase::status) {
        if (!write_enabled_)
            report("status", "written without leave");
        else
            quad_ = status_ & status_qe;
        write_enabled_ = false;
        deselect_ = part_.deselect_write;
    }
    if (driving_)
        fell_ = time;
    driving_ = false;
    deselected_ = time;
}

void FlashModel::rise(uint64_t time, const FlashPins &pins)
{
    clocks_++;
    if (rose_ == 0 && time < selected_ + part_.select_setup)
        report("tSLCH", std::to_string(time - selected_) + " ps");
    if (rose_ && time < rose_ + part_.period)
        report("fR", std::to_string(time - rose_) + " ps");
    for (unsigned i = 0; i < 4; i++)
        if ((pins.driven >> i & 1) && time < changed_[i] + part_.data_setup)
            report("tDVCH", "IO" + std::to_string(i));
    rose_ = time;
    switch (phase_) {
    case Phase::command:
        return command_bit(pins);
    case Phase::status:
        return status_bit(pins);
    case Phase::address:
        return address_clock(pins);
    case Phase::done:
        return report("command", "more than it has");
    case Phase::data:
        return;
    }
}

void FlashModel::command_bit(const FlashPins &pins)
{
    if (!(pins.driven & 1))
        report("command", "nobody drives IO0");
    if (!quad_ && ((pins.driven & pins.io) & 0xC) != 0xC)
        report("command", "WP or HOLD is not high");
    command_ = command_ << 1 | (pins.io & 1);
    if (++step_ < 8)
        return;
    step_ = 0;
    if (asleep_ && command_ != WAKE && command_ != END_CONTINUOUS)
        report("command", "the chip is asleep");
    phase_ = Phase::done;
    switch (command_) {
    case WAKE:
        asleep_ = false;
        awake_ = time_ + part_.wake;
        break;
    case END_CONTINUOUS:
        break;
    case VOLATILE_WRITE_ENABLE:
        write_enabled_ = true;
        break;
    case WRITE_STATUS_2:
        phase_ = Phase::status;
        break;
    case READ_QUAD_IO:
        if (!quad_)
            report("QE", "a quad read while it is clear");
        phase_ = Phase::address;
        break;
    default:
        report("command", std::to_string(command_) + " is not one of this model");
    }
}

void FlashModel::status_bit(const FlashPins &pins)
{
    status_ = (status_ << 1 | (pins.io & 1)) & 0xFF;
    step_++;
}

// Address, mode and dummy clocks. A continuous read that gets ones alone ends: so does FFh.
void FlashModel::address_clock(const FlashPins &pins)
{
    const bool whole = pins.driven == 15;
    const bool ending = continuous_ && (pins.io & pins.driven & 1);
    if (step_ < address_clocks) {
        if (!whole && !ending)
            report("address", "a line that nobody drives");
        address_ = address_ << 4 | pins.io;
    } else if (step_ == address_clocks) {
        // M5 and M4 are the lower lines of the first mode clock; of the second none counts.
        if (!whole && !ending)
            report("mode", "a line that nobody drives");
        continuous_ = (pins.io & 3) == 2 && whole;
    }
    step_++;
    if (step_ == address_clocks + mode_clocks && !continuous_)
        phase_ = Phase::done;
    if (step_ < address_clocks + mode_clocks + dummy_clocks)
        return;
    phase_ = Phase::data;
    reads_++;
    address_ *= 2;
}

void FlashModel::fall(uint64_t time)
{
    if (phase_ != Phase::data)
        return;
    const uint64_t place = address_ / 2;
    if (place >= part_.size)
        report("address", "beyond the chip");
    const unsigned byte = place >= at_ && place - at_ < bytes_.size() ? bytes_[place - at_] : 0xFF;
    shown_ = address_ % 2 ? byte & 15 : byte >> 4;
    address_++;
    driving_ = true;
    fell_ = time;
}
