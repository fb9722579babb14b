/* SPDX-License-Identifier: Apache-2.0 */
/* model_open: which format is it, and which tokenizer goes with it? */
#include "gen/graph/model.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gen/import/import.h"
#include "host/tokenizer/tokenizer.h"

/* The last part of the path without its extension. */
static void set_name(struct model *model, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    size_t length = end - start;
    for (size_t i = length; i-- > 1;)
        if (path[start + i] == '.') {
            length = i;
            break;
        }
    if (length >= sizeof model->name)
        length = sizeof model->name - 1;
    memcpy(model->name, path + start, length);
    model->name[length] = '\0';
}

static bool open_file(struct model *model, const char *path, struct error *err)
{
    struct mapped_file *file = arena_alloc(&model->arena, 1, sizeof *file);
    if (!file)
        return import_no_memory(path, err);
    if (!mapped_file_open(file, path, err))
        return false;
    model->files = file;
    model->file_count = 1;
    return import_llama2c(model, file, path, err);
}

/* The folder's tokenizers in the order of preference; the first that fits. */
static bool find_tokenizer(struct model *model, const char *path, struct error *err)
{
    static const char *const patterns[] = {"tokenizer.json", "tokenizer.bin", "tok*.bin"};
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    struct error why = {0};

    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && !model->tokenizer; i++) {
        char pattern[4096];
        glob_t found;
        int used = snprintf(pattern, sizeof pattern, "%.*s%s", folder, path, patterns[i]);
        if (used < 0 || (size_t)used >= sizeof pattern || glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc && !model->tokenizer; j++)
            model->tokenizer = tokenizer_open(found.gl_pathv[j], model->vocab, &why);
        globfree(&found);
    }
    if (model->tokenizer)
        return true;
    if (why.code == ERROR_NONE)
        return error_set(err, ERROR_INPUT, "%s: no tokenizer in it or beside it", path);
    return error_set(err, ERROR_INPUT, "%s: no tokenizer beside it fits: %s", path, why.message);
}

bool model_open(struct model *model, const char *path, const char *tokenizer_path,
                struct error *err)
{
    *model = (struct model){0};
    set_name(model, path);
    bool done = open_file(model, path, err);
    if (done && tokenizer_path) {
        tokenizer_free(model->tokenizer);
        model->tokenizer = tokenizer_open(tokenizer_path, model->vocab, err);
        done = model->tokenizer != NULL;
    } else if (done && !model->tokenizer) {
        done = find_tokenizer(model, path, err);
    }
    if (!done)
        model_close(model);
    return done;
}
