/* SPDX-License-Identifier: Apache-2.0 */
/* Rotary position embedding (RoFormer, Su et al. 2021): its frequencies. */
#include "gen/import/import.h"

#include <math.h>

bool import_rope(struct model *model, double base, const char *name, struct error *err)
{
    uint32_t pairs = model->head_dim / 2;
    float *frequency = arena_alloc(&model->arena, pairs, sizeof *frequency);

    if (!frequency)
        return import_no_memory(name, err);
    for (uint32_t i = 0; i < pairs; i++)
        frequency[i] = (float)pow(base, -2.0 * i / model->head_dim);
    model->rope_frequency = frequency;
    return true;
}
