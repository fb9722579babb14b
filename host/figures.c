/* SPDX-License-Identifier: Apache-2.0 */
#include "host/figures.h"

#include <inttypes.h>
#include <math.h>

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static double cycles_per_token(const struct figures *f)
{
    return f->token_cycles > 0 ? ratio((double)f->token_cycles, (double)f->tokens) : NAN;
}

static double tokens_per_second(const struct figures *f)
{
    double clock = device_info(f->device)->clock_hz;
    return clock > 0 ? clock / cycles_per_token(f) : NAN;
}

double figures_tape_utilisation(const struct figures *f)
{
    const struct device_info *info = device_info(f->device);
    const struct device_counters *counters = device_counters(f->device);
    return ratio((double)counters->tape_words * info->tape_word_bytes,
                 (double)counters->cycles * info->memory_bytes_per_cycle);
}

static double array_share(const struct figures *f, uint64_t macs, uint64_t cycles)
{
    const struct device_info *info = device_info(f->device);
    return ratio((double)macs, (double)info->lanes * info->columns * (double)cycles);
}

double figures_array_utilisation(const struct figures *f)
{
    const struct device_counters *counters = device_counters(f->device);
    return array_share(f, counters->macs, counters->cycles);
}

double figures_array_utilisation_matrix(const struct figures *f)
{
    const struct device_counters *counters = device_counters(f->device);
    return array_share(f, counters->matrix_macs, counters->matrix_cycles);
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

bool figures_to_json(const struct figures *f, json_t *object)
{
    const struct device_info *info = device_info(f->device);
    uint64_t cycles = device_counters(f->device)->cycles;
    const struct mill *mill = f->mill;

    /* Each value is taken over, also where the object cannot hold it. */
    int failed = json_object_set_new(object, "model", json_string(mill->name));
    failed |= json_object_set_new(object, "weight_bits", json_integer(mill->shape.weight_bits));
    failed |= json_object_set_new(object, "act_bits", json_integer(mill->shape.act_bits));
    failed |= json_object_set_new(object, "device", json_string(info->name));
    failed |= json_object_set_new(object, "columns", json_integer(info->columns));
    failed |= json_object_set_new(object, "tape_bytes", json_integer((json_int_t)mill->tape_size));
    failed |= json_object_set_new(object, "cycles",
                                  cycles ? json_integer((json_int_t)cycles) : json_null());
    failed |= json_object_set_new(object, "cycles_per_token", number(cycles_per_token(f)));
    failed |= json_object_set_new(object, "tape_utilisation", number(figures_tape_utilisation(f)));
    failed |=
        json_object_set_new(object, "array_utilisation", number(figures_array_utilisation(f)));
    failed |= json_object_set_new(object, "array_utilisation_matrix",
                                  number(figures_array_utilisation_matrix(f)));
    failed |=
        json_object_set_new(object, "clock_hz", number(info->clock_hz > 0 ? info->clock_hz : NAN));
    failed |= json_object_set_new(object, "tokens_per_second", number(tokens_per_second(f)));
    failed |= json_object_set_new(object, "wall_seconds", number(f->seconds));
    failed |= json_object_set_new(object, "wall_tokens_per_second",
                                  number(ratio((double)f->wall_tokens, f->seconds)));
    return failed == 0;
}

void figures_print(const struct figures *f, FILE *out)
{
    const struct mill *mill = f->mill;
    const struct device_info *info = device_info(f->device);

    fprintf(out,
            "%s, %" PRIu32 "-bit weights, %" PRIu32 "-bit activations, %" PRIu64
            " parameters; a tape of %zu bytes\n",
            mill->name, mill->shape.weight_bits, mill->shape.act_bits, mill->parameters,
            mill->tape_size);
    if (isfinite(cycles_per_token(f)))
        fprintf(out, "%.0f cycles a token", cycles_per_token(f));
    if (isfinite(tokens_per_second(f)))
        fprintf(out, ": %.1f tokens/s at %g MHz", tokens_per_second(f), info->clock_hz / 1e6);
    if (isfinite(cycles_per_token(f)))
        fprintf(out, "\n");
    if (isfinite(figures_tape_utilisation(f)))
        fprintf(out, "the tape's memory was %.1f %% busy, ", 100 * figures_tape_utilisation(f));
    if (isfinite(figures_array_utilisation(f)))
        fprintf(out,
                "the array %.1f %% (%.1f %% during matrices), %" PRIu32 " lanes x %" PRIu32
                " columns\n",
                100 * figures_array_utilisation(f), 100 * figures_array_utilisation_matrix(f),
                info->lanes, info->columns);
}
