/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tape_stream.h"

#include "gen/mill/tape.h"

/* What of a frame comes next: all of it, or what follows its head. */
enum { FRAME, LINES, CHECKSUM };

void tape_stream_begin(struct tape_stream *stream, const uint8_t *tape, uint32_t lines,
                       uint32_t most)
{
    *stream = (struct tape_stream){.tape = tape, .lines = lines, .most = most};
}

static void begin_frame(struct tape_stream *s)
{
    uint32_t left = s->lines - s->line;

    s->frame_lines = left < s->most ? left : s->most;
    load_encode(s->line, s->frame + FRAME_HEAD);
    frame_seal_around(s->frame, FRAME_STREAM, 0, LOAD_HEAD, s->tape + (size_t)s->line * TAPE_LINE,
                      s->frame_lines * TAPE_LINE);
}

void tape_stream_advance(struct tape_stream *s)
{
    if (s->unsent.size > 0 || s->line == s->lines)
        return;
    switch (s->next) {
    case FRAME:
        begin_frame(s);
        s->unsent = (struct transport_piece){s->frame, FRAME_HEAD + LOAD_HEAD, false};
        s->next = LINES;
        break;
    case LINES:
        s->unsent = (struct transport_piece){s->tape + (size_t)s->line * TAPE_LINE,
                                             (size_t)s->frame_lines * TAPE_LINE, true};
        s->next = CHECKSUM;
        break;
    default:
        s->unsent = (struct transport_piece){s->frame + FRAME_HEAD + LOAD_HEAD,
                                             FRAME_OVERHEAD - FRAME_HEAD, false};
        s->line += s->frame_lines;
        s->next = FRAME;
    }
}
