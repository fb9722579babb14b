/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run cost, from a device's counters, for people and for programs.  What
 * a device has no hardware for is not a figure of it: null in JSON, left out of
 * the summary.
 */
#ifndef MILLRACE_HOST_FIGURES_H
#define MILLRACE_HOST_FIGURES_H

#include <jansson.h>
#include <stdio.h>

#include "gen/mill/mill.h"
#include "host/device.h"

struct figures {
    const struct mill *mill;       /* borrowed */
    const struct device *device;   /* borrowed */
    uint64_t token_cycles, tokens; /* cycles a token is their ratio */
    double seconds;                /* of wall time, for all of wall_tokens */
    uint64_t wall_tokens;
};

/* Ratios of 0 to 1; NAN where there is none. */
double figures_tape_utilisation(const struct figures *f);         /* of what memory could move */
double figures_array_utilisation(const struct figures *f);        /* of lanes x columns x cycles */
double figures_array_utilisation_matrix(const struct figures *f); /* while matrices run */

/* Add to `object`; false where memory is short. */
bool figures_to_json(const struct figures *f, json_t *object);

/* The model's line, and those of the hardware where there is some. */
void figures_print(const struct figures *f, FILE *out);

#endif
