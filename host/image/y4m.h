/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw video as YUV4MPEG2 (mjpegtools, yuv4mpeg(5)): a line with the stream's
 * parameters, then frames of a line and planes of bytes.  8 bits a sample; 4:2:0,
 * 4:2:2, 4:4:4 and grey.
 */
#ifndef MILLRACE_HOST_IMAGE_Y4M_H
#define MILLRACE_HOST_IMAGE_Y4M_H

#include <stdio.h>

#include "host/image/planes.h"

enum { Y4M_LINE = 1024 };

struct y4m_stream {
    uint32_t width, height;
    uint32_t chroma_x, chroma_y; /* luma pixels to one of chroma; 0: there is none */
    char parameters[Y4M_LINE];   /* all but the size, as " F25:1 C420" */
};

/* A frame: luma, and chroma of its own size. */
struct y4m_frame {
    struct planes luma, chroma; /* 1 channel, and 2 or none */
};

/* Read the first line.  `name` is for messages. */
bool y4m_read_stream(struct y4m_stream *stream, FILE *file, const char *name, struct error *err);

/* Allocate and read the next frame; *end is true where there is none. */
bool y4m_read_frame(const struct y4m_stream *stream, FILE *file, const char *name,
                    struct y4m_frame *frame, bool *end, struct error *err);

bool y4m_alloc_frame(const struct y4m_stream *stream, struct y4m_frame *frame, struct error *err);
void y4m_free_frame(struct y4m_frame *frame);

/* Write the first line, or a frame, rounded to bytes. */
bool y4m_write_stream(const struct y4m_stream *stream, FILE *file, const char *name,
                      struct error *err);
bool y4m_write_frame(const struct y4m_frame *frame, FILE *file, const char *name,
                     struct error *err);

#endif
