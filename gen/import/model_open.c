/* SPDX-License-Identifier: Apache-2.0 */
/* model_open: which format is it, and which tokenizer goes with it? */
#include "gen/graph/model.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/little_endian.h"
#include "base/zip.h"
#include "gen/import/import.h"
#include "host/tokenizer/tokenizer.h"

static const uint32_t magic_ak42 = 0x616b3432, magic_gguf = 0x46554747;

/* The last part of the path; of a file, without its extension. */
static void set_name(struct model *model, const char *path, bool is_folder)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (!is_folder)
        for (size_t i = end; i-- > start + 1;)
            if (path[i] == '.') {
                end = i;
                break;
            }
    size_t length = end - start;
    if (length >= sizeof model->name)
        length = sizeof model->name - 1;
    memcpy(model->name, path + start, length);
    model->name[length] = '\0';
}

/* llama2.c's first format has no magic: it is what is left. */
static bool import_by_content(struct model *model, const struct mapped_file *file, const char *path,
                              bool with_tokenizer, struct error *err)
{
    uint32_t magic = file->size >= 8 ? load_u32(file->data) : 0;

    if (magic == magic_gguf)
        return import_gguf(model, file, path, with_tokenizer, err);
    if (magic == magic_ak42)
        return import_llama2c_q8(model, file, path, err);
    if (file->size > 9 && file->data[0] == '{' && file->data[1] != 0)
        return error_set(err, ERROR_INPUT, "%s: is JSON; give the folder of config.json", path);
    if (file->size > 9 && file->data[8] == '{' && file->data[9] == '"')
        return error_set(err, ERROR_INPUT, "%s: is safetensors; give the folder of config.json",
                         path);
    if (zip_is(file))
        return error_set(err, ERROR_INPUT,
                         "%s: is a zip archive (PyTorch's?); give the folder of config.json", path);
    if (!import_llama2c(model, file, path, err))
        return error_prefix(err, "no other format's mark, so read as llama2.c's");
    return true;
}

static bool open_file(struct model *model, const char *path, bool with_tokenizer, struct error *err)
{
    struct mapped_file *file = arena_alloc(&model->arena, 1, sizeof *file);
    if (!file)
        return import_no_memory(path, err);
    if (!mapped_file_open(file, path, err))
        return false;
    model->files = file;
    model->file_count = 1;
    return import_by_content(model, file, path, with_tokenizer, err);
}

/* Tokenizers of `folder` by one pattern, in the order of their names. */
static bool try_tokenizers(struct model *model, const char *folder, const char *pattern,
                           struct error *err)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char path[4096];
        int used = snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (!model->tokenizer && used > 0 && (size_t)used < sizeof path &&
            fnmatch(pattern, entry[i]->d_name, 0) == 0)
            model->tokenizer = tokenizer_open(path, model->vocab, err);
        free(entry[i]);
    }
    if (count >= 0)
        free(entry);
    return model->tokenizer != NULL;
}

static bool find_tokenizer(struct model *model, const char *path, bool is_folder, struct error *err)
{
    struct error why = {0};
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";

    if (is_folder)
        snprintf(folder, sizeof folder, "%s", path);
    else if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    if (try_tokenizers(model, folder, "tokenizer.json", &why) ||
        try_tokenizers(model, folder, "tokenizer.bin", &why) ||
        try_tokenizers(model, folder, "tok*.bin", &why))
        return true;
    if (why.code == ERROR_NONE)
        return error_set(err, ERROR_INPUT, "%s: no tokenizer in it or beside it", path);
    *err = why;
    return error_prefix(err, "%s: no tokenizer beside it fits", path);
}

/* What the model says of BOS and EOS, else what its tokenizer does. */
static void set_special(struct model *model)
{
    if (model->bos_token == UINT32_MAX)
        model->bos_token = tokenizer_bos(model->tokenizer);
    if (model->eos_token == UINT32_MAX)
        model->eos_token = tokenizer_eos(model->tokenizer);
    tokenizer_set_special(model->tokenizer, model->bos_token, model->eos_token);
}

bool model_open(struct model *model, const char *path, const char *tokenizer_path,
                struct error *err)
{
    struct stat info;
    bool is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);

    *model = (struct model){0};
    set_name(model, path, is_folder);
    bool done = is_folder ? import_huggingface(model, path, err)
                          : open_file(model, path, !tokenizer_path, err);
    if (done && tokenizer_path && !model->features) {
        model->tokenizer = tokenizer_open(tokenizer_path, model->vocab, err);
        done = model->tokenizer != NULL;
    } else if (done && !model->tokenizer && !model->features) {
        done = find_tokenizer(model, path, is_folder, err);
    }
    if (!done)
        model_close(model);
    else if (!model->features)
        set_special(model);
    return done;
}
