/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/picture_device.h"

#include <stdlib.h>
#include <string.h>

#include "gen/fit/board.h"
#include "gen/image/picture_strip.h"
#include "gen/verilog/emit_picture.h"
#include "host/device_backend.h"
#include "host/exchange.h"
#include "host/image/picture_protocol.h"
#include "host/transport_sim.h"
#include "host/usb/transport_usb.h"

enum {
    ROWS_MOST = 32767,
    CONTEXT_MOST = 256, /* an identity's u8, and what the resize reaches */
    REOPEN_MS = 30000,  /* for a board that was unplugged to be there again */
};

struct picture_device {
    struct picture_device_info info;
    struct picture_identity identity;
    struct picture_program program;
    const struct image_network *network; /* borrowed */
    struct exchange exchange;
};

static enum outcome identify(struct picture_device *d, struct error *err)
{
    struct frame frame;

    enum outcome outcome = exchange_ask_often(&d->exchange, FRAME_IDENTIFY, 0,
                                              PICTURE_IDENTITY_BYTES, PATIENCE_MS, &frame, err);
    if (outcome != ANSWERED)
        return outcome;
    if (picture_identity_decode(&frame, &d->identity) &&
        d->identity.version == PICTURE_PROTOCOL_VERSION)
        return ANSWERED;
    error_set(err, ERROR_FAILED, "the device is no picture design of this version");
    return LOST;
}

/* Whether the design was made for this network. */
static bool check_network(struct picture_device *d, struct integer_network *network,
                          struct error *err)
{
    const struct picture_identity *id = &d->identity;
    struct picture_design design = {id->lanes, id->columns, 0, id->edges};

    d->network = &network->network;

    if (id->columns)
        design.groups = id->row_pixels / id->columns;
    return picture_program_make(&d->program, network, &design, err) &&
           (picture_fingerprint(&d->program) == id->fingerprint ||
            error_set(err, ERROR_INPUT, "the design was made for another network than %s",
                      network->network.name));
}

static bool allocate(struct picture_device *d, struct error *err)
{
    const struct picture_identity *id = &d->identity;
    size_t pixels = (size_t)id->row_pixels * id->channels;
    const struct board *board = board_find(id->board);

    d->info = (struct picture_device_info){.columns = id->columns,
                                           .lanes = (uint32_t)id->columns * id->lanes,
                                           .row_pixels = id->row_pixels,
                                           .edges = id->edges,
                                           .tile = id->tile_bits ? 1U << id->tile_bits : 0,
                                           .clock_hz = board ? board->defaults.clock_hz : 0,
                                           .side = id->side};
    free(d->exchange.request);
    free(d->exchange.reply);
    d->exchange.reply_room = pixels * id->scale * id->scale + FRAME_OVERHEAD;
    size_t scores = (size_t)id->row_pixels * PATCH_SCORE_BYTES + FRAME_OVERHEAD;
    if (d->exchange.reply_room < PICTURE_IDENTITY_BYTES + FRAME_OVERHEAD)
        d->exchange.reply_room = PICTURE_IDENTITY_BYTES + FRAME_OVERHEAD;
    if (d->info.tile && d->exchange.reply_room < scores)
        d->exchange.reply_room = scores;
    d->exchange.request = malloc(pixels + (size_t)CONTEXT_MOST * id->channels +
                                 PICTURE_REQUEST_BYTES + FRAME_OVERHEAD);
    d->exchange.reply = malloc(d->exchange.reply_room);
    return (d->exchange.request && d->exchange.reply) ||
           error_set(err, ERROR_FAILED, "out of memory for the device");
}

/* The device behind `transport`, which is closed with it, and also where this fails. */
static struct picture_device *open_behind(struct transport *transport,
                                          struct integer_network *network, struct error *err)
{
    struct picture_device *d = calloc(1, sizeof *d);

