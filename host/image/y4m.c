/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/y4m.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line without its end, of fewer than Y4M_LINE bytes; *end where nothing is left. */
static bool read_line(FILE *file, char line[Y4M_LINE], const char *name, bool *end,
                      struct error *err)
{
    size_t length = 0;
    int c;

    while ((c = getc(file)) != EOF && c != '\n') {
        if (length + 1 == Y4M_LINE || c == '\0')
            return error_set(err, ERROR_INPUT, "%s: a line that is too long, or no text", name);
        line[length++] = (char)c;
    }
    line[length] = '\0';
    *end = c == EOF && length == 0;
    if (c == EOF && length > 0)
        return error_set(err, ERROR_INPUT, "%s: the file ends in a line", name);
    return true;
}

static bool read_side(const char *text, uint32_t *side)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *side = (uint32_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value >= 1 &&
           value <= PICTURE_SIDE_MAX;
}

/* What the colour space means; those with more than 8 bits are not read. */
static bool read_colours(const char *text, struct y4m_stream *s)
{
    static const struct {
        const char *name;
        uint32_t x, y;
    } known[] = {{"420", 2, 2}, {"420jpeg", 2, 2}, {"420mpeg2", 2, 2}, {"420paldv", 2, 2},
                 {"422", 2, 1}, {"444", 1, 1},     {"mono", 0, 0}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, text) == 0) {
            s->chroma_x = known[i].x;
            s->chroma_y = known[i].y;
            return true;
        }
    return false;
}

static bool read_parameter(struct y4m_stream *s, const char *word, const char *name,
                           struct error *err)
{
    bool known = true;

    if (word[0] == 'W')
        known = read_side(word + 1, &s->width);
    else if (word[0] == 'H')
        known = read_side(word + 1, &s->height);
    else if (word[0] == 'C')
        known = read_colours(word + 1, s);
    else if (word[0] == 'I')
        known = strcmp(word, "Ip") == 0 || strcmp(word, "I?") == 0;
    if (!known)
        return error_set(err, ERROR_INPUT, "%s: parameter %.40s is not read", name, word);
    if (word[0] != 'W' && word[0] != 'H') {
        size_t at = strlen(s->parameters);
        snprintf(s->parameters + at, sizeof s->parameters - at, " %s", word);
    }
    return true;
}

bool y4m_read_stream(struct y4m_stream *s, FILE *file, const char *name, struct error *err)
{
    char line[Y4M_LINE], *next;
    bool end;

    *s = (struct y4m_stream){.chroma_x = 2, .chroma_y = 2};
    if (!read_line(file, line, name, &end, err))
        return false;
    if (end || strncmp(line, "YUV4MPEG2 ", 10) != 0)
        return error_set(err, ERROR_INPUT, "%s: not a Y4M file", name);
    for (char *word = strtok_r(line + 10, " ", &next); word; word = strtok_r(NULL, " ", &next))
        if (!read_parameter(s, word, name, err))
            return false;
    if (!s->width || !s->height || (uint64_t)s->width * s->height > PICTURE_PIXELS_MAX)
        return error_set(err, ERROR_INPUT, "%s: frames of %u x %u pixels", name, s->width,
                         s->height);
    return true;
}

void y4m_free_frame(struct y4m_frame *frame)
{
    planes_free(&frame->luma);
    planes_free(&frame->chroma);
}

bool y4m_alloc_frame(const struct y4m_stream *s, struct y4m_frame *frame, struct error *err)
{
    *frame = (struct y4m_frame){0};
    if (!planes_alloc(&frame->luma, s->width, s->height, 1, err))
        return false;
    if (s->chroma_x == 0 || planes_alloc(&frame->chroma, (s->width + s->chroma_x - 1) / s->chroma_x,
                                         (s->height + s->chroma_y - 1) / s->chroma_y, 2, err))
        return true;
    y4m_free_frame(frame);
    return false;
}

static bool read_planes(struct planes *planes, FILE *file)
{
    size_t count = (size_t)planes->channels * planes->height * planes->width;
    uint8_t *bytes = malloc(count + 1);
    bool ok = bytes && fread(bytes, 1, count, file) == count;

    for (size_t i = 0; ok && i < count; i++)
        planes->value[i] = bytes[i];
    free(bytes);
    return ok;
}

bool y4m_read_frame(const struct y4m_stream *s, FILE *file, const char *name,
                    struct y4m_frame *frame, bool *end, struct error *err)
{
    char line[Y4M_LINE] = "";

    *frame = (struct y4m_frame){0};
    if (!read_line(file, line, name, end, err))
        return false;
    if (*end)
        return true;
    if (strncmp(line, "FRAME", 5) != 0 || (line[5] != '\0' && line[5] != ' '))
        return error_set(err, ERROR_INPUT, "%s: no frame where one begins", name);
    if (!y4m_alloc_frame(s, frame, err))
        return false;
    if (read_planes(&frame->luma, file) && read_planes(&frame->chroma, file))
        return true;
    y4m_free_frame(frame);
    return error_set(err, ERROR_INPUT, "%s: the file ends in a frame", name);
}

static bool written(bool ok, const char *name, struct error *err)
{
    return ok || error_set(err, ERROR_FAILED, "%s: %s", name, strerror(errno));
}

bool y4m_write_stream(const struct y4m_stream *s, FILE *file, const char *name, struct error *err)
{
    return written(fprintf(file, "YUV4MPEG2 W%u H%u%s\n", s->width, s->height, s->parameters) > 0,
                   name, err);
}

static bool write_planes(const struct planes *planes, FILE *file)
{
    size_t count = (size_t)planes->channels * planes->height * planes->width;

    for (size_t i = 0; i < count; i++)
        if (putc((uint8_t)to_byte(planes->value[i]), file) == EOF)
            return false;
    return true;
}

bool y4m_write_frame(const struct y4m_frame *frame, FILE *file, const char *name, struct error *err)
{
    return written(fputs("FRAME\n", file) >= 0 && write_planes(&frame->luma, file) &&
                       write_planes(&frame->chroma, file),
                   name, err);
}
