/* SPDX-License-Identifier: Apache-2.0 */
/* One sequence of a device, continued token by token, in slot 0. */
#ifndef MILLRACE_HOST_GENERATOR_H
#define MILLRACE_HOST_GENERATOR_H

#include "base/arena.h"
#include "gen/mill/mill.h"
#include "host/device.h"
#include "host/sampler.h"

struct generator {
    const struct mill *mill; /* borrowed */
    struct device *device;   /* borrowed */
    struct sampler sampler;
    uint32_t position; /* tokens that the device has seen */
    struct arena arena;

    enum pass_result result;    /* what the sampler needs of a pass */
    uint32_t last;              /* the column of `output` that goes on */
    struct pass_output output;  /* of the last pass */
    struct pass_column *column; /* [device columns] */
    struct candidate *scratch;  /* [vocab] */
};

/* ERROR_FAILED where memory is short. */
bool generator_open(struct generator *g, const struct mill *mill, struct device *device,
                    const struct sampler *sampler, struct error *err);
void generator_close(struct generator *g);

/* Run the prompt, 1..max_seq tokens from position 0 on.  Returns early, with
 * fewer in g->position, where an interrupt is pending. */
bool generator_prompt(struct generator *g, const uint32_t *ids, size_t count, struct error *err);

/* The next token by the last pass. */
uint32_t generator_choose(struct generator *g);

/* Run one token at g->position < max_seq. */
bool generator_advance(struct generator *g, uint32_t token, struct error *err);

#endif