    if (!d) {
        transport->ops->close(transport);
        error_set(err, ERROR_FAILED, "out of memory for the device");
        return NULL;
    }
    d->exchange.transport = transport;
    /* Rows of one pixel, until it is known what it is. */
    d->identity = (struct picture_identity){.row_pixels = 1, .channels = 1, .scale = 1};
    if (allocate(d, err) && identify(d, err) == ANSWERED && check_network(d, network, err) &&
        allocate(d, err))
        return d;
    picture_device_close(d);
    return NULL;
}

struct picture_device *picture_device_open(const char *name, struct integer_network *network,
                                           struct error *err)
{
    static const char sim[] = "sim:", usb[] = "usb:";
    struct transport *transport = NULL;

    if (strncmp(name, sim, strlen(sim)) == 0) {
        const char *folder = name + strlen(sim);
        if (device_sim_build(folder, err))
            transport = transport_sim_open(folder, "./sim", err);
    } else if (strcmp(name, "usb") == 0 || strncmp(name, usb, strlen(usb)) == 0) {
        transport = transport_usb_open(name[3] ? name + strlen(usb) : "", err);
    } else {
        error_set(err, ERROR_INPUT,
                  "--device: %s; image networks run on float, ref, sim:DIR or usb[:SERIAL]", name);
    }
    return transport ? open_behind(transport, network, err) : NULL;
}

void picture_device_close(struct picture_device *d)
{
    d->exchange.transport->ops->close(d->exchange.transport);
    free(d->exchange.request);
    free(d->exchange.reply);
    free(d);
}

const struct picture_program *picture_device_program(const struct picture_device *device)
{
    return &device->program;
}

const struct picture_device_info *picture_device_info(const struct picture_device *device)
{
    return &device->info;
}

/* Row y of the strip with what is before it, or nothing behind the last. */
static size_t put_row(const struct picture_device *d, const struct image_tensor *in,
                      const struct picture_strip *strip, uint32_t y, uint8_t *payload)
{
    uint32_t context = picture_context(&d->program);
    uint8_t *to = payload;

    for (uint32_t i = 0; y < in->height && i < context + strip->width; i++)
        for (uint32_t c = 0; c < in->channels; c++) {
            int64_t x = (int64_t)strip->first + i - context;
            bool inside = x >= 0 && x < in->width;
            *to++ = inside
                        ? (uint8_t)in->whole[((size_t)c * in->height + y) * in->width + (size_t)x]
                        : 0;
        }
    return (size_t)(to - payload);
}

/* The pixels of row y: those that are in the picture. */
static void take_row(const struct picture_device *d, struct image_tensor *out,
                     const struct picture_strip *strip, uint32_t y, const uint8_t *from)
{
    uint32_t scale = d->identity.scale;

    for (uint32_t dy = 0; dy < scale; dy++)
        for (uint32_t c = 0; c < out->channels; c++) {
            int32_t *row =
                out->whole + ((size_t)c * out->height + (size_t)y * scale + dy) * out->width;
            for (uint32_t i = 0; i < strip->width * scale; i++, from++) {
                int64_t x = ((int64_t)strip->first - d->info.side) * scale + i;
                if (x >= 0 && x < out->width)
                    row[x] = *from;
            }
        }
}

static enum outcome begin(struct picture_device *d, enum image_subnet subnet,
                          const struct image_tensor *in, const struct picture_strip *strip,
                          struct error *err)
{
    uint32_t columns = d->identity.columns;
    const struct picture_request request = {
        .width = (uint16_t)strip->width,
        .height = (uint16_t)in->height,
        .groups = (uint16_t)((strip->width + columns - 1) / columns),
        .subnet = (uint8_t)subnet,
        .edges = strip->edges,
        .first = (uint16_t)strip->first,
        .whole = (uint16_t)in->width,
    };
    struct frame frame;
    size_t length = picture_request_encode(&request, d->exchange.request + FRAME_HEAD);

