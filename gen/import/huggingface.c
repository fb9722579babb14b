/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder in Hugging Face's layout: config.json, and model.safetensors or
 * several such files with model.safetensors.index.json; or PyTorch's archive in
 * their place.
 */
#include "gen/import/import.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/zip.h"
#include "gen/import/classifier.h"
#include "gen/import/llama_config.h"
#include "gen/import/mamba_config.h"
#include "gen/import/mamba_tensors.h"
#include "gen/import/pytorch.h"
#include "gen/import/rope.h"
#include "gen/import/safetensors.h"

static const struct tensor_names names = {
    .embedding = "model.embed_tokens.weight",
    .final_norm = "model.norm.weight",
    .head = "lm_head.weight",
    .layer_prefix = "model.layers.",
    .attention_norm = "input_layernorm.weight",
    .wq = "self_attn.q_proj.weight",
    .wk = "self_attn.k_proj.weight",
    .wv = "self_attn.v_proj.weight",
    .wo = "self_attn.o_proj.weight",
    .ffn_norm = "post_attention_layernorm.weight",
    .w_gate = "mlp.gate_proj.weight",
    .w_up = "mlp.up_proj.weight",
    .w_down = "mlp.down_proj.weight",
};

/* Of mamba_ssm's checkpoints; Hugging Face's differ in the embedding's name. */
static const struct mamba_names mamba_names = {
    .embedding = "backbone.embedding.weight",
    .final_norm = "backbone.norm_f.weight",
    .head = "lm_head.weight",
    .layer_prefix = "backbone.layers.",
    .norm = "norm.weight",
    .in_proj = "mixer.in_proj.weight",
    .conv = "mixer.conv1d.weight",
    .conv_bias = "mixer.conv1d.bias",
    .x_proj = "mixer.x_proj.weight",
    .dt_proj = "mixer.dt_proj.weight",
    .dt_bias = "mixer.dt_bias",
    .dt_proj_bias = "mixer.dt_proj.bias",
    .a = "mixer.A_log",
    .d = "mixer.D",
    .gated_norm = "mixer.norm.weight",
    .out_proj = "mixer.out_proj.weight",
};

/* Older files keep the frequencies, which follow from the config; a tied head
 * may be there a second time. */
static const char *const ignored[] = {".rotary_emb.inv_freq", "lm_head.weight", NULL};

static bool path_in(char *path, size_t size, const char *folder, const char *name,
                    struct error *err)
{
    int used = snprintf(path, size, "%s/%s", folder, name);
    if (used < 0 || (size_t)used >= size)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", folder);
    return true;
}

/* Map one more file of the model and add its tensors to the table. */
static bool add_shard(struct model *m, const char *path, struct tensor_table *table,
                      struct arena *arena, struct error *err)
{
    struct mapped_file *file = &m->files[m->file_count];
    char *name = arena_copy(arena, path, strlen(path));
    struct tensor_table part;

    if (!name)
        return import_no_memory(path, err);
    if (!mapped_file_open(file, path, err))
        return false;
    m->file_count++;
    if (!(zip_is(file) ? pytorch_read(&part, file, name, arena, err)
                       : safetensors_read(&part, file, name, arena, err)))
        return false;
    size_t count = table->count + part.count;
    struct tensor *both = arena_alloc(arena, count, sizeof *both);
    if (!both)
        return import_no_memory(path, err);
    if (table->count)
        memcpy(both, table->tensor, table->count * sizeof *both);
    memcpy(both + table->count, part.tensor, part.count * sizeof *both);
    *table = (struct tensor_table){.tensor = both, .count = count};
    return true;
}

static bool make_files(struct model *m, size_t count, const char *folder, struct error *err)
{
    m->files = arena_alloc(&m->arena, count, sizeof *m->files);
    return m->files ? true : import_no_memory(folder, err);
}

/* The distinct values of the index's weight_map, as the keys of an object. */
static json_t *shard_names(const json_t *index, const char *path, struct error *err)
{
    json_t *shards = json_object(), *map = json_object_get(index, "weight_map"), *value;
    const char *tensor;

    if (!shards) {
        import_no_memory(path, err);
        return NULL;
    }
    if (json_object_size(map) == 0) {
        error_set(err, ERROR_INPUT, "%s: weight_map is not an object with tensors", path);
        json_decref(shards);
        return NULL;
    }
    json_object_foreach(map, tensor, value)
    {
        const char *file = json_string_value(value);
        /* A name with a folder in it could lead anywhere. */
        if (!file || !*file || strchr(file, '/')) {
            error_set(err, ERROR_INPUT, "%s: weight_map: %s: not a file's name", path, tensor);
        } else if (json_object_set_new(shards, file, json_true()) != 0) {
            import_no_memory(path, err);
        } else {
            continue;
        }
        json_decref(shards);
        return NULL;
    }
    return shards;
}

