/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usb/usb_link.h"

#include <stdlib.h>
#include <string.h>

enum {
    IN_TRANSFERS = 8,
    IN_BYTES = 16384, /* whole packets, or one that is too long would be lost */
    OUT_TRANSFERS = 32,
    OUT_COPIED = 4096,   /* of a transfer that is copied */
    OUT_LASTING = 65536, /* of one that is not */
    PACKET_MOST = 512,   /* at high speed; at full speed eight packets */
    SLICE_MS = 100,      /* between looks at what has been cancelled */
};

/* A transfer and its buffer. */
struct slot {
    struct usb_link *link;
    struct libusb_transfer *transfer;
    uint8_t *buffer;
    bool in_flight;
    size_t filled; /* OUT: bytes copied that are still to go */
    size_t taken;  /* IN: bytes that the caller has */
};

/* Both rings are used in order: libusb completes an endpoint's transfers as they
 * were submitted. */
struct usb_link {
    struct usb_board_handle *board;
    struct slot in[IN_TRANSFERS], out[OUT_TRANSFERS];
    size_t next_in, next_out;
    size_t in_flight;
    enum libusb_transfer_status fault;
    bool moved; /* bytes have, since the last look */
    uint8_t in_buffer[IN_TRANSFERS][IN_BYTES], out_buffer[OUT_TRANSFERS][OUT_COPIED];
};

static void fail(struct usb_link *link, enum libusb_transfer_status status)
{
    if (link->fault == LIBUSB_TRANSFER_COMPLETED || status == LIBUSB_TRANSFER_NO_DEVICE)
        link->fault = status;
}

static void LIBUSB_CALL on_end(struct libusb_transfer *transfer)
{
    struct slot *slot = transfer->user_data;
    struct usb_link *link = slot->link;
    bool out = transfer->endpoint == USB_OUT;

    slot->in_flight = false;
    link->in_flight--;
    if (transfer->status == LIBUSB_TRANSFER_CANCELLED)
        return;
    if (transfer->status != LIBUSB_TRANSFER_COMPLETED)
        fail(link, transfer->status);
    else if (out && transfer->actual_length != transfer->length)
        fail(link, LIBUSB_TRANSFER_ERROR);
    link->moved = link->moved || transfer->actual_length > 0;
}

static void submit(struct slot *slot, uint8_t endpoint, uint8_t *data, size_t size)
{
    struct usb_link *link = slot->link;

    libusb_fill_bulk_transfer(slot->transfer, link->board->device, endpoint, data, (int)size,
                              on_end, slot, 0);
    int code = libusb_submit_transfer(slot->transfer);
    if (code != 0) {
        fail(link,
             code == LIBUSB_ERROR_NO_DEVICE ? LIBUSB_TRANSFER_NO_DEVICE : LIBUSB_TRANSFER_ERROR);
        return;
    }
    slot->in_flight = true;
    link->in_flight++;
}

static void listen(struct slot *slot)
{
    slot->taken = 0;
    slot->transfer->actual_length = 0;
    submit(slot, USB_IN, slot->buffer, IN_BYTES);
}

static void listen_all(struct usb_link *link)
{
    link->next_in = 0;
    for (size_t i = 0; i < IN_TRANSFERS && link->fault == LIBUSB_TRANSFER_COMPLETED; i++)
        listen(&link->in[i]);
}

static bool prepare(struct usb_link *link, struct slot *slot, uint8_t *buffer)
{
    slot->link = link;
    slot->buffer = buffer;
    slot->transfer = libusb_alloc_transfer(0);
    return slot->transfer != NULL;
}

struct usb_link *usb_link_open(struct usb_board_handle *board, struct error *err)
{
    struct usb_link *link = calloc(1, sizeof *link);
    bool prepared = link != NULL;

    if (link) {
        link->board = board;
        link->fault = LIBUSB_TRANSFER_COMPLETED;
        for (size_t i = 0; i < IN_TRANSFERS; i++)
            prepared = prepare(link, &link->in[i], link->in_buffer[i]) && prepared;
        for (size_t i = 0; i < OUT_TRANSFERS; i++)
            prepared = prepare(link, &link->out[i], link->out_buffer[i]) && prepared;
    }
    if (!prepared) {
        if (link)
            usb_link_close(link);
        error_set(err, ERROR_FAILED, "usb: out of memory");
        return NULL;
    }
    listen_all(link);
    return link;
}