    return exchange_ask(&d->exchange, FRAME_PICTURE, length, 0, PATIENCE_MS, &frame, err);
}

static enum outcome run_strip(struct picture_device *d, enum image_subnet subnet,
                              const struct image_tensor *in, const struct picture_strip *strip,
                              struct image_tensor *out, struct error *err)
{
    uint32_t scale = d->identity.scale;
    uint32_t lag = subnet == SUBNET_BILINEAR ? d->identity.anchor_lag : d->identity.lag;
    size_t made = (size_t)out->channels * strip->width * scale * scale;
    enum outcome outcome = begin(d, subnet, in, strip, err);
    struct frame frame;

    for (uint32_t y = 0; outcome == ANSWERED && y <= in->height + lag; y++) {
        size_t length = put_row(d, in, strip, y, d->exchange.request + FRAME_HEAD);
        outcome = exchange_ask(&d->exchange, FRAME_ROW, length, y > lag ? made : 0,
                               PASS_PATIENCE_MS, &frame, err);
        if (outcome == ANSWERED && y > lag)
            take_row(d, out, strip, y - lag - 1, frame.payload);
    }
    return outcome == ANSWERED ? identify(d, err) : outcome;
}

/* A picture on its way to be made. */
struct making {
    enum image_subnet subnet;
    const struct image_tensor *in;
    struct image_tensor *out;
    struct picture_cycles taken;
};

/* All its strips once: one, where no edges are kept. */
static enum outcome make_once(struct picture_device *d, void *context, struct error *err)
{
    struct making *m = context;
    uint32_t count = picture_strips(&d->program, m->in->width);
    enum outcome outcome = ANSWERED;

    m->taken = (struct picture_cycles){0, 0, 0};
    for (uint32_t i = 0; outcome == ANSWERED && i < count; i++) {
        struct picture_strip strip = picture_strip_at(&d->program, m->in->width, i);
        outcome = run_strip(d, m->subnet, m->in, &strip, m->out, err);
        m->taken.cycles += d->identity.cycles;
        m->taken.beats += d->identity.beats;
    }
    return outcome;
}

/* Whether the board that was lost is there again, with the same design. */
static bool come_back(struct picture_device *d, struct error *err)
{
    const struct transport_ops *ops = d->exchange.transport->ops;
    uint32_t fingerprint = d->identity.fingerprint;

    return ops->reopen && ops->reopen(d->exchange.transport, REOPEN_MS, err) &&
           identify(d, err) == ANSWERED &&
           (d->identity.fingerprint == fingerprint ||
            error_set(err, ERROR_FAILED, "another design is there than before"));
}

/* Do something until it comes to no harm on the way. */
static bool insist(struct picture_device *d,
                   enum outcome (*once)(struct picture_device *d, void *context, struct error *err),
                   void *context, struct error *err)
{
    enum outcome outcome = DAMAGED;

    for (int i = 0; i < ATTEMPTS && outcome != ANSWERED; i++)
        if ((outcome = once(d, context, err)) == LOST && !come_back(d, err))
            return false;
    return outcome == ANSWERED;
}

static bool check_size(uint32_t width, uint32_t most, uint32_t height, struct error *err)
{
    return (width <= most && height <= ROWS_MOST) ||
           error_set(err, ERROR_INPUT, "the device takes no picture of %u x %u pixels", width,
                     height);
}

bool picture_device_run(struct picture_device *d, enum image_subnet subnet,
                        const struct image_tensor *in, struct image_tensor *out, struct error *err)
{
    struct making making = {subnet, in, out, {0, 0, 0}};
    uint32_t most = d->info.edges ? IMAGE_SIDE_MAX : d->info.row_pixels;

    if (!check_size(in->width, most, in->height, err))
        return false;
    struct picture_cycles predicted = picture_cycles_of(&d->program, d->network, subnet,
                                                        (struct image_size){in->height, in->width});
    /* A strip's edges wait in the device's memory for the next strip. */
    uint64_t pairs = picture_strips(&d->program, in->width) - 1;
    if (predicted.edges > pairs << EDGE_DEPTH_BITS)
        return error_set(err, ERROR_INPUT,
                         "the device has no room for what the strips of %u rows leave each other",
                         in->height);
    if (!insist(d, make_once, &making, err))
        return false;
    d->info.cycles += making.taken.cycles;
    d->info.beats += making.taken.beats;
    d->info.predicted.cycles += predicted.cycles;
    d->info.predicted.beats += predicted.beats;
    return true;
}

