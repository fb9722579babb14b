/* SPDX-License-Identifier: Apache-2.0 */
/* What a classifier makes of a sequence of frames (gen/mill/frames.h). */
#ifndef MILLRACE_HOST_CLASSIFIER_H
#define MILLRACE_HOST_CLASSIFIER_H

#include "gen/mill/mill.h"
#include "host/device.h"

/* Run the frames that `mill` holds, one after another, in slot 0, and write the mean over
 * them of each class's logit, [vocab - 1].  ERROR_FAILED also where an interrupt is
 * pending. */
bool classify_frames(const struct mill *mill, struct device *device, double *logits,
                     struct error *err);

#endif
