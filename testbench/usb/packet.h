// SPDX-License-Identifier: Apache-2.0
// USB packets as bytes, and their checks (USB 2.0, chapter 8): the host's own arithmetic,
// bit by bit, independent of the device's.
#ifndef MILLRACE_TESTBENCH_USB_PACKET_H
#define MILLRACE_TESTBENCH_USB_PACKET_H

#include <cstdint>
#include <vector>

namespace usb
{

using Bytes = std::vector<uint8_t>;

enum Pid : uint8_t {
    OUT = 0x1,
    IN = 0x9,
    SOF = 0x5,
    SETUP = 0xD,
    PING = 0x4,
    DATA0 = 0x3,
    DATA1 = 0xB,
    ACK = 0x2,
    NAK = 0xA,
    STALL = 0xE,
    NYET = 0x6,
};

inline uint8_t pid_byte(uint8_t pid)
{
    return static_cast<uint8_t>(pid | (~pid & 15) << 4);
}

// 8.3.5.1: x^5 + x^2 + 1 over 11 bits, in the order in which they are sent.
inline uint8_t crc5(unsigned bits)
{
    unsigned crc = 0x1F;
    for (int i = 0; i < 11; i++) {
        bool feedback = ((crc >> 4) ^ (bits >> i)) & 1;
        crc = (crc << 1 & 0x1F) ^ (feedback ? 0x05 : 0);
    }
    unsigned sent = 0;
    for (int i = 0; i < 5; i++)
        sent |= (~crc >> (4 - i) & 1) << i;
    return static_cast<uint8_t>(sent);
}

// 8.3.5.2: x^16 + x^15 + x^2 + 1.
inline uint16_t crc16(const uint8_t *data, size_t size)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < size * 8; i++) {
        bool feedback = ((crc >> 15) ^ (data[i / 8] >> i % 8)) & 1;
        crc = (crc << 1 & 0xFFFF) ^ (feedback ? 0x8005 : 0);
    }
    unsigned sent = 0;
    for (int i = 0; i < 16; i++)
        sent |= (~crc >> (15 - i) & 1) << i;
    return static_cast<uint16_t>(sent);
}

inline Bytes token(Pid pid, unsigned address, unsigned endpoint)
{
    unsigned bits = address | endpoint << 7;
    unsigned word = bits | static_cast<unsigned>(crc5(bits)) << 11;
    return {pid_byte(pid), static_cast<uint8_t>(word), static_cast<uint8_t>(word >> 8)};
}

inline Bytes data_packet(bool toggle, const Bytes &payload)
{
    Bytes packet{pid_byte(toggle ? DATA1 : DATA0)};
    packet.insert(packet.end(), payload.begin(), payload.end());
    uint16_t crc = crc16(payload.data(), payload.size());
    packet.push_back(static_cast<uint8_t>(crc));
    packet.push_back(static_cast<uint8_t>(crc >> 8));
    return packet;
}

inline Bytes handshake(Pid pid)
{
    return {pid_byte(pid)};
}

inline bool is_data(const Bytes &packet)
{
    return packet.size() >= 3 && (packet[0] == pid_byte(DATA0) || packet[0] == pid_byte(DATA1));
}

// Is it a packet that a device may send, with good checks?
inline bool is_whole(const Bytes &packet)
{
    if (packet.empty() || packet[0] != pid_byte(packet[0] & 15))
        return false;
    if ((packet[0] & 3) == 2)
        return packet.size() == 1;
    if (!is_data(packet))
        return false;
    size_t end = packet.size() - 2;
    return crc16(packet.data() + 1, end - 1) == (packet[end] | packet[end + 1] << 8);
}

inline Bytes payload(const Bytes &packet)
{
    return Bytes(packet.begin() + 1, packet.end() - 2);
}

} // namespace usb

#endif
