/* SPDX-License-Identifier: Apache-2.0 */
/* The public interface over the program's own parts. */
#include "host/libmillrace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "gen/mill/mill.h"
#include "host/device.h"
#include "host/listing.h"
#include "host/tokenizer/tokenizer.h"
#include "host/usb/usb_watch.h"

struct millrace_model {
    struct mill mill;
};

struct millrace_device {
    struct device *device;
    uint32_t columns;
    struct pass_column *column; /* [columns], owned */
};

static bool hand_over(const struct error *err, struct millrace_error *error)
{
    error->code = err->code == ERROR_INPUT ? MILLRACE_INPUT : MILLRACE_FAILED;
    snprintf(error->message, sizeof error->message, "%s", err->message);
    return false;
}

static bool no_memory(struct millrace_error *error)
{
    const struct error err = {ERROR_FAILED, "out of memory"};
    return hand_over(&err, error);
}

const char *millrace_version(void)
{
    return MILLRACE_VERSION;
}

char *millrace_devices(struct millrace_error *error)
{
    struct error err;
    json_t *list = listing_make(&err);

    if (!list) {
        hand_over(&err, error);
        return NULL;
    }
    char *text = json_dumps(list, 0);
    json_decref(list);
    if (!text)
        no_memory(error);
    return text;
}

/* The public type is the program's own, under another name. */
millrace_watch *millrace_watch_open(struct millrace_error *error)
{
    struct error err;
    struct usb_watch *watch = usb_watch_open(&err);

    if (!watch)
        hand_over(&err, error);
    return (millrace_watch *)watch;
}

void millrace_watch_close(millrace_watch *watch)
{
    usb_watch_close((struct usb_watch *)watch);
}

enum millrace_change millrace_watch_next(millrace_watch *watch, int timeout_ms,
                                         struct millrace_board *board)
{
    struct usb_board_info info;
    enum usb_change change = usb_watch_next((struct usb_watch *)watch, timeout_ms, &info);

    if (change == USB_NO_CHANGE)
        return MILLRACE_NO_CHANGE;
    usb_board_name(&info, board->name);
    snprintf(board->node, sizeof board->node, "%s", info.node);
    snprintf(board->speed, sizeof board->speed, "%s", usb_board_speed(info.speed));
    return change == USB_ARRIVED ? MILLRACE_ARRIVED : MILLRACE_LEFT;
}

millrace_model *millrace_model_open(const char *path, struct millrace_error *error)
{
    millrace_model *model = calloc(1, sizeof *model);
    struct error err;

    if (!model) {
        no_memory(error);
    } else if (!mill_open(&model->mill, path, &err)) {
        hand_over(&err, error);
        free(model);
        model = NULL;
    }
    return model;
}

void millrace_model_close(millrace_model *model)
{
    if (model)
        mill_close(&model->mill);
    free(model);
}

uint32_t millrace_vocabulary(const millrace_model *model)
{
    return model->mill.shape.vocab;
}

uint32_t millrace_context(const millrace_model *model)
{
    return model->mill.shape.max_seq;
}

uint32_t millrace_begin_token(const millrace_model *model)
{
    return model->mill.bos_token;
}

uint32_t millrace_end_token(const millrace_model *model)
{
    return model->mill.eos_token;
}

ptrdiff_t millrace_tokenise(const millrace_model *model, const char *text, size_t size,
                            uint32_t *tokens, size_t room, struct millrace_error *error)
{
    uint32_t *ids = NULL;
    size_t count = 0;
    struct error err;

    if (!tokenizer_encode(model->mill.tokenizer, text, size, &ids, &count, &err)) {
        hand_over(&err, error);
        return -1;
    }
    size_t written = count < room ? count : room;
    if (written > 0)
        memcpy(tokens, ids, written * sizeof *tokens);
    free(ids);
    return (ptrdiff_t)count;
}

size_t millrace_token_text(const millrace_model *model, uint32_t previous, uint32_t token,
                           char text[MILLRACE_TOKEN_TEXT])
{
    if (token >= tokenizer_vocab(model->mill.tokenizer))
        return 0;
    return tokenizer_decode(model->mill.tokenizer, previous, token, text);
}

millrace_device *millrace_device_open(const char *name, const millrace_model *model,
                                      const struct millrace_options *options,
                                      struct millrace_error *error)
{
    struct device_options own = {.load = LOAD_IF_NEEDED};
    struct error err;
    millrace_device *device = calloc(1, sizeof *device);

    if (!device) {
        no_memory(error);
        return NULL;
    }
    if (options)
        own = (struct device_options){(enum device_load)options->load, options->progress,
                                      options->notice, options->user};
    device->device = device_open(name, &model->mill, &own, &err);
    if (!device->device) {
        hand_over(&err, error);
        free(device);
        return NULL;
    }
    device->columns = device_info(device->device)->columns;
    device->column = calloc(device->columns, sizeof *device->column);
    if (!device->column) {
        millrace_device_close(device);
        no_memory(error);
        return NULL;
    }
    return device;
}

void millrace_device_close(millrace_device *device)
{
    if (!device)
        return;
    device_close(device->device);
    free(device->column);
    free(device);
}

uint32_t millrace_columns(const millrace_device *device)
{
    return device->columns;
}

/* A pass of the columns that have been filled in. */
static bool run(millrace_device *device, enum pass_mode mode, uint32_t slot, uint32_t count,
                float *logits, struct millrace_error *error)
{
    const struct pass pass = {mode, logits ? RESULT_LOGITS : RESULT_NONE, slot, count,
                              device->column};
    struct pass_output output = {NULL, NULL};
    struct error err;

    output.logits = logits;
    return device_run(device->device, &pass, &output, &err) || hand_over(&err, error);
}

bool millrace_read(millrace_device *device, uint32_t slot, uint32_t position,
                   const uint32_t *tokens, uint32_t count, float *logits,
                   struct millrace_error *error)
{
    for (uint32_t c = 0; c < count && c < device->columns; c++)
        device->column[c] = (struct pass_column){tokens[c], position + c};
    return run(device, PASS_PREFILL, slot, count, logits, error);
}

bool millrace_step(millrace_device *device, const uint32_t *tokens, const uint32_t *positions,
                   uint32_t count, float *logits, struct millrace_error *error)
{
    for (uint32_t c = 0; c < count && c < device->columns; c++)
        device->column[c] = (struct pass_column){tokens[c], positions[c]};
    return run(device, PASS_DECODE, 0, count, logits, error);
}
