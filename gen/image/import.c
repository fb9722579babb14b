/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/image/import.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mapped_file.h"
#include "gen/image/declared.h"
#include "gen/image/levels.h"
#include "gen/image/onnx.h"

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);

    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

/* The layer list that belongs to NAME.safetensors, NAME.json; false where the
 * path has another ending or is too long. */
static bool layer_list(const char *path, char list[4096])
{
    size_t stem = strlen(path) - strlen(".safetensors");

    return ends_in(path, ".safetensors") &&
           snprintf(list, 4096, "%.*s.json", (int)stem, path) < 4096;
}

bool image_is_network(const char *path)
{
    char list[4096];

    return ends_in(path, ".onnx") || (layer_list(path, list) && access(list, F_OK) == 0);
}

static bool open_declared(struct image_network *network, const struct mapped_file *file,
                          const char *path, struct error *err)
{
    char list[4096];
    struct mapped_file json;

    if (!layer_list(path, list) || !mapped_file_open(&json, list, err))
        return error_set(err, ERROR_INPUT, "%s: no layer list beside it", path);
    bool ok = declared_import(network, file, path, &json, list, err);
    mapped_file_close(&json);
    return ok;
}

bool image_open(struct image_network *network, const char *path, float white, struct error *err)
{
    struct mapped_file file;

    if (!mapped_file_open(&file, path, err))
        return false;
    bool ok = ends_in(path, ".onnx") ? onnx_import(network, &file, path, white, err)
                                     : open_declared(network, &file, path, err);
    mapped_file_close(&file);
    if (ok && !image_simplify(network, err)) {
        image_network_free(network);
        return false;
    }
    return ok;
}
