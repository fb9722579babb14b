/* SPDX-License-Identifier: Apache-2.0 */
#include "testbench/usb_host/software_board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/protocol_server.h"

enum { DEVICE_BYTES = 18, REQUEST_ROOM = 1 << 17, SERIAL_LETTERS = 8 };

const uint8_t software_board_descriptors[SOFTWARE_DESCRIPTOR_BYTES] = {
    0x12, 0x01, 0x00, 0x02, 0xff, 0x00, 0x00, 0x40, 0x09, 0x12, 0x01, 0x00, 0x00, 0x01,
    1,    2,    3,    1,    0x09, 0x02, 0x20, 0x00, 0x01, 0x01, 0x00, 0x80, 0xfa, /* the
                                                                                     configuration
                                                                                   */
    0x09, 0x04, 0x00, 0x00, 0x02, 0xff, 0x00, 0x00, 0x00, /* its interface */
    0x07, 0x05, 0x01, 0x02, 0x00, 0x02, 0x00,             /* endpoint 1 OUT, 512 bytes */
    0x07, 0x05, 0x81, 0x02, 0x00, 0x02, 0x00,             /* endpoint 1 IN */
};

struct software_board {
    struct usb_port port;
    struct protocol_server server;
    char serial[SERIAL_LETTERS + 1];
    uint8_t request[REQUEST_ROOM];
    size_t request_size;
    uint8_t *reply; /* owned; room for several */
    size_t reply_room, reply_size, taken;
    bool whole_packet_last; /* an empty packet is owed */
};

static void begin_conversation(struct software_board *board)
{
    board->request_size = board->reply_size = board->taken = 0;
    board->whole_packet_last = false;
    protocol_server_begin(&board->server);
}

static int give(uint8_t *data, int room, const void *from, int size)
{
    int given = size < room ? size : room;
    memcpy(data, from, (size_t)given);
    return given;
}

static int give_string(uint8_t *data, int room, const char *text)
{
    uint8_t descriptor[64] = {0};
    size_t length = strlen(text);

    descriptor[0] = (uint8_t)(2 + 2 * length);
    descriptor[1] = 3;
    for (size_t i = 0; i < length; i++)
        descriptor[2 + 2 * i] = (uint8_t)text[i];
    return give(data, room, descriptor, descriptor[0]);
}

static int descriptor(const struct software_board *board, const uint8_t setup[8], uint8_t *data)
{
    static const uint8_t languages[] = {4, 3, 0x09, 0x04};
    const char *const text[] = {"", "Millrace", "accelerator", board->serial};
    int room = setup[6] | setup[7] << 8;

    if (setup[3] == 1)
        return give(data, room, software_board_descriptors, DEVICE_BYTES);
    if (setup[3] == 2)
        return give(data, room, software_board_descriptors + DEVICE_BYTES,
                    SOFTWARE_DESCRIPTOR_BYTES - DEVICE_BYTES);
    if (setup[3] == 3 && setup[2] == 0)
        return give(data, room, languages, sizeof languages);
    if (setup[3] == 3 && setup[2] < sizeof text / sizeof *text)
        return give_string(data, room, text[setup[2]]);
    return -EPIPE;
}

static int control(struct usb_port *port, const uint8_t setup[8], uint8_t *data)
{
    struct software_board *board = (struct software_board *)port;

    switch (setup[1]) {
    case USB_GET_DESCRIPTOR:
        return descriptor(board, setup, data);
    case USB_SET_CONFIGURATION:
    case USB_SET_INTERFACE:
        begin_conversation(board);
        return 0;
    case USB_SET_ADDRESS:
    case USB_CLEAR_FEATURE:
        return 0;
    default:
        return -EPIPE;
    }
}

/* Answer the frame at the start of what has come, if it is whole. */
static bool answer(struct software_board *board)
{
    uint8_t *reply = board->reply + board->reply_size;
    struct frame frame = {.tag = 0};

    if (board->reply_room - board->reply_size < protocol_server_reply_room(&board->server))
        return false;
    enum frame_state state = frame_parse(board->request, board->request_size,
                                         LOAD_LINES * TAPE_LINE + LOAD_HEAD, &frame);
    if (state == FRAME_SHORT || board->request_size == 0)
        return false;
    size_t used = frame.length + FRAME_OVERHEAD;
    if (state == FRAME_GOOD)
        board->reply_size += protocol_server_answer(&board->server, &frame, reply);
    else if (board->request[0] == FRAME_MAGIC)
        board->reply_size += protocol_server_damaged(&board->server, frame.tag, reply);
    if (board->request[0] != FRAME_MAGIC || used > board->request_size)
        used = 1; /* it goes on at the next magic */
    board->request_size -= used;
    memmove(board->request, board->request + used, board->request_size);
    return true;
}

static int out(struct usb_port *port, const uint8_t *data, int size)
{
    struct software_board *board = (struct software_board *)port;

    if (REQUEST_ROOM - board->request_size < (size_t)size)
        return -EAGAIN;
    memcpy(board->request + board->request_size, data, (size_t)size);
    board->request_size += (size_t)size;
    while (answer(board))
        ;
    return size;
}

static int in(struct usb_port *port, uint8_t data[USB_PACKET_MOST])
{
    struct software_board *board = (struct software_board *)port;
    size_t left = board->reply_size - board->taken;
    size_t size = left < (size_t)port->packet_size ? left : (size_t)port->packet_size;

    if (size == 0 && !board->whole_packet_last)
        return -EAGAIN;
    memcpy(data, board->reply + board->taken, size);
    board->taken += size;
    board->whole_packet_last = size == (size_t)port->packet_size;
    if (board->taken == board->reply_size)
        board->taken = board->reply_size = 0;
    while (answer(board))
        ;
    return (int)size;
}

static void reset(struct usb_port *port, bool power)
{
    struct software_board *board = (struct software_board *)port;
    struct error err;

    begin_conversation(board);
    if (power && !protocol_server_restart(&board->server, &err))
        abort();
}

/* It answers at once: only the host can change anything. */
static bool idle(struct usb_port *port)
{
    (void)port;
    return false;
}

static void close_board(struct usb_port *port)
{
    struct software_board *board = (struct software_board *)port;
    protocol_server_close(&board->server);
    free(board->reply);
    free(board);
}

static const struct usb_port_ops software_ops = {control, out, in, reset, idle, close_board};

struct usb_port *software_board_open(const struct mill *mill, const char *serial, struct error *err)
{
    struct software_board *board = calloc(1, sizeof *board);

    if (!board || !protocol_server_open(&board->server, mill, err)) {
        if (!board)
            error_set(err, ERROR_FAILED, "out of memory");
        free(board);
        return NULL;
    }
    board->port = (struct usb_port){&software_ops, USB_PACKET_MOST};
    strncpy(board->serial, serial, SERIAL_LETTERS);
    board->reply_room = 4 * protocol_server_reply_room(&board->server);
    board->reply = malloc(board->reply_room);
    if (!board->reply) {
        close_board(&board->port);
        error_set(err, ERROR_FAILED, "out of memory");
        return NULL;
    }
    return &board->port;
}
