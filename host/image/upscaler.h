/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes pictures larger on a device: in bands of rows with a margin that keeps
 * every bit what the whole picture's would be, each patch by the subnet that is
 * asked for or that its edges ask for.
 */
#ifndef MILLRACE_HOST_IMAGE_UPSCALER_H
#define MILLRACE_HOST_IMAGE_UPSCALER_H

#include "gen/image/integer.h"
#include "host/image/frame_pace.h"
#include "host/image/patches.h"
#include "host/image/picture_device.h"
#include "host/image/planes.h"

enum subnet_policy { POLICY_BILINEAR, POLICY_HALF, POLICY_FULL, POLICY_AUTO };

struct upscaler {
    const struct integer_network *network; /* borrowed */
    bool integers;                         /* all devices but float */
    struct picture_device *device;         /* a design's; owned */
    const char *device_name;               /* borrowed */
    enum subnet_policy policy;             /* POLICY_FULL where the network has no subnets */
    uint64_t threshold[2];                 /* edge scores of a whole patch, POLICY_AUTO */
    uint64_t budget;         /* multiply-accumulates of a picture at most, POLICY_AUTO; 0: any */
    struct frame_pace *pace; /* POLICY_AUTO: keeps a rate of frames; borrowed; NULL: none */
    const struct picture_program *program; /* of the design whose cycles count; borrowed, of the
                                              device where there is one; NULL: none */
    uint32_t reach;
    void (*progress)(void *context, double part); /* 0 to 1; may be NULL */
    void *context;
};

/* `device` is float, ref, sim:DIR or usb[:SERIAL].  ERROR_INPUT for another, and where a subnet is
 * asked for that the network lacks.  Both are borrowed. */
bool upscaler_open(struct upscaler *upscaler, struct integer_network *network, const char *device,
                   const char *subnets, struct error *err);
void upscaler_close(struct upscaler *upscaler);

/* Run on planes of levels, *in with the network's channels, rounded to bytes
 * already; *out is allocated: levels, on the device ref bytes. */
bool upscale_planes(const struct upscaler *upscaler, const struct planes *in, struct planes *out,
                    struct upscale_counts *counts, struct error *err);

/* The whole way: colours as the network wants them, chroma of luma networks and
 * alpha bicubically.  *out and *luma are allocated: the picture, and its luma, which
 * is the network's own rounded output where that is luma. */
bool upscale_picture(const struct upscaler *upscaler, const struct picture *in, struct picture *out,
                     struct planes *luma, struct upscale_counts *counts, struct error *err);

#endif
