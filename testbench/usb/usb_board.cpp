// SPDX-License-Identifier: Apache-2.0
#include "usb_board.h"

#include <cerrno>
#include <cstdlib>
#include <random>

#include "Vusb_board.h"
#include "packet.h"
#include "tape_memory.h"
#include "verilated.h"

using namespace usb;

namespace
{

constexpr unsigned microframe = 7500; // cycles
// In true time: what a speed's bits and the device's transceiver take, in cycles of 60 MHz.
struct Pace {
    unsigned byte, frame; // a byte; from one start of frame to the next
    unsigned framing;     // SYNC and EOP
    unsigned stuffed;     // eight stuffed bits
    unsigned gap, delay;  // the host's between packets; the transceiver's, ULPI 1.1, 3.8.2.6.3
    unsigned transaction; // the longest, with every sixth bit stuffed
};
constexpr Pace high_pace = {1, 7500, 5, 1, 11, 10, 680};
constexpr Pace full_pace = {40, 60000, 55, 40, 10, 0, 3580};
constexpr Pace quick_pace = {1, 7500, 0, 0, 12, 0, 0};
constexpr unsigned long_reset = 30000;  // more than any wait in usb_bus.v with its SCALE
constexpr unsigned turnaround = 96;     // cycles that the host waits for an answer: 8.7.2
constexpr int patience = 3;             // errors in a row
constexpr int control_patience = 10000; // NAKs of a control transfer

enum Line { SE0, J, K };

MemoryModel memory_model(const usb_board_options &options)
{
    MemoryModel model;
    if (options.memory_burst)
        model = {options.memory_latency, options.memory_burst, options.memory_gap};
    return model;
}

} // namespace

struct usb_board {
    usb_board(std::vector<uint8_t> memory, const usb_board_options &options)
        : fault_per_mille(options.fault_per_mille), hub_is_high(options.high_speed),
          true_time_(options.true_time), random_(options.seed), top_(&context_),
          memory_(std::move(memory), memory_model(options))
    {
        top_.rst_i = top_.usb_rst_i = 1;
        clocks(8);
        top_.rst_i = top_.usb_rst_i = 0;
        clocks(8);
    }

    uint64_t cycles = 0;
    unsigned fault_per_mille;
    const bool hub_is_high;
    bool high = false;
    unsigned address = 0;
    bool out_toggle = false, in_toggle = false, must_ping = false;

    bool reset()
    {
        high = false;
        line_ = SE0;
        for (unsigned waited = 0; waited < long_reset && !top_.tx_valid_o; waited++)
            clock();
        if (top_.tx_valid_o)
            chirp();
        line_ = high ? SE0 : J;
        clocks(200);
        address = 0;
        out_toggle = in_toggle = must_ping = false;
        next_frame_ = cycles + pace().frame;
        return high;
    }

    void run(unsigned n)
    {
        for (uint64_t end = cycles + n; cycles < end;) {
            frames();
            clock();
        }
    }

    int packet_size() const
    {
        return high ? 512 : 64;
    }

    // What comes of one transaction; nothing where an error did.
    Bytes out(Pid pid, unsigned endpoint, bool toggle, const Bytes &data)
    {
        frames();
        send(token(pid, address, endpoint));
        send(data_packet(toggle, data));
        return receive();
    }

    Bytes in(unsigned endpoint)
    {
        frames();
        send(token(IN, address, endpoint));
        Bytes answer = receive();
        if (is_data(answer))
            send(handshake(ACK));
        return answer;
    }

    Bytes ping(unsigned endpoint)
    {
        frames();
        send(token(PING, address, endpoint));
        return receive();
    }

    [[noreturn]] void fail(const char *what) const
    {
        fprintf(stderr, "usb board, cycle %llu: %s\n", (unsigned long long)cycles, what);
        abort();
    }

  private:
    const bool true_time_;
    std::mt19937 random_;
    VerilatedContext context_;
    Vusb_board top_;
    TapeMemory memory_;
    Line line_ = J;
    uint64_t next_frame_ = microframe;
    unsigned frame_ = 0;

    bool faulty()
    {
        return fault_per_mille && random_() % 1000 < fault_per_mille;
    }

    void clocks(unsigned n)
    {
        while (n-- > 0)
            clock();
    }

    // Both clocks tick together; that is one case of two that do not know of each other.
    void clock()
    {
        bool busy = top_.rx_active_i || top_.tx_valid_o;
        top_.line_state_i = !busy ? line_ : high ? J : cycles / 5 % 2 ? J : K;
        top_.clk_i = top_.usb_clk_i = 0;
        top_.mem_valid_i = memory_.valid();
        memcpy(&top_.mem_data_i, memory_.word(), bus_bytes);
        top_.eval();

        const bool start = top_.mem_start_o, taken = top_.mem_valid_i && top_.mem_ready_o;
        const bool load_start = top_.mem_load_start_o, load = top_.mem_load_valid_o;
        const size_t load_line = top_.mem_load_line_o;
        const uint8_t load_data = top_.mem_load_data_o;
        top_.clk_i = top_.usb_clk_i = 1;
        top_.eval();
        memory_.tick(start, taken);
        if (load_start)
            memory_.load_from(load_line);
        if (load)
            memory_.load(load_data);
        cycles++;
    }

