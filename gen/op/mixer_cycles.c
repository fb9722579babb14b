/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/op/mixer_cycles.h"

uint64_t mixer_conv_cycles(const struct mixer_hardware *h, uint32_t columns)
{
    return h->inner * columns;
}

uint64_t mixer_scan_cycles(const struct mixer_hardware *h, uint32_t columns)
{
    return h->inner * columns;
}