static void cancel_all(struct usb_link *link)
{
    for (size_t i = 0; i < IN_TRANSFERS; i++) {
        if (link->in[i].in_flight)
            libusb_cancel_transfer(link->in[i].transfer);
    }
    for (size_t i = 0; i < OUT_TRANSFERS; i++) {
        link->out[i].filled = 0;
        if (link->out[i].in_flight)
            libusb_cancel_transfer(link->out[i].transfer);
    }
    while (link->in_flight > 0)
        usb_link_work(link, SLICE_MS);
    for (size_t i = 0; i < IN_TRANSFERS; i++) {
        link->in[i].taken = 0;
        link->in[i].transfer->actual_length = 0;
    }
}

void usb_link_close(struct usb_link *link)
{
    cancel_all(link);
    for (size_t i = 0; i < IN_TRANSFERS; i++)
        libusb_free_transfer(link->in[i].transfer);
    for (size_t i = 0; i < OUT_TRANSFERS; i++)
        libusb_free_transfer(link->out[i].transfer);
    free(link);
}

enum libusb_transfer_status usb_link_fault(const struct usb_link *link)
{
    return link->fault;
}

void usb_link_flush(struct usb_link *link)
{
    struct slot *slot = &link->out[link->next_out];
    if (slot->filled == 0 || link->fault != LIBUSB_TRANSFER_COMPLETED)
        return;
    submit(slot, USB_OUT, slot->buffer, slot->filled);
    slot->filled = 0;
    link->next_out = (link->next_out + 1) % OUT_TRANSFERS;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t send_copied(struct usb_link *link, const uint8_t *data, size_t size)
{
    struct slot *slot = &link->out[link->next_out];

    memcpy(slot->buffer + slot->filled, data, size);
    slot->filled += size;
    if (slot->filled == OUT_COPIED)
        usb_link_flush(link);
    return size;
}

/* A packet that was begun is filled first, so that all are whole but the last before a
 * pause.  libusb only reads what it sends, whatever its type says. */
static size_t send_lasting(struct usb_link *link, const uint8_t *data, size_t size)
{
    size_t begun = link->out[link->next_out].filled % PACKET_MOST;
    size_t part = smaller(size, OUT_LASTING);

    if (begun > 0)
        return send_copied(link, data, PACKET_MOST - begun);
    usb_link_flush(link);
    struct slot *slot = &link->out[link->next_out];
    if (slot->in_flight || link->fault != LIBUSB_TRANSFER_COMPLETED)
        return 0;
    part -= part % PACKET_MOST;
    submit(slot, USB_OUT, (uint8_t *)(uintptr_t)data, part);
    link->next_out = (link->next_out + 1) % OUT_TRANSFERS;
    return part;
}

size_t usb_link_send(struct usb_link *link, const uint8_t *data, size_t size, bool lasting)
{
    struct slot *slot = &link->out[link->next_out];

    if (slot->in_flight || link->fault != LIBUSB_TRANSFER_COMPLETED)
        return 0;
    if (lasting && size > OUT_COPIED)
        return send_lasting(link, data, size);
    return send_copied(link, data, smaller(size, OUT_COPIED - slot->filled));
}

/* A transfer that failed is the last to be looked at: what came after it has no
 * place in the stream. */
size_t usb_link_receive(struct usb_link *link, uint8_t *data, size_t size)
{
    size_t received = 0;

    while (received < size) {
        struct slot *slot = &link->in[link->next_in];
        if (slot->in_flight || slot->transfer->status != LIBUSB_TRANSFER_COMPLETED)
            break;
        size_t there = (size_t)slot->transfer->actual_length - slot->taken;
        size_t part = smaller(size - received, there);
        memcpy(data + received, slot->buffer + slot->taken, part);
        slot->taken += part;
        received += part;
        if (part < there)
            break;
        if (link->fault != LIBUSB_TRANSFER_COMPLETED)
            break;
        listen(slot);
        link->next_in = (link->next_in + 1) % IN_TRANSFERS;
    }
    return received;
}

bool usb_link_work(struct usb_link *link, int ms)
{
    struct timeval slice = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

    link->moved = false;
    int code = libusb_handle_events_timeout_completed(link->board->context, &slice, NULL);
    if (code == LIBUSB_ERROR_NO_DEVICE)
        fail(link, LIBUSB_TRANSFER_NO_DEVICE);
    return link->moved;
}

void usb_link_restart(struct usb_link *link)
{
    cancel_all(link);
    if (link->fault == LIBUSB_TRANSFER_NO_DEVICE)
        return;
    int code = usb_board_restart(link->board);
    link->fault = code == 0                        ? LIBUSB_TRANSFER_COMPLETED
                  : code == LIBUSB_ERROR_NO_DEVICE ? LIBUSB_TRANSFER_NO_DEVICE
                                                   : LIBUSB_TRANSFER_ERROR;
    link->next_out = 0;
    listen_all(link);
}