    // 7.1.7.5: the device's chirp, and the hub's where it knows high speed.
    void chirp()
    {
        line_ = K;
        top_.tx_ready_i = 1;
        while (top_.tx_valid_o)
            clock();
        top_.tx_ready_i = 0;
        line_ = SE0;
        if (!hub_is_high) {
            clocks(long_reset);
            return;
        }
        for (int i = 0; i < 8; i++) {
            line_ = i % 2 ? J : K;
            clocks(200);
        }
        line_ = SE0;
        clocks(400);
        high = true;
    }

    const Pace &pace() const
    {
        return !true_time_ ? quick_pace : high ? high_pace : full_pace;
    }

    // What of a packet the bytes do not show.
    void pass_hidden(const Bytes &packet)
    {
        unsigned ones = 0, stuffed = 0;
        for (unsigned bit = 0; bit < 8 * packet.size(); bit++) {
            ones = packet[bit / 8] >> bit % 8 & 1 ? ones + 1 : 0;
            stuffed += ones == 6;
            ones %= 6;
        }
        clocks(pace().framing + (stuffed * pace().stuffed + 7) / 8);
    }

    // A start of frame where it is time, or no time for a transaction before it.
    void frames()
    {
        if (cycles + pace().transaction < next_frame_)
            return;
        if (cycles < next_frame_)
            clocks(static_cast<unsigned>(next_frame_ - cycles));
        next_frame_ += pace().frame;
        send(token(SOF, frame_ & 127, frame_ >> 7 & 15));
        frame_++;
    }

    // A packet on the bus, or what a fault leaves of it.
    void send(Bytes packet)
    {
        clocks(pace().gap); // from the packet before
        pass_hidden(packet);
        bool damaged = faulty();
        if (damaged && random_() % 2)
            return;
        if (damaged)
            packet[random_() % packet.size()] ^= static_cast<uint8_t>(1 << random_() % 8);
        top_.rx_active_i = 1;
        for (uint8_t byte : packet) {
            top_.rx_data_i = byte;
            top_.rx_valid_i = 1;
            clock();
            top_.rx_valid_i = 0;
            clocks(pace().byte - 1);
        }
        top_.rx_active_i = 0;
        if (top_.tx_valid_o)
            fail("the device speaks while the host does");
        clock();
    }

    // The device's answer; nothing where there is none, or it does not arrive whole.
    Bytes receive()
    {
        Bytes packet;
        for (unsigned waited = 0; waited < turnaround && !top_.tx_valid_o; waited++)
            clock();
        for (clocks(4); top_.tx_valid_o; clock()) {
            top_.tx_ready_i = 0;
            clocks(pace().byte - 1);
            top_.tx_ready_i = 1;
            packet.push_back(top_.tx_data_o);
            if (packet.size() > 600)
                fail("the device babbles");
        }
        top_.tx_ready_i = 0;
        pass_hidden(packet);
        clocks(pace().delay);
        if (packet.empty() && !fault_per_mille)
            fail("the device does not answer");
        if (!packet.empty() && !is_whole(packet))
            fail("the device sends a damaged packet");
        return faulty() ? Bytes{} : packet;
    }
};