static bool add_shards(struct model *m, const char *folder, json_t *shards,
                       struct tensor_table *table, struct arena *arena, struct error *err)
{
    char path[4096];
    const char *name;
    json_t *unused;

    if (!make_files(m, json_object_size(shards), folder, err))
        return false;
    json_object_foreach(shards, name, unused)
    {
        if (!path_in(path, sizeof path, folder, name, err) ||
            !add_shard(m, path, table, arena, err))
            return false;
    }
    return true;
}

static bool read_sharded(struct model *m, const char *folder, const char *index_path,
                         struct tensor_table *table, struct arena *arena, struct error *err)
{
    json_t *index = json_open(index_path, err);
    if (!index)
        return false;
    json_t *shards = shard_names(index, index_path, err);
    bool done = shards && add_shards(m, folder, shards, table, arena, err);
    json_decref(shards);
    json_decref(index);
    return done;
}

/* The file or the index that holds the weights: its path. */
static bool find_weights(const char *folder, bool *is_index, char *path, size_t size,
                         struct error *err)
{
    static const char *const names_of_files[] = {
        "model.safetensors", "model.safetensors.index.json",
        "pytorch_model.bin", "pytorch_model.bin.index.json",
        "model.pt",          "model.pth"};

    for (size_t i = 0; i < sizeof names_of_files / sizeof *names_of_files; i++) {
        if (!path_in(path, size, folder, names_of_files[i], err))
            return false;
        *is_index = strstr(names_of_files[i], ".index.") != NULL;
        if (access(path, F_OK) == 0)
            return true;
    }
    *is_index = false; /* none: opening the first says what is missing */
    return path_in(path, size, folder, names_of_files[0], err);
}

static bool read_tensors(struct model *m, const char *folder, struct tensor_table *table,
                         struct arena *arena, struct error *err)
{
    char path[4096];
    bool is_index;

    if (!find_weights(folder, &is_index, path, sizeof path, err))
        return false;
    if (is_index) {
        if (!read_sharded(m, folder, path, table, arena, err))
            return false;
    } else if (!make_files(m, 1, folder, err) || !add_shard(m, path, table, arena, err)) {
        return false;
    }
    return tensor_table_sort(table, err);
}

static bool take_llama(struct model *m, const struct tensor_table *table, size_t bytes,
                       const char *folder, struct error *err)
{
    return import_layers(m, bytes, folder, err) &&
           tensor_take_llama(m, table, &names, ignored, folder, err) &&
           rope_pair_halves(m, folder, err);
}

static bool take_mamba(struct model *m, const struct tensor_table *table, size_t bytes,
                       const char *folder, struct error *err)
{
    struct mamba_names of_file = mamba_names;

    if (!tensor_find(table, of_file.embedding))
        of_file.embedding = "backbone.embeddings.weight";
    return mamba_make_layers(m, bytes, folder, err) &&
           mamba_take_tensors(m, table, &of_file, ignored, folder, err);
}

static bool import_tensors(struct model *m, const char *folder, struct arena *arena,
                           struct error *err)
{
    struct tensor_table table = {0};
    size_t bytes = 0;

    if (!read_tensors(m, folder, &table, arena, err))
        return false;
    for (size_t i = 0; i < m->file_count; i++)
        bytes += m->files[i].size;
    if (m->features)
        return classifier_take_tensors(m, &table, folder, err);
    return m->architecture == ARCHITECTURE_LLAMA ? take_llama(m, &table, bytes, folder, err)
                                                 : take_mamba(m, &table, bytes, folder, err);
}

static bool read_config(struct model *m, const char *path, struct error *err)
{
    json_t *config = json_open(path, err);
    bool done =
        config && (classifier_config_is(config) ? classifier_config_parse(m, config, path, err)
                   : mamba_config_is(config)    ? mamba_config_parse(m, config, path, err)
                                                : llama_config_parse(m, config, path, err));

    json_decref(config);
    return done;
}

bool import_huggingface(struct model *m, const char *folder, struct error *err)
{
    struct arena arena = {0}; /* for what only the import needs */
    char path[4096];

    bool done = path_in(path, sizeof path, folder, "config.json", err) &&
                read_config(m, path, err) && import_tensors(m, folder, &arena, err);
    arena_free(&arena);
    return done;
}
