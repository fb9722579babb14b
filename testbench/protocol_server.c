/* SPDX-License-Identifier: Apache-2.0 */
#include "testbench/protocol_server.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/little_endian.h"
#include "gen/mill/fingerprint.h"
#include "gen/op/reference.h"

enum { LANES = 16, BUS_BITS = 64, CRC_AT = 20 /* in the tape's last line */ };

bool protocol_server_open(struct protocol_server *server, const struct mill *mill,
                          struct error *err)
{
    *server = (struct protocol_server){.mill = mill, .loadable = true};
    server->memory = calloc(mill->tape_size, 1);
    server->logits = calloc((size_t)SERVER_COLUMNS * mill->shape.vocab, sizeof *server->logits);
    server->reference = reference_open(mill, SERVER_COLUMNS, err);
    if (server->memory && server->logits && server->reference)
        return true;
    if (server->reference)
        error_set(err, ERROR_FAILED, "out of memory");
    protocol_server_close(server);
    return false;
}

void protocol_server_close(struct protocol_server *server)
{
    reference_close(server->reference);
    free(server->memory);
    free(server->logits);
}

bool protocol_server_restart(struct protocol_server *server, struct error *err)
{
    memset(server->memory, 0, server->mill->tape_size);
    server->tape_state = TAPE_UNKNOWN;
    server->streaming = false;
    reference_close(server->reference);
    server->reference = reference_open(server->mill, SERVER_COLUMNS, err);
    return server->reference != NULL;
}

size_t protocol_server_reply_room(const struct protocol_server *server)
{
    const struct run_request logits = {.result = RESULT_LOGITS, .count = SERVER_COLUMNS};
    const struct run_request top = {.result = RESULT_TOP, .count = SERVER_COLUMNS};
    uint32_t vocab = server->mill->shape.vocab;

    return result_bytes(&logits, vocab, 0) + result_bytes(&top, vocab, SERVER_TOP_K) +
           IDENTITY_BYTES + FRAME_OVERHEAD;
}

static size_t refuse(uint8_t tag, enum refusal reason, uint8_t *reply)
{
    reply[FRAME_HEAD] = (uint8_t)reason;
    return frame_seal(reply, FRAME_REFUSAL, tag, 1);
}

/* The token whose embedding came, and the position whose RoPE row did. */
static bool take_column(struct protocol_server *server, const struct frame *frame)
{
    const struct mill *mill = server->mill;
    const struct mill_shape *shape = &mill->shape;
    size_t row = shape->head_dim * sizeof(int16_t), size = shape->dim * sizeof(int16_t);
    uint16_t c = load_u16(frame->payload);
    uint32_t position = load_u32(frame->payload + 4);
    const uint8_t *rope = frame->payload + 8;
    bool found = false;

    if (c >= SERVER_COLUMNS || position >= shape->max_seq ||
        memcmp(rope, mill->rope + (size_t)position * shape->head_dim, row) != 0)
        return false;
    int16_t *expected = malloc(size);
    for (uint32_t token = 0; expected && !found && token < shape->vocab; token++) {
        mill_embedding(mill, token, expected);
        found = memcmp(expected, rope + row, size) == 0;
        if (found)
            server->column[c] = (struct pass_column){token, position};
    }
    free(expected);
    return found;
}

static uint8_t *put(uint8_t *at, uint32_t value)
{
    store_u32(at, value);
    return at + 4;
}

static uint32_t integer(const struct mill *mill, float logit)
{
    return (uint32_t)(int32_t)(logit * (float)(1 << mill->logit_fraction));
}

static uint8_t *put_results(const struct mill *mill, const struct run_request *run,
                            const struct pass_output *output, uint8_t *at)
{
    uint32_t vocab = mill->shape.vocab;

    for (uint32_t i = 0; run->result == RESULT_TOP && i < (uint32_t)run->count * SERVER_TOP_K;
         i++) {
        at = put(at, output->top[i].token);
        at = put(at, integer(mill, output->top[i].logit));
    }
    for (uint32_t token = 0; run->result == RESULT_LOGITS && token < vocab; token++) {
        for (uint32_t c = 0; c < run->count; c++)
            at = put(at, integer(mill, output->logits[(size_t)c * vocab + token]));
    }
    return at;
}