namespace
{

// A data packet from the device to the host, or what stands for it.
int in_packet(usb_board &board, unsigned endpoint, bool &toggle, Bytes &data)
{
    for (int errors = 0; errors < patience;) {
        Bytes answer = board.in(endpoint);
        if (answer == handshake(NAK))
            return -EAGAIN;
        if (answer == handshake(STALL))
            return -EPIPE;
        if (!is_data(answer)) {
            if (!answer.empty())
                board.fail("an IN is answered by something strange");
            errors++;
        } else if ((answer[0] == pid_byte(DATA1)) == toggle) {
            toggle = !toggle;
            data = payload(answer);
            return static_cast<int>(data.size());
        } // else our ACK was lost, and this is the packet before
    }
    return -EPROTO;
}

int out_packet(usb_board &board, Pid pid, unsigned endpoint, bool toggle, const Bytes &data)
{
    for (int errors = 0; errors < patience; errors++) {
        Bytes answer = board.out(pid, endpoint, toggle, data);
        if (answer == handshake(ACK) || answer == handshake(NYET)) {
            board.must_ping = board.must_ping || answer == handshake(NYET);
            return static_cast<int>(data.size());
        }
        if (answer == handshake(NAK))
            return -EAGAIN;
        if (answer == handshake(STALL))
            return -EPIPE;
        if (!answer.empty())
            board.fail("an OUT is answered by something strange");
    }
    return -EPROTO;
}

// 8.5.1: at high speed the host asks for room where the last packet left none.
int ask_for_room(usb_board &board)
{
    for (int errors = 0; board.high && board.must_ping; errors++) {
        Bytes answer = board.ping(1);
        if (answer == handshake(ACK))
            board.must_ping = false;
        else if (answer == handshake(NAK))
            return -EAGAIN;
        else if (answer == handshake(STALL))
            return -EPIPE;
        else if (errors + 1 == patience)
            return -EPROTO;
    }
    return 0;
}

int control_in(usb_board &board, bool &toggle, Bytes &data)
{
    int got = -EAGAIN;
    for (int i = 0; i < control_patience && got == -EAGAIN; i++)
        got = in_packet(board, 0, toggle, data);
    return got == -EAGAIN ? -EPROTO : got;
}

int control_out(usb_board &board, bool toggle, const Bytes &data)
{
    int put = -EAGAIN;
    for (int i = 0; i < control_patience && put == -EAGAIN; i++)
        put = out_packet(board, OUT, 0, toggle, data);
    return put == -EAGAIN ? -EPROTO : put;
}

int data_from_device(usb_board &board, unsigned length, uint8_t *data)
{
    bool toggle = true;
    unsigned at = 0;

    while (at < length) {
        Bytes part;
        int got = control_in(board, toggle, part);
        if (got < 0)
            return got;
        if (part.size() > 64 || part.size() > length - at)
            board.fail("more data than was asked for");
        std::copy(part.begin(), part.end(), data + at);
        at += static_cast<unsigned>(part.size());
        if (part.size() < 64)
            break;
    }
    int status = control_out(board, true, {});
    return status < 0 ? status : static_cast<int>(at);
}

int data_to_device(usb_board &board, unsigned length, const uint8_t *data)
{
    bool toggle = true;

    for (unsigned at = 0; at < length; at += 64, toggle = !toggle) {
        unsigned size = std::min(64u, length - at);
        int put = control_out(board, toggle, Bytes(data + at, data + at + size));
        if (put < 0)
            return put;
    }
    Bytes nothing;
    bool status_toggle = true;
    int status = control_in(board, status_toggle, nothing);
    if (status > 0)
        board.fail("a status stage with data");
    return status < 0 ? status : static_cast<int>(length);
}

// What the host knows of the device once it has done what it was asked for.
void note_request(usb_board &board, const uint8_t setup[8])
{
    const unsigned request = setup[0] << 8 | setup[1];
    const bool clears_halt = request == 0x0201 && setup[2] == 0;

    if (request == 0x0005)
        board.address = setup[2];
    if (request == 0x0009 || request == 0x010B)
        board.out_toggle = board.in_toggle = board.must_ping = false;
    if (clears_halt && setup[4] == 0x01)
        board.out_toggle = board.must_ping = false;
    if (clears_halt && setup[4] == 0x81)
        board.in_toggle = false;
}

} // namespace

usb_board *usb_board_new(const usb_board_options *options)
{
    std::vector<uint8_t> bytes;
    std::string wrong = read_memory(options->tape_path ? options->tape_path : "", bytes);

    if (wrong.empty())
        return new usb_board(std::move(bytes), *options);
    fprintf(stderr, "usb board: %s\n", wrong.c_str());
    return nullptr;
}

void usb_board_free(usb_board *board)
{
    delete board;
}

bool usb_board_reset(usb_board *board)
{
    return board->reset();
}

int usb_board_control(usb_board *board, const uint8_t setup[8], uint8_t *data)
{
    const unsigned length = setup[6] | setup[7] << 8;
    int result = out_packet(*board, SETUP, 0, false, Bytes(setup, setup + 8));

    if (result < 0)
        return result;
    result = (setup[0] & 0x80) && length > 0 ? data_from_device(*board, length, data)
                                             : data_to_device(*board, length, data);
    if (result >= 0)
        note_request(*board, setup);
    return result;
}

int usb_board_out(usb_board *board, const uint8_t *data, int size)
{
    int result = ask_for_room(*board);

    if (result < 0)
        return result;
    result = out_packet(*board, OUT, 1, board->out_toggle, Bytes(data, data + size));
    if (result >= 0)
        board->out_toggle = !board->out_toggle;
    if (result == -EAGAIN)
        board->must_ping = true;
    return result;
}

int usb_board_in(usb_board *board, uint8_t *data)
{
    Bytes packet;
    int result = in_packet(*board, 1, board->in_toggle, packet);

    if (result > board->packet_size())
        board->fail("a packet that is longer than its endpoint's");
    std::copy(packet.begin(), packet.end(), data);
    return result;
}

int usb_board_packet_size(const usb_board *board)
{
    return board->packet_size();
}

void usb_board_run(usb_board *board, unsigned cycles)
{
    board->run(cycles);
}

uint64_t usb_board_cycles(const usb_board *board)
{
    return board->cycles;
}

void usb_board_set_faults(usb_board *board, unsigned per_mille)
{
    board->fault_per_mille = per_mille;
}
