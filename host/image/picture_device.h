/* SPDX-License-Identifier: Apache-2.0 */
/* A design that plays an image network, behind a stream of bytes. */
#ifndef MILLRACE_HOST_IMAGE_PICTURE_DEVICE_H
#define MILLRACE_HOST_IMAGE_PICTURE_DEVICE_H

#include "gen/image/picture_cycles.h"
#include "host/image/edge_score.h"

struct picture_device;

/* What it is, and what it has done since it was opened. */
struct picture_device_info {
    uint32_t columns, lanes, row_pixels; /* lanes: of all columns */
    bool edges;                          /* are kept: it takes pictures of any width */
    uint32_t tile;                       /* side of patches that it scores; 0: of none */
    double clock_hz;                     /* that its board usually has */
    uint32_t side;                       /* pixels that its strips' lie to the left */
    uint64_t cycles;                     /* of ticks */
    uint64_t score_cycles;               /* of those that scored patches */
    uint64_t beats;                      /* in which the multipliers worked */
    struct picture_cycles predicted;     /* the same by gen/image/picture_cycles.h */
};

/* `name` is sim:DIR, the folder that `millgen emit` wrote for `network`, whose simulation
 * is built where it is not up to date; usb, the only board; or usb:SERIAL.  NULL with
 * ERROR_INPUT where it is another name or another network's design. */
struct picture_device *picture_device_open(const char *name, struct integer_network *network,
                                           struct error *err);
void picture_device_close(struct picture_device *device);

/* What it plays. */
const struct picture_program *picture_device_program(const struct picture_device *device);

const struct picture_device_info *picture_device_info(const struct picture_device *device);

/* As image_run_integer, on a picture of at most row_pixels a row, but where edges are kept, and
 * 32767 rows.  A picture
 * that comes to harm on the way begins anew, four times at most; a board that was unplugged
 * is waited for, 30 s. */
bool picture_device_run(struct picture_device *device, enum image_subnet subnet,
                        const struct image_tensor *in, struct image_tensor *out, struct error *err);

/* The scores of all patches of `in`, score[rows][columns], with sides of info.tile, which is
 * not 0, and the subnets that two thresholds of a whole patch choose for them. Harm on the way
 * is met as above. */
bool picture_device_score(struct picture_device *device, const struct image_tensor *in,
                          const uint64_t threshold[2], struct patch_score *score,
                          struct error *err);

#endif
