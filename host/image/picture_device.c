/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/picture_device.h"

#include <stdlib.h>
#include <string.h>

#include "gen/verilog/emit_picture.h"
#include "host/device_backend.h"
#include "host/exchange.h"
#include "host/image/picture_protocol.h"
#include "host/transport_sim.h"

enum { ROWS_MOST = 32767 };

struct picture_device {
    struct picture_device_info info;
    struct picture_identity identity;
    struct picture_program program;
    const struct image_network *network; /* borrowed */
    struct exchange exchange;
};

static bool ask(struct picture_device *d, uint8_t type, size_t length, uint64_t reply,
                struct frame *frame, struct error *err)
{
    return exchange_ask(&d->exchange, type, length, reply, PASS_PATIENCE_MS, frame, err) ==
           ANSWERED;
}

static bool identify(struct picture_device *d, struct error *err)
{
    struct frame frame;

    if (!ask(d, FRAME_IDENTIFY, 0, PICTURE_IDENTITY_BYTES, &frame, err))
        return false;
    return (picture_identity_decode(&frame, &d->identity) &&
            d->identity.version == PICTURE_PROTOCOL_VERSION) ||
           error_set(err, ERROR_FAILED, "the device is no picture design of this version");
}

/* Whether the design was made for this network. */
static bool check_network(struct picture_device *d, struct integer_network *network,
                          struct error *err)
{
    const struct picture_identity *id = &d->identity;
    struct picture_design design = {id->lanes, id->columns, 0};

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

    d->info = (struct picture_device_info){.columns = id->columns,
                                           .lanes = (uint32_t)id->columns * id->lanes,
                                           .row_pixels = id->row_pixels};
    free(d->exchange.request);
    free(d->exchange.reply);
    d->exchange.reply_room = pixels * id->scale * id->scale + FRAME_OVERHEAD;
    if (d->exchange.reply_room < PICTURE_IDENTITY_BYTES + FRAME_OVERHEAD)
        d->exchange.reply_room = PICTURE_IDENTITY_BYTES + FRAME_OVERHEAD;
    d->exchange.request = malloc(pixels + PICTURE_REQUEST_BYTES + FRAME_OVERHEAD);
    d->exchange.reply = malloc(d->exchange.reply_room);
    return (d->exchange.request && d->exchange.reply) ||
           error_set(err, ERROR_FAILED, "out of memory for the device");
}

struct picture_device *picture_device_sim_open(const char *folder, struct integer_network *network,
                                               struct error *err)
{
    struct picture_device *d = calloc(1, sizeof *d);

    if (!d) {
        error_set(err, ERROR_FAILED, "out of memory for the device");
        return NULL;
    }
    /* Rows of one pixel, until it is known what it is. */
    d->identity = (struct picture_identity){.row_pixels = 1, .channels = 1, .scale = 1};
    if (device_sim_build(folder, err) && allocate(d, err) &&
        (d->exchange.transport = transport_sim_open(folder, "./sim", err)) && identify(d, err) &&
        check_network(d, network, err) && allocate(d, err))
        return d;
    picture_device_close(d);
    return NULL;
}

void picture_device_close(struct picture_device *d)
{
    if (d->exchange.transport)
        d->exchange.transport->ops->close(d->exchange.transport);
    free(d->exchange.request);
    free(d->exchange.reply);
    free(d);
}

const struct picture_device_info *picture_device_info(const struct picture_device *device)
{
    return &device->info;
}

/* Row y, or nothing behind the last. */
static size_t put_row(const struct image_tensor *in, uint32_t y, uint8_t *payload)
{
    uint8_t *to = payload;

    for (uint32_t x = 0; y < in->height && x < in->width; x++)
        for (uint32_t c = 0; c < in->channels; c++)
            *to++ = (uint8_t)in->whole[((size_t)c * in->height + y) * in->width + x];
    return (size_t)(to - payload);
}

static void take_row(struct image_tensor *out, uint32_t scale, uint32_t y, const uint8_t *from)
{
    for (uint32_t dy = 0; dy < scale; dy++)
        for (uint32_t c = 0; c < out->channels; c++) {
            int32_t *row =
                out->whole + ((size_t)c * out->height + (size_t)y * scale + dy) * out->width;
            for (uint32_t x = 0; x < out->width; x++)
                row[x] = *from++;
        }
}

static bool begin(struct picture_device *d, enum image_subnet subnet, const struct image_tensor *in,
                  struct error *err)
{
    uint32_t columns = d->identity.columns;
    uint16_t groups = (uint16_t)((in->width + columns - 1) / columns);
    struct frame frame;
    size_t length = picture_request_encode((uint16_t)in->width, (uint16_t)in->height, groups,
                                           (uint8_t)subnet, d->exchange.request + FRAME_HEAD);

    return ask(d, FRAME_PICTURE, length, 0, &frame, err);
}

bool picture_device_run(struct picture_device *d, enum image_subnet subnet,
                        const struct image_tensor *in, struct image_tensor *out, struct error *err)
{
    uint32_t scale = d->identity.scale;
    uint32_t lag = subnet == SUBNET_BILINEAR ? d->identity.anchor_lag : d->identity.lag;
    size_t made = (size_t)out->channels * in->width * scale * scale;
    struct frame frame;

    if (in->width > d->info.row_pixels || in->height > ROWS_MOST)
        return error_set(err, ERROR_INPUT, "the device takes no picture of %u x %u pixels",
                         in->width, in->height);
    if (!begin(d, subnet, in, err))
        return false;
    for (uint32_t y = 0; y <= in->height + lag; y++) {
        size_t length = put_row(in, y, d->exchange.request + FRAME_HEAD);
        if (!ask(d, FRAME_ROW, length, y > lag ? made : 0, &frame, err))
            return false;
        if (y > lag)
            take_row(out, scale, y - lag - 1, frame.payload);
    }
    if (!identify(d, err))
        return false;
    struct picture_cycles predicted = picture_cycles_of(&d->program, d->network, subnet,
                                                        (struct image_size){in->height, in->width});
    d->info.cycles += d->identity.cycles;
    d->info.beats += d->identity.beats;
    d->info.predicted.cycles += predicted.cycles;
    d->info.predicted.beats += predicted.beats;
    return true;
}
