// SPDX-License-Identifier: Apache-2.0
// A byte stream on standard input and output, by USB: what FOLDER/sim does, with the bus, the
// device core and the way between the clocks in between.
//
// Arguments: as sim's.  The environment has the faults a thousand packets, USB_FAULTS, and
// their SEED; with USB_TRUE_TIME packets take as long as on a real bus.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "usb_board.h"

namespace
{

constexpr unsigned pause_cycles = 2000;
constexpr size_t most_waiting = 65536; // bytes that are read ahead

[[noreturn]] void fail(const char *what)
{
    fprintf(stderr, "usb pipe: %s\n", what);
    exit(1);
}

unsigned setting(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text ? static_cast<unsigned>(strtoul(text, nullptr, 10)) : otherwise;
}

int request(usb_board *board, unsigned type, unsigned code, unsigned value, uint8_t *data,
            unsigned length)
{
    const uint8_t setup[8] = {static_cast<uint8_t>(type),
                              static_cast<uint8_t>(code),
                              static_cast<uint8_t>(value),
                              static_cast<uint8_t>(value >> 8),
                              0,
                              0,
                              static_cast<uint8_t>(length),
                              0};
    return usb_board_control(board, setup, data);
}

// As a kernel does it: where anything goes wrong, again from the bus reset on.
void enumerate(usb_board *board)
{
    for (int i = 0; i < 10; i++) {
        uint8_t device[18] = {0};
        usb_board_reset(board);
        if (request(board, 0x00, 5, 5, nullptr, 0) == 0 &&
            request(board, 0x80, 6, 0x0100, device, sizeof device) == sizeof device &&
            device[8] == 0x09 && device[9] == 0x12 && request(board, 0x00, 9, 1, nullptr, 0) == 0 &&
            request(board, 0x80, 8, 0, device, 1) == 1 && device[0] == 1)
            return;
    }
    fail("the device does not enumerate");
}

// Bytes from standard input; false at its end.
bool read_bytes(std::vector<uint8_t> &bytes, int wait_ms)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    uint8_t buffer[4096];

    if (poll(&input, 1, wait_ms) <= 0)
        return true;
    ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got > 0)
        bytes.insert(bytes.end(), buffer, buffer + got);
    return got > 0;
}

// A transaction each way, but that where bytes go and none come, it is seldom asked for some:
// an EHCI gives up asking for a while as well.  Did a byte move?
bool exchange(usb_board *board, std::vector<uint8_t> &out, unsigned &asked_in_vain)
{
    constexpr unsigned often = 2, seldom = 16;
    uint8_t in[512];
    const size_t longest = static_cast<size_t>(usb_board_packet_size(board));
    int put = -EAGAIN;

    if (!out.empty())
        put = usb_board_out(board, out.data(), static_cast<int>(std::min(longest, out.size())));
    if (put > 0)
        out.erase(out.begin(), out.begin() + put);
    int got = -EAGAIN;
    if (put <= 0 || asked_in_vain < often || asked_in_vain % seldom == 0)
        got = usb_board_in(board, in);
    asked_in_vain = got == -EAGAIN ? asked_in_vain + 1 : 0;
    if (put == -EPIPE || got == -EPIPE)
        fail("an endpoint is halted");
    if (got > 0 && write(STDOUT_FILENO, in, static_cast<size_t>(got)) != got)
        exit(0); // nobody reads any more
    return put > 0 || got > 0;
}

} // namespace

int main(int argc, char **argv)
{
    struct usb_board_options options = {
        "tape.bin", true, setting("USB_FAULTS", 0),          setting("SEED", 1), 0,
        0,          0,    getenv("USB_TRUE_TIME") != nullptr};
    std::string folder(argv[0]);

    (void)argc;
    if (chdir(folder.substr(0, folder.rfind('/') + 1).c_str()) != 0)
        fail("the folder of the program cannot be entered");
    usb_board *board = usb_board_new(&options);
    if (!board)
        return 1;
    enumerate(board);
    std::vector<uint8_t> out;
    unsigned asked_in_vain = 0;
    // With nothing to do for long, the processor is left to others.
    for (int quiet = 0; out.size() > most_waiting || read_bytes(out, quiet > 50 ? 1 : 0);) {
        quiet = exchange(board, out, asked_in_vain) ? 0 : quiet + 1;
        if (quiet > 0 && out.empty())
            usb_board_run(board, pause_cycles);
    }
    usb_board_free(board);
    return 0;
}
