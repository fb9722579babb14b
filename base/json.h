/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON from files, on top of jansson: loading with the project's errors, and
 * members of an object with their types and ranges checked.
 *
 * The readers below leave *value alone where the member is absent or null, so
 * that a caller puts the default there first.  `place` opens the message:
 * "config.json", or "tokenizer.json: model".
 */
#ifndef MILLRACE_BASE_JSON_H
#define MILLRACE_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Parse `size` bytes, which must hold an object without a key given twice.
 * NULL with ERROR_INPUT, line and column otherwise.  Release with json_decref. */
json_t *json_parse(const char *name, const uint8_t *data, size_t size, struct error *err);

/* The same from a file. */
json_t *json_open(const char *path, struct error *err);

bool json_read_u32(const json_t *object, const char *place, const char *key, uint32_t *value,
                   struct error *err);
bool json_read_number(const json_t *object, const char *place, const char *key, double *value,
                      struct error *err);
bool json_read_flag(const json_t *object, const char *place, const char *key, bool *value,
                    struct error *err);
/* *value borrows from the object. */
bool json_read_text(const json_t *object, const char *place, const char *key, const char **value,
                    struct error *err);
/* *value borrows from the object; false where it is neither an object nor absent. */
bool json_read_object(const json_t *object, const char *place, const char *key,
                      const json_t **value, struct error *err);

#endif
