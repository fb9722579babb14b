/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What host and a picture design say to each other: frames as in host/protocol.h,
 * and of its requests IDENTIFY alone.
 *
 *     request        payload
 *     0x01 IDENTIFY  none
 *     0x10 PICTURE   u16 width, u16 height, u16 groups of columns in a row, u8 subnet
 *                    (0 bilinear, 1 half, 2 full), u8 edges (1: they come from the strip
 *                    before, 2: they are kept for the next), u16 the pixel that the strip
 *                    begins with, u16 width of the whole picture: a picture or a strip
 *                    begins, the one before is forgotten but for its edges
 *     0x11 ROW       a row of the picture, pixel by pixel, a byte for each channel; or
 *                    none once the picture is over
 *     0x12 SCORES    u16 width, u16 height, u32 threshold of the half and u32 of the full
 *                    subnet: a picture begins whose patches' edges are scored; a design
 *                    that scores none refuses it
 *
 *     reply          payload
 *     0x81 IDENTIFY  u16 version (5), u16 columns, u16 lanes of a column, u16 width of
 *                    the longest row, u16 scale, u16 channels, u8 has subnets, u8 log2 of
 *                    the side of the patches that it scores, 0 for none; u8 lag,
 *                    u8 lag of the bilinear subnet, u32 fingerprint, u48 cycles and
 *                    u48 beats since the picture began, u8 side, u8 keeps edges,
 *                    u8 board[12]
 *     0x90 PICTURE   none
 *     0x91 ROW       what the row before it, or the request without one, has made: none
 *                    or the pixels of one row: for each of `scale` rows, each channel,
 *                    a line of bytes; or the scores of a row of patches, of each u24 the
 *                    sum of |Laplacian| (host/image/edge_score.h), u8 the subnet that the
 *                    thresholds choose
 *     0x92 SCORES    none
 *
 * A design that keeps edges takes a picture in strips from left to right, of its longest
 * row's width but for the last. The pixels of a strip lie `side` to the left of the strip; so
 * the last strip goes as far beyond the picture. A row begins with the pixels before the
 * strip that the resized picture needs (picture_context), whatever they are where there are
 * none, as there are none beyond the picture.
 *
 * The pixels of row y are made by the ROW request y + lag, and come with the reply to
 * the next; row y of one that is scored by the ROW request y + 1, and it brings scores where
 * it is the last of a row of patches.  A ROW that is refused had no effect; one whose reply is lost
 * cannot be sent again: the picture has to begin anew.
 */
#ifndef MILLRACE_HOST_IMAGE_PICTURE_PROTOCOL_H
#define MILLRACE_HOST_IMAGE_PICTURE_PROTOCOL_H

#include "host/image/edge_score.h"
#include "host/protocol.h"

enum {
    FRAME_PICTURE = 0x10,
    FRAME_ROW = 0x11,
    FRAME_SCORES = 0x12,
    PICTURE_PROTOCOL_VERSION = 5,
    PICTURE_REQUEST_BYTES = 12,
    PICTURE_IDENTITY_BYTES = 46,
    PATCH_SCORE_BYTES = 4,
};

struct picture_identity {
    uint16_t version, columns, lanes, row_pixels, scale, channels;
    bool selective;
    uint8_t tile_bits, lag, anchor_lag, side;
    bool edges;
    uint32_t fingerprint;
    uint64_t cycles, beats;
    char board[13]; /* ends in 0 */
};

bool picture_identity_decode(const struct frame *frame, struct picture_identity *identity);

enum { PICTURE_EDGES_COME = 1, PICTURE_EDGES_GO = 2 };

struct picture_request {
    uint16_t width, height, groups;
    uint8_t subnet, edges;
    uint16_t first, whole; /* the strip's first pixel, the picture's width */
};

size_t picture_request_encode(const struct picture_request *request,
                              uint8_t payload[PICTURE_REQUEST_BYTES]);

struct scores_request {
    uint16_t width, height;
    uint32_t threshold[2];
};

size_t scores_request_encode(const struct scores_request *request,
                             uint8_t payload[PICTURE_REQUEST_BYTES]);

struct patch_score patch_score_decode(const uint8_t from[PATCH_SCORE_BYTES]);

#endif
