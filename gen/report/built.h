/* SPDX-License-Identifier: Apache-2.0 */
/* A design that was placed: what nextpnr left in the folder that `millgen emit`
 * wrote for a board. */
#ifndef MILLRACE_GEN_REPORT_BUILT_H
#define MILLRACE_GEN_REPORT_BUILT_H

#include "gen/report/placement.h"

struct built {
    struct placement placement; /* of placed.json */
    json_t *timing;             /* report.json: fmax, utilization, critical_paths */
    double core_hz;             /* what the core's clock reaches */
};

/* Read both files of `folder`; ERROR_INPUT where one is missing or not nextpnr's.
 * Release with built_close. */
bool built_open(struct built *built, const char *folder, struct error *err);

void built_close(struct built *built);

#endif
