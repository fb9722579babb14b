/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What host and a picture design say to each other: frames as in host/protocol.h,
 * and of its requests IDENTIFY alone.
 *
 *     request        payload
 *     0x01 IDENTIFY  none
 *     0x10 PICTURE   u16 width, u16 height, u16 groups of columns in a row, u8 subnet
 *                    (0 bilinear, 1 half, 2 full), u8 0: a picture begins, the one
 *                    before is forgotten
 *     0x11 ROW       a row of the picture, pixel by pixel, a byte for each channel; or
 *                    none once the picture is over
 *
 *     reply          payload
 *     0x81 IDENTIFY  u16 version (3), u16 columns, u16 lanes of a column, u16 width of
 *                    the longest row, u16 scale, u16 channels, u16 has subnets, u8 lag,
 *                    u8 lag of the bilinear subnet, u32 fingerprint, u48 cycles and
 *                    u48 beats since the picture began, u16 0, u8 board[12]
 *     0x90 PICTURE   none
 *     0x91 ROW       what the row before it, or the request without one, has made: none
 *                    or the pixels of one row: for each of `scale` rows, each channel,
 *                    a line of bytes
 *
 * The pixels of row y are made by the ROW request y + lag, and come with the reply to
 * the next.  A ROW that is refused had no effect; one whose reply is lost cannot be
 * sent again: the picture has to begin anew.
 */
#ifndef MILLRACE_HOST_IMAGE_PICTURE_PROTOCOL_H
#define MILLRACE_HOST_IMAGE_PICTURE_PROTOCOL_H

#include "host/protocol.h"

enum {
    FRAME_PICTURE = 0x10,
    FRAME_ROW = 0x11,
    PICTURE_PROTOCOL_VERSION = 3,
    PICTURE_REQUEST_BYTES = 8,
    PICTURE_IDENTITY_BYTES = 46,
};

struct picture_identity {
    uint16_t version, columns, lanes, row_pixels, scale, channels, selective;
    uint8_t lag, anchor_lag;
    uint32_t fingerprint;
    uint64_t cycles, beats;
    char board[13]; /* ends in 0 */
};

bool picture_identity_decode(const struct frame *frame, struct picture_identity *identity);

size_t picture_request_encode(uint16_t width, uint16_t height, uint16_t groups, uint8_t subnet,
                              uint8_t payload[PICTURE_REQUEST_BYTES]);

#endif
