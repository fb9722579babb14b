/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers that are the same everywhere for a seed: xoshiro256** of
 * Blackman and Vigna, "Scrambled linear pseudorandom number generators" (ACM
 * TOMS 47(4), 2021), seeded by SplitMix64 as they advise.
 */
#ifndef MILLRACE_HOST_RANDOM_H
#define MILLRACE_HOST_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *r, uint64_t seed);

uint64_t random_next(struct random *r);

/* In [0, 1): a multiple of 2^-53. */
double random_unit(struct random *r);

#endif
