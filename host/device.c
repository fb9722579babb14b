/* SPDX-License-Identifier: Apache-2.0 */
#include "host/device.h"

#include <inttypes.h>
#include <string.h>

#include "host/device_backend.h"
#include "host/work.h"

static struct device *open_software(const char *name, const struct mill *mill,
                                    const struct device_options *options, struct error *err)
{
    if (options->load == LOAD_ALWAYS || options->load == LOAD_STREAM) {
        error_set(err, ERROR_INPUT, "%s has no %s", name,
                  options->load == LOAD_ALWAYS ? "memory to load" : "link to stream a tape over");
        return NULL;
    }
    return strcmp(name, "ref") == 0 ? device_ref_open(mill, err) : device_float_open(mill, err);
}

struct device *device_open(const char *name, const struct mill *mill,
                           const struct device_options *options, struct error *err)
{
    const struct device_options usual = {.load = LOAD_IF_NEEDED};

    if (!options)
        options = &usual;
    if (strcmp(name, "float") == 0 || strcmp(name, "ref") == 0)
        return open_software(name, mill, options, err);
    if (strncmp(name, "sim:", 4) == 0 && name[4] != '\0')
        return device_sim_open(name + 4, mill, options, err);
    if (strcmp(name, "usb") == 0)
        return device_usb_open("", mill, options, err);
    if (strncmp(name, "usb:", 4) == 0 && name[4] != '\0')
        return device_usb_open(name + 4, mill, options, err);
    error_set(err, ERROR_INPUT, "no device '%s'; there are float, ref, sim:DIR and usb[:SERIAL]",
              name);
    return NULL;
}

void device_close(struct device *device)
{
    if (device)
        device->ops->close(device);
}

const struct device_info *device_info(const struct device *device)
{
    return &device->info;
}

const struct device_counters *device_counters(const struct device *device)
{
    return &device->counters;
}

static bool check_column(const struct mill *mill, const struct pass *pass, uint32_t c,
                         struct error *err)
{
    const struct pass_column *column = &pass->column[c];
    if (column->token >= mill_inputs(mill))
        return error_set(err, ERROR_INPUT, "token %" PRIu32 " is beyond the vocabulary of %" PRIu32,
                         column->token, mill_inputs(mill));
    if (column->position >= mill->shape.max_seq)
        return error_set(err, ERROR_INPUT, "position %" PRIu32 " is beyond the context of %" PRIu32,
                         column->position, mill->shape.max_seq);
    if (pass->mode == PASS_PREFILL && column->position != pass->column[0].position + c)
        return error_set(err, ERROR_INPUT,
                         "a prefill pass skips from position %" PRIu32 " to %" PRIu32,
                         column[-1].position, column->position);
    return true;
}

static bool check_pass(const struct device *device, const struct pass *pass, struct error *err)
{
    if (pass->count == 0 || pass->count > device->info.columns)
        return error_set(err, ERROR_INPUT, "a pass of %" PRIu32 " columns on a device of %" PRIu32,
                         pass->count, device->info.columns);
    if (pass->mode == PASS_PREFILL && pass->slot >= device->info.columns)
        return error_set(err, ERROR_INPUT, "slot %" PRIu32 " on a device of %" PRIu32, pass->slot,
                         device->info.columns);
    for (uint32_t c = 0; c < pass->count; c++) {
        if (!check_column(device->mill, pass, c, err))
            return false;
    }
    return true;
}

bool device_run(struct device *device, const struct pass *pass, struct pass_output *output,
                struct error *err)
{
    struct device_counters *counters = &device->counters;

    if (!check_pass(device, pass, err) || !device->ops->run(device, pass, output, err))
        return false;
    counters->passes++;
    for (uint32_t c = 0; c < pass->count; c++) {
        uint64_t matrix = work_matrix_macs(&device->mill->shape);
        counters->matrix_macs += matrix;
        counters->macs +=
            matrix + work_attention_macs(&device->mill->shape, pass->column[c].position);
    }
    return true;
}
