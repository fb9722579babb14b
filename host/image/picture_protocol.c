/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/picture_protocol.h"

#include <string.h>

#include "base/little_endian.h"

static uint64_t load_u48(const uint8_t *at)
{
    return load_u32(at) | (uint64_t)load_u16(at + 4) << 32;
}

bool picture_identity_decode(const struct frame *frame, struct picture_identity *id)
{
    const uint8_t *at = frame->payload;

    if (frame->type != (FRAME_REPLY | FRAME_IDENTIFY) || frame->length != PICTURE_IDENTITY_BYTES)
        return false;
    *id = (struct picture_identity){
        .version = load_u16(at),
        .columns = load_u16(at + 2),
        .lanes = load_u16(at + 4),
        .row_pixels = load_u16(at + 6),
        .scale = load_u16(at + 8),
        .channels = load_u16(at + 10),
        .selective = at[12] != 0,
        .tile_bits = at[13],
        .lag = at[14],
        .anchor_lag = at[15],
        .fingerprint = load_u32(at + 16),
        .cycles = load_u48(at + 20),
        .beats = load_u48(at + 26),
        .side = at[32],
        .edges = at[33] != 0,
    };
    memcpy(id->board, at + 34, sizeof id->board - 1);
    return true;
}

size_t picture_request_encode(const struct picture_request *request,
                              uint8_t payload[PICTURE_REQUEST_BYTES])
{
    store_u16(payload, request->width);
    store_u16(payload + 2, request->height);
    store_u16(payload + 4, request->groups);
    payload[6] = request->subnet;
    payload[7] = request->edges;
    store_u16(payload + 8, request->first);
    store_u16(payload + 10, request->whole);
    return PICTURE_REQUEST_BYTES;
}

size_t scores_request_encode(const struct scores_request *request,
                             uint8_t payload[PICTURE_REQUEST_BYTES])
{
    store_u16(payload, request->width);
    store_u16(payload + 2, request->height);
    store_u32(payload + 4, request->threshold[0]);
    store_u32(payload + 8, request->threshold[1]);
    return PICTURE_REQUEST_BYTES;
}

struct patch_score patch_score_decode(const uint8_t from[PATCH_SCORE_BYTES])
{
    return (struct patch_score){from[0] | (uint32_t)load_u16(from + 1) << 8, from[3]};
}
