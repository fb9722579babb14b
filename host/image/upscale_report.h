/* SPDX-License-Identifier: Apache-2.0 */
/* One HTML page about a picture that was made larger; it needs no other file. */
#ifndef MILLRACE_HOST_IMAGE_UPSCALE_REPORT_H
#define MILLRACE_HOST_IMAGE_UPSCALE_REPORT_H

#include "host/image/measure.h"
#include "host/image/upscaler.h"

/* All are borrowed. */
struct upscale_report {
    const struct upscaler *upscaler;
    const struct upscale_counts *counts;
    const struct picture *in, *out;
    const struct picture *reference;         /* without samples: there is none */
    const struct picture_measures *measures; /* of `out`, where there is a reference */
    double seconds;                          /* that it took */
};

/* Write the page: the detail of the picture with the most edges, 320 pixels of the result a
 * side at most, made larger bicubically, by the network, and as in the reference, each as PNG
 * within the page; then what was measured and counted. */
bool upscale_report_write(const struct upscale_report *report, const char *path, struct error *err);

#endif