static bool run_possible(const struct run_request *run)
{
    return run->count > 0 && run->count <= SERVER_COLUMNS && run->slot < SERVER_COLUMNS;
}

/* A pass's reply; 0 where the reference finds a fault.  Whatever its status is to be, it
 * has been run: a device's state may be a step further. */
static size_t run(struct protocol_server *server, const struct run_request *request,
                  enum run_status status, uint8_t tag, uint8_t *reply)
{
    struct candidate top[SERVER_COLUMNS * SERVER_TOP_K];
    struct pass_output output = {server->logits, top};
    struct error err;

    struct pass pass = {request->mode, request->result, request->slot, request->count,
                        server->column};
    if (!reference_run(server->reference, &pass, SERVER_TOP_K, &output, &err))
        return refuse(tag, REFUSED_ARGUMENT, reply);
    server->runs++;

    uint8_t *payload = reply + FRAME_HEAD;
    uint8_t *at = put(payload, (uint32_t)request->result << 8 | (uint32_t)request->count << 16);
    at = put_results(server->mill, request, &output, at);
    for (uint32_t i = 0; i < 6; i++)
        at = put(at, SERVER_CYCLES + i);
    *at++ = (uint8_t)status;
    return frame_seal(reply, FRAME_REPLY | FRAME_RUN, tag, (uint32_t)(at - payload));
}

static size_t begin_pass(struct protocol_server *server, const struct frame *frame, uint8_t *reply)
{
    struct run_request request;

    if (!run_decode(frame, &request) || !run_possible(&request))
        return refuse(frame->tag, REFUSED_ARGUMENT, reply);
    if (!request.streams && server->tape_state != TAPE_GOOD)
        return refuse(frame->tag, REFUSED_TAPE, reply);
    if (!request.streams)
        return run(server, &request, server->run_status, frame->tag, reply);
    server->streaming = true;
    server->pass = request;
    server->pass_tag = frame->tag;
    server->next_line = 0;
    server->streams++;
    return 0;
}

static size_t end_pass(struct protocol_server *server, enum run_status status, uint8_t *reply)
{
    server->streaming = false;
    return run(server, &server->pass, status, server->pass_tag, reply);
}

/* The next lines of the tape, or what breaks it. */
static size_t take_lines(struct protocol_server *server, const struct frame *frame, uint8_t *reply)
{
    size_t lines = (frame->length - LOAD_HEAD) / TAPE_LINE;
    size_t at = (size_t)server->next_line * TAPE_LINE, left = server->mill->tape_size - at;

    if (load_u32(frame->payload) != server->next_line || lines * TAPE_LINE > left ||
        memcmp(frame->payload + LOAD_HEAD, server->mill->tape + at, lines * TAPE_LINE) != 0)
        return end_pass(server, RUN_BROKEN, reply);
    server->next_line += (uint32_t)lines;
    return lines * TAPE_LINE == left ? end_pass(server, server->run_status, reply) : 0;
}

static size_t identify(const struct protocol_server *server, uint8_t *payload)
{
    const struct mill *mill = server->mill;
    uint32_t lines = (uint32_t)(mill->tape_size / TAPE_LINE);
    const struct identity identity = {
        .version = PROTOCOL_VERSION,
        .columns = SERVER_COLUMNS,
        .lanes = LANES,
        .top_k = SERVER_TOP_K,
        .vocab = mill->shape.vocab,
        .max_seq = mill->shape.max_seq,
        .tape_lines = lines,
        .tape_crc = load_u32(server->memory + mill->tape_size - TAPE_LINE + CRC_AT),
        .dim = mill->shape.dim,
        .head_dim = (uint16_t)mill->shape.head_dim,
        .tape_bus_bits = BUS_BITS,
        .memory_lines = server->loadable ? lines - server->lines_short : 0,
        .fingerprint = mill_fingerprint(mill),
        .tape_state = (uint8_t)server->tape_state,
        .streams = 1,
        .board = "software",
    };
    return identity_encode(&identity, payload);
}

