/* SPDX-License-Identifier: Apache-2.0 */
/* A tape on its way to a pass that takes it from the host: STREAM frames of
 * host/protocol.h, one piece after the other, the lines from where they lie. */
#ifndef MILLRACE_HOST_TAPE_STREAM_H
#define MILLRACE_HOST_TAPE_STREAM_H

#include "host/protocol.h"
#include "host/transport.h"

/* All 0: nothing is to be sent. */
struct tape_stream {
    const uint8_t *tape;  /* [lines], borrowed */
    uint32_t lines, most; /* of the tape, and of one frame */
    uint32_t line;        /* that the next frame begins with */
    uint32_t frame_lines; /* of the frame in work */
    int next;             /* piece of it: its head, its lines, its CRC */
    uint8_t frame[LOAD_HEAD + FRAME_OVERHEAD]; /* of it, but for the lines */
    struct transport_piece unsent;             /* of the piece in work */
};

/* From the tape's first line on, in frames of at most `most` lines, 1..LOAD_LINES.
 * The tape lasts as a transport's pieces do. */
void tape_stream_begin(struct tape_stream *stream, const uint8_t *tape, uint32_t lines,
                       uint32_t most);

/* See to it that stream->unsent is what goes next; it is empty once all has gone. */
void tape_stream_advance(struct tape_stream *stream);

#endif
