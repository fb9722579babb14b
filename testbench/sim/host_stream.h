// SPDX-License-Identifier: Apache-2.0
// The host's byte stream on standard input and output, for the harness of a simulation.
#ifndef MILLRACE_TESTBENCH_SIM_HOST_STREAM_H
#define MILLRACE_TESTBENCH_SIM_HOST_STREAM_H

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <unistd.h>

[[noreturn]] inline void fail(const std::string &what)
{
    fprintf(stderr, "sim: %s\n", what.c_str());
    exit(1);
}

// Files are read from the folder of the program, wherever it is started.
inline void enter_own_folder()
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        fail("/proc/self/exe cannot be read");
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    if (chdir(path) != 0)
        fail(std::string(path) + ": " + strerror(errno));
}

// Bytes from the host; read only when there is no other way on.
class HostInput
{
  public:
    bool empty() const
    {
        return at_ == end_;
    }

    uint8_t front() const
    {
        return buffer_[at_];
    }

    void pop()
    {
        at_++;
    }

    // Wait for bytes; false when there will be none.
    bool refill()
    {
        ssize_t got;
        do
            got = read(STDIN_FILENO, buffer_, sizeof buffer_);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            fail(std::string("standard input: ") + strerror(errno));
        at_ = 0;
        end_ = static_cast<size_t>(got);
        return got > 0;
    }

  private:
    uint8_t buffer_[65536];
    size_t at_ = 0, end_ = 0;
};

class HostOutput
{
  public:
    void push(uint8_t byte)
    {
        buffer_[size_++] = byte;
        if (size_ == sizeof buffer_)
            flush();
    }

    void flush()
    {
        for (size_t at = 0; at < size_;) {
            ssize_t put = write(STDOUT_FILENO, buffer_ + at, size_ - at);
            if (put < 0 && errno != EINTR)
                exit(errno == EPIPE ? 0 : 1);
            at += put > 0 ? static_cast<size_t>(put) : 0;
        }
        size_ = 0;
    }

  private:
    uint8_t buffer_[65536];
    size_t size_ = 0;
};

#endif
