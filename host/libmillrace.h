/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmillrace: run models that millgen compiled, on a board, its simulation or the
 * integer reference.  The whole public interface is here; link with -lmillrace, and see
 * pkg-config(1)'s millrace for what that needs.
 *
 *     struct millrace_error error;
 *     millrace_model *model = millrace_model_open("stories.mill", &error);
 *     millrace_device *device = millrace_device_open("usb", model, NULL, &error);
 *     ...
 *     millrace_device_close(device);
 *     millrace_model_close(model);
 *
 * Functions that can fail take a `struct millrace_error *`, which may not be NULL, and
 * return false, NULL or a negative number after filling it in.  Models may be shared
 * between threads; a device belongs to one thread at a time.  Nothing is printed.
 *
 * Logits are natural logarithms (nats), up to a constant.  On ref, sim and usb they are
 * equal bit for bit.
 */
#ifndef LIBMILLRACE_H
#define LIBMILLRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum millrace_code {
    MILLRACE_FAILED = 1, /* well asked for, but it could not be done: no board, no memory */
    MILLRACE_INPUT = 2,  /* a bad file, name or argument */
};

struct millrace_error {
    enum millrace_code code;
    char message[1024]; /* UTF-8, one line, names the thing and the fault */
};

/* The library's version, "0.1.0". */
const char *millrace_version(void);

/* The devices that could be opened here, as a JSON array; docs/protocol.md says of what.
 * Boards on USB are asked what they are, unless another process has them.  The caller
 * frees it with free(3).  NULL with MILLRACE_FAILED. */
char *millrace_devices(struct millrace_error *error);

/* ---- Boards that come and go */

typedef struct millrace_watch millrace_watch;

enum millrace_change {
    MILLRACE_NO_CHANGE,
    MILLRACE_ARRIVED,
    MILLRACE_LEFT,
};

/* A board on USB. */
struct millrace_board {
    char name[72];  /* for millrace_device_open: "usb:SERIAL"; "usb" where it may not be opened */
    char node[32];  /* its place on the bus, "/dev/bus/usb/001/002", new after each arrival */
    char speed[24]; /* "full, 12 Mbit/s", "high, 480 Mbit/s" */
};

/* Watch the bus.  A watch belongs to one thread at a time and disturbs no device that is
 * open.  NULL with MILLRACE_FAILED where there is no USB. */
millrace_watch *millrace_watch_open(struct millrace_error *error);

/* NULL is allowed. */
void millrace_watch_close(millrace_watch *watch);

/* Wait up to `timeout_ms` milliseconds, 0 or more, for a board to be plugged in or pulled
 * out, which *board then is.  Those that are there when the watch is opened arrive first.
 * One that may not be opened at first, and then may, leaves and arrives. */
enum millrace_change millrace_watch_next(millrace_watch *watch, int timeout_ms,
                                         struct millrace_board *board);

/* ---- Models */

typedef struct millrace_model millrace_model;

/* Map a .mill file, which must not change until the model is closed.  NULL with
 * MILLRACE_INPUT where it is none or is damaged. */
millrace_model *millrace_model_open(const char *path, struct millrace_error *error);

/* All its devices must have been closed.  NULL is allowed. */
void millrace_model_close(millrace_model *model);

/* Tokens in the vocabulary; ids are 0 .. this - 1. */
uint32_t millrace_vocabulary(const millrace_model *model);

/* Most tokens that a sequence can have, its context. */
uint32_t millrace_context(const millrace_model *model);

/* The tokens that begin and end a text; UINT32_MAX where the model has none. */
uint32_t millrace_begin_token(const millrace_model *model);
uint32_t millrace_end_token(const millrace_model *model);

/* The ids of `size` bytes of UTF-8 text, without a token for the beginning, into
 * tokens[room].  Returns their number, which may be more than `room`: the first `room`
 * are written then.  -1 with MILLRACE_INPUT for text that the vocabulary cannot write,
 * or MILLRACE_FAILED where memory is out. */
ptrdiff_t millrace_tokenise(const millrace_model *model, const char *text, size_t size,
                            uint32_t *tokens, size_t room, struct millrace_error *error);

/* The text that `token` adds after the token `previous` (UINT32_MAX: at the start) into
 * text[MILLRACE_TOKEN_TEXT]; returns its bytes, which end in no 0 and may be a part of a
 * character.  0 for tokens without text or beyond the vocabulary. */
enum { MILLRACE_TOKEN_TEXT = 1024 };
size_t millrace_token_text(const millrace_model *model, uint32_t previous, uint32_t token,
                           char text[MILLRACE_TOKEN_TEXT]);

/* ---- Devices */

typedef struct millrace_device millrace_device;

enum millrace_load {
    MILLRACE_LOAD_IF_NEEDED, /* where the memory does not hold the model yet */
    MILLRACE_LOAD_ALWAYS,
    MILLRACE_LOAD_NEVER, /* MILLRACE_INPUT where it holds another */
    /* Never: the model is sent with every call, however large the memory is and whatever it
     * holds.  MILLRACE_INPUT for float and ref, and for a board whose link cannot. */
    MILLRACE_LOAD_STREAM,
};

struct millrace_options {
    enum millrace_load load;
    /* Told of each part of the model that has been loaded, in bytes; or NULL. */
    void (*progress)(void *user, uint64_t done, uint64_t total);
    /* Told, in one line, what happened to a device that goes on all the same; or NULL. */
    void (*notice)(void *user, const char *text);
    void *user;
};

/* Open a device by name, and see to it that it holds the model:
 *
 *     float         the model in floating point
 *     ref           the integer reference
 *     sim:DIR       the design that `millgen emit` wrote into DIR, simulated
 *     usb           the board on USB, where there is one
 *     usb:SERIAL    the board with that serial number
 *
 * The model must outlive it.  `options` NULL: all 0.  NULL with MILLRACE_INPUT for a name
 * that is none, a board made for another model, or several boards and none said;
 * MILLRACE_FAILED where it is not there, may not be opened, is in use, or fails. */
millrace_device *millrace_device_open(const char *name, const millrace_model *model,
                                      const struct millrace_options *options,
                                      struct millrace_error *error);

/* NULL is allowed. */
void millrace_device_close(millrace_device *device);

/* Sequences that the device holds at once, in slots 0 .. this - 1, and most tokens that
 * one call of the functions below may have. */
uint32_t millrace_columns(const millrace_device *device);

/* Read `count` tokens, 1 .. columns, of one text into `slot`, the first at `position`
 * (0: a new text begins; else what the slot has read so far must reach there).  `logits`,
 * where it is not NULL, gets those of what follows each token:
 * [count][vocabulary].  MILLRACE_INPUT for arguments out of range, MILLRACE_FAILED where
 * the device fails; a board that was unplugged is waited for and goes on. */
bool millrace_read(millrace_device *device, uint32_t slot, uint32_t position,
                   const uint32_t *tokens, uint32_t count, float *logits,
                   struct millrace_error *error);

/* One token for each of the slots 0 .. count - 1, which costs little more than for one:
 * tokens[c] at positions[c] of slot c.  Otherwise as above. */
bool millrace_step(millrace_device *device, const uint32_t *tokens, const uint32_t *positions,
                   uint32_t count, float *logits, struct millrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
