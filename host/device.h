/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device runs passes.  One pass takes up to `columns` columns one step
 * through the model; a column is a token of one prompt (prefill) or the next
 * token of one of several sequences (decode).
 *
 * Four devices share this interface: `float` (the float model, the yardstick
 * of quality), `ref` (the integer reference, the truth), `sim` (the Verilated
 * design behind the byte stream) and `usb` (a board behind the same stream).
 */
#ifndef MILLRACE_HOST_DEVICE_H
#define MILLRACE_HOST_DEVICE_H

#include <stdint.h>

#include "base/error.h"

struct mill;

enum pass_mode {
    PASS_PREFILL, /* columns are consecutive tokens of the sequence in slot `slot` */
    PASS_DECODE,  /* column c is the next token of the sequence in slot c */
};

enum pass_result {
    RESULT_NONE,   /* a prompt's early chunk: only the KV cache matters */
    RESULT_TOP,    /* the best `top_k` candidates of each column */
    RESULT_LOGITS, /* every logit of each column */
};

struct pass_column {
    uint32_t token;
    uint32_t position; /* 0-based; also the row of the KV cache that is written */
};

struct pass {
    enum pass_mode mode;
    enum pass_result result;
    uint32_t slot;  /* PASS_PREFILL only */
    uint32_t count; /* 1..device columns */
    const struct pass_column *column;
};

/* Logits are in nats, fixed-point steps from the integer devices: a float
 * holds each of their values exactly, so equality of floats is bit equality. */
struct candidate {
    uint32_t token;
    float logit;
};

struct pass_output {
    float *logits;         /* [count][vocab], caller's; RESULT_LOGITS */
    struct candidate *top; /* [count][top_k], best first, ties by lower id; RESULT_TOP */
};

/* Counters since device_open.  The reference and the float device leave those
 * of the hardware at 0. */
struct device_counters {
    uint64_t passes;
    uint64_t cycles;        /* clock cycles from a pass's start to its last result */
    uint64_t tape_words;    /* words of the memory bus consumed */
    uint64_t array_beats;   /* cycles in which the array took weights, of any operator */
    uint64_t matrix_cycles; /* cycles during which a matrix operator was active */
    uint64_t matrix_beats;  /* array_beats of the matrix operators alone */
    uint64_t macs;          /* useful multiply-accumulates done, all active columns */
    uint64_t matrix_macs;   /* those of the matrix operators alone */
};

struct device_info {
    char name[64];
    uint32_t columns;              /* most columns a pass may have */
    uint32_t top_k;                /* candidates a column in RESULT_TOP */
    uint32_t lanes;                /* 0 where there is no array */
    double clock_hz;               /* stated clock; 0 where there is none */
    double memory_bytes_per_cycle; /* what the tape's memory can move; 0 where n/a */
    uint32_t tape_word_bytes;      /* of one of the counted tape_words; 0 where n/a */
};

struct device;

/* When the model's tape goes into the device's memory. */
enum device_load {
    LOAD_IF_NEEDED, /* where the memory does not hold it yet */
    LOAD_ALWAYS,    /* whatever it holds; ERROR_INPUT of a device without one */
    LOAD_NEVER,     /* ERROR_INPUT where it holds another */
    LOAD_STREAM,    /* never: it is sent with every pass, whatever the memory holds */
};

struct device_options {
    enum device_load load;
    /* Told of each part of the tape that has been loaded, in bytes, or NULL. */
    void (*progress)(void *user, uint64_t done, uint64_t total);
    /* Told what the user is to know of a device that goes on all the same, or NULL. */
    void (*notice)(void *user, const char *text);
    void *user;
};

/* `name` is float, ref, sim:DIR, usb or usb:SERIAL.  The mill file must outlive the device.
 * `options` NULL: all 0.  NULL with ERROR_INPUT for a bad name, ERROR_FAILED
 * where the device is not there.  A device holds `columns` sequences (slots
 * 0..columns-1). */
struct device *device_open(const char *name, const struct mill *mill,
                           const struct device_options *options, struct error *err);
void device_close(struct device *device);

const struct device_info *device_info(const struct device *device);
const struct device_counters *device_counters(const struct device *device);

/* Run one pass.  Positions of a slot must not skip: a position p needs rows
 * 0..p-1 written before. */
bool device_run(struct device *device, const struct pass *pass, struct pass_output *output,
                struct error *err);

#endif