static bool load(struct protocol_server *server, const struct frame *frame)
{
    size_t at = (size_t)load_u32(frame->payload) * TAPE_LINE;
    size_t size = frame->length - LOAD_HEAD;

    if (at > server->mill->tape_size || size > server->mill->tape_size - at)
        return false;
    memcpy(server->memory + at, frame->payload + LOAD_HEAD, size);
    server->tape_state = TAPE_UNKNOWN;
    server->loads++;
    return true;
}

static void verify(struct protocol_server *server)
{
    size_t end = server->mill->tape_size - TAPE_LINE;
    uint32_t crc = (uint32_t)crc32_z(0, server->memory, end);
    server->tape_state = crc == load_u32(server->memory + end + CRC_AT) ? TAPE_GOOD : TAPE_BAD_CRC;
}

static bool length_fits(const struct protocol_server *server, const struct frame *frame)
{
    const struct mill_shape *shape = &server->mill->shape;

    switch (frame->type) {
    case FRAME_COLUMN:
        return frame->length == column_bytes(shape->head_dim, shape->dim);
    case FRAME_RUN:
        return frame->length == RUN_REQUEST_BYTES;
    case FRAME_LOAD:
    case FRAME_STREAM:
        return frame->length > LOAD_HEAD && (frame->length - LOAD_HEAD) % TAPE_LINE == 0;
    default:
        return frame->length == 0;
    }
}

/* Why the request is refused before anything is done; 0: it is not. */
static enum refusal objection(const struct protocol_server *server, const struct frame *frame)
{
    if (frame->type < FRAME_IDENTIFY || frame->type > FRAME_STREAM)
        return REFUSED_TYPE;
    if (!length_fits(server, frame))
        return REFUSED_LENGTH;
    if (frame->type == FRAME_LOAD && !server->loadable)
        return REFUSED_MEMORY;
    return 0;
}

void protocol_server_begin(struct protocol_server *server)
{
    server->streaming = false;
}

size_t protocol_server_damaged(struct protocol_server *server, uint8_t tag, uint8_t *reply)
{
    return server->streaming ? end_pass(server, RUN_BROKEN, reply)
                             : refuse(tag, REFUSED_CRC, reply);
}

/* Outside of a pass that takes a tape. */
static size_t answer(struct protocol_server *server, const struct frame *request, uint8_t *reply)
{
    uint8_t *payload = reply + FRAME_HEAD;
    enum refusal refusal = objection(server, request);
    size_t length = 0;
    bool good = true;

    if (refusal != 0)
        return refuse(request->tag, refusal, reply);
    if (request->type == FRAME_STREAM)
        return 0;
    if (request->type == FRAME_RUN)
        return begin_pass(server, request, reply);
    if (request->type == FRAME_VERIFY)
        verify(server);
    if (request->type == FRAME_IDENTIFY || request->type == FRAME_VERIFY)
        length = identify(server, payload);
    if (request->type == FRAME_LOAD)
        good = load(server, request);
    if (request->type == FRAME_COLUMN)
        good = take_column(server, request);
    if (!good)
        return refuse(request->tag, REFUSED_ARGUMENT, reply);
    return frame_seal(reply, FRAME_REPLY | request->type, request->tag, (uint32_t)length);
}

size_t protocol_server_answer(struct protocol_server *server, const struct frame *request,
                              uint8_t *reply)
{
    size_t size = 0;

    if (server->streaming && request->type == FRAME_STREAM && length_fits(server, request))
        return take_lines(server, request, reply);
    if (server->streaming)
        size = end_pass(server, RUN_BROKEN, reply);
    return size + answer(server, request, reply + size);
}
