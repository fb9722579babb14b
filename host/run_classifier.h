/* SPDX-License-Identifier: Apache-2.0 */
/* millrace run of a classifier. */
#ifndef MILLRACE_HOST_RUN_CLASSIFIER_H
#define MILLRACE_HOST_RUN_CLASSIFIER_H

#include "host/command.h"

/* Classify the frames of the .npy file `input` and print the classes, the likeliest
 * first, or with `json` one object.  `checked`: the workplace compares with the
 * reference, and the output says that all was equal. */
bool run_classifier(struct workplace *place, const char *input, bool checked, bool json,
                    struct error *err);

#endif