/* A picture whose patches are scored. */
struct scoring {
    const struct image_tensor *in;
    uint32_t threshold[2];
    struct patch_score *score; /* [rows][columns] */
    uint64_t taken;
};

/* All rows of patches of a strip; the reply to row request y has row y - 2's. */
static enum outcome score_strip(struct picture_device *d, const struct scoring *s,
                                const struct picture_strip *strip, struct error *err)
{
    uint32_t tile = d->info.tile, height = s->in->height;
    uint32_t columns = (s->in->width + tile - 1) / tile, patches = (strip->width + tile - 1) / tile;
    const struct scores_request request = {
        (uint16_t)strip->width, (uint16_t)height, {s->threshold[0], s->threshold[1]}};
    struct frame frame;
    size_t length = scores_request_encode(&request, d->exchange.request + FRAME_HEAD);
    enum outcome outcome =
        exchange_ask(&d->exchange, FRAME_SCORES, length, 0, PATIENCE_MS, &frame, err);

    for (uint32_t y = 0; outcome == ANSWERED && y < height + 2; y++) {
        bool ends = y >= 2 && ((y - 1) % tile == 0 || y - 1 == height);
        length = put_row(d, s->in, strip, y, d->exchange.request + FRAME_HEAD);
        outcome = exchange_ask(&d->exchange, FRAME_ROW, length,
                               ends ? (size_t)patches * PATCH_SCORE_BYTES : 0, PASS_PATIENCE_MS,
                               &frame, err);
        struct patch_score *to =
            s->score + (size_t)(ends ? (y - 2) / tile : 0) * columns + strip->first / tile;
        for (uint32_t i = 0; outcome == ANSWERED && ends && i < patches; i++)
            to[i] = patch_score_decode(frame.payload + (size_t)i * PATCH_SCORE_BYTES);
    }
    return outcome == ANSWERED ? identify(d, err) : outcome;
}

/* In strips of whole patches. */
static enum outcome score_once(struct picture_device *d, void *context, struct error *err)
{
    struct scoring *s = context;
    uint32_t most = d->info.row_pixels / d->info.tile * d->info.tile;
    enum outcome outcome = ANSWERED;

    s->taken = 0;
    for (uint32_t x = 0; outcome == ANSWERED && x < s->in->width; x += most) {
        uint32_t rest = s->in->width - x;
        struct picture_strip strip = {x, rest < most ? rest : most, 0};
        outcome = score_strip(d, s, &strip, err);
        s->taken += d->identity.cycles;
    }
    return outcome;
}

/* A threshold in as many bits as the design has: the highest is beyond any patch's score. */
static uint32_t threshold_bits(const struct picture_device *d, uint64_t threshold)
{
    uint64_t most = (UINT64_C(256) * d->info.tile * d->info.tile) - 1;
    return (uint32_t)(threshold < most ? threshold : most);
}

bool picture_device_score(struct picture_device *d, const struct image_tensor *in,
                          const uint64_t threshold[2], struct patch_score *score, struct error *err)
{
    struct scoring scoring = {
        in, {threshold_bits(d, threshold[0]), threshold_bits(d, threshold[1])}, score, 0};

    if (!check_size(in->width, IMAGE_SIDE_MAX, in->height, err) ||
        !insist(d, score_once, &scoring, err))
        return false;
    d->info.score_cycles += scoring.taken;
    return true;
}
