/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled image network: a .mill file of the second kind. */
#ifndef MILLRACE_GEN_MILL_IMAGE_MILL_H
#define MILLRACE_GEN_MILL_IMAGE_MILL_H

#include "base/mapped_file.h"
#include "gen/image/integer.h"

/* Read a file: every record, count and size is checked, and that integers are in
 * the ranges that keep accumulators from overflowing.  image_network_free
 * releases network->network and all that belongs to it; *network needs none on
 * failure. */
bool image_mill_open(struct integer_network *network, const char *path, struct error *err);

/* The same of a file in memory. */
bool image_mill_read(struct integer_network *network, const struct mapped_file *file,
                     struct error *err);

/* Write to `path`, or leave there what was. */
bool image_mill_write(const struct integer_network *network, const char *path, struct error *err);

/* Whether the file at `path` is one of these. */
bool image_mill_is(const char *path);

#endif
