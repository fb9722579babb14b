// SPDX-License-Identifier: Apache-2.0
// The memory of a simulated design: it serves the tape, and can be loaded.
//
// TAPE_BUS_BITS, TAPE_LINES and MEMORY_LINES come from the design's Makefile, and so does the
// memory's timing where nothing else is asked for.
#ifndef MILLRACE_TESTBENCH_SIM_TAPE_MEMORY_H
#define MILLRACE_TESTBENCH_SIM_TAPE_MEMORY_H

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

constexpr size_t bus_bytes = TAPE_BUS_BITS / 8;
constexpr size_t line_bytes = 32;

// Cycles to the first word, words in a row, cycles between such rows.
struct MemoryModel {
    unsigned long latency = MEMORY_LATENCY, burst = MEMORY_BURST, gap = MEMORY_GAP;
};

// The tape over and over: `burst` words in a row, then `gap` cycles without one.
class TapeMemory
{
  public:
    TapeMemory(std::vector<uint8_t> bytes, MemoryModel model)
        : bytes_(std::move(bytes)), model_(model)
    {
    }

    bool valid() const
    {
        return running_ && wait_ == 0;
    }

    const uint8_t *word() const
    {
        return &bytes_[at_];
    }

    // One clock edge of playing; `taken` where the word was.
    void tick(bool start, bool taken)
    {
        if (start) {
            running_ = true;
            at_ = 0;
            words_ = 0;
            wait_ = model_.latency;
        } else if (taken) {
            at_ = at_ + bus_bytes == TAPE_LINES * line_bytes ? 0 : at_ + bus_bytes;
            if (++words_ == model_.burst) {
                words_ = 0;
                wait_ = model_.gap;
            }
        } else if (wait_ > 0) {
            wait_--;
        }
    }

    // Loading: nothing is played any more until the next start.
    void load_from(size_t line)
    {
        running_ = false;
        load_at_ = line % MEMORY_LINES * line_bytes;
    }

    void load(uint8_t byte)
    {
        bytes_[load_at_] = byte;
        load_at_ = load_at_ + 1 == bytes_.size() ? 0 : load_at_ + 1;
    }

  private:
    std::vector<uint8_t> bytes_; // MEMORY_LINES lines
    MemoryModel model_;
    bool running_ = false;
    size_t at_ = 0, load_at_ = 0;
    unsigned long words_ = 0, wait_ = 0;
};

// What the memory holds: the file's bytes, or zeros where there is no such file.  An error
// message, or nothing.
inline std::string read_memory(const char *path, std::vector<uint8_t> &bytes)
{
    bytes.assign(MEMORY_LINES * line_bytes, 0);
    FILE *file = fopen(path, "rb");
    if (!file)
        return errno == ENOENT ? "" : std::string(path) + ": " + strerror(errno);
    bool too_long =
        fread(bytes.data(), 1, bytes.size(), file) == bytes.size() && fgetc(file) != EOF;
    fclose(file);
    return too_long ? std::string(path) + ": longer than the memory" : "";
}

#endif
