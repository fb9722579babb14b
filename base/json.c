/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <inttypes.h>

#include "base/mapped_file.h"

json_t *json_parse(const char *name, const uint8_t *data, size_t size, struct error *err)
{
    json_error_t fault;
    json_t *root = json_loadb(size ? (const char *)data : "", size, JSON_REJECT_DUPLICATES, &fault);

    if (!root) {
        error_set(err, ERROR_INPUT, "%s: line %d, column %d: %s", name, fault.line, fault.column,
                  fault.text);
    } else if (!json_is_object(root)) {
        error_set(err, ERROR_INPUT, "%s: not a JSON object", name);
        json_decref(root);
        root = NULL;
    }
    return root;
}

json_t *json_open(const char *path, struct error *err)
{
    struct mapped_file file;
    if (!mapped_file_open(&file, path, err))
        return NULL;
    json_t *root = json_parse(path, file.data, file.size, err);
    mapped_file_close(&file);
    return root;
}

/* The member, or NULL where it is absent or null. */
static const json_t *member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

static bool wrong_type(const char *place, const char *key, const char *type, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: %s is not %s", place, key, type);
}

bool json_read_u32(const json_t *object, const char *place, const char *key, uint32_t *value,
                   struct error *err)
{
    const json_t *m = member(object, key);
    if (!m)
        return true;
    if (!json_is_integer(m))
        return wrong_type(place, key, "an integer", err);
    json_int_t number = json_integer_value(m);
    if (number < 0 || number > UINT32_MAX)
        return error_set(err, ERROR_INPUT, "%s: %s is %" JSON_INTEGER_FORMAT ", not 0 to %" PRIu32,
                         place, key, number, UINT32_MAX);
    *value = (uint32_t)number;
    return true;
}

bool json_read_number(const json_t *object, const char *place, const char *key, double *value,
                      struct error *err)
{
    const json_t *m = member(object, key);
    if (!m)
        return true;
    if (!json_is_number(m))
        return wrong_type(place, key, "a number", err);
    *value = json_number_value(m);
    return true;
}

bool json_read_flag(const json_t *object, const char *place, const char *key, bool *value,
                    struct error *err)
{
    const json_t *m = member(object, key);
    if (!m)
        return true;
    if (!json_is_boolean(m))
        return wrong_type(place, key, "true or false", err);
    *value = json_is_true(m);
    return true;
}

bool json_read_text(const json_t *object, const char *place, const char *key, const char **value,
                    struct error *err)
{
    const json_t *m = member(object, key);
    if (!m)
        return true;
    if (!json_is_string(m))
        return wrong_type(place, key, "a string", err);
    *value = json_string_value(m);
    return true;
}

bool json_read_object(const json_t *object, const char *place, const char *key,
                      const json_t **value, struct error *err)
{
    const json_t *m = member(object, key);
    if (!m)
        return true;
    if (!json_is_object(m))
        return wrong_type(place, key, "an object", err);
    *value = m;
    return true;
}
