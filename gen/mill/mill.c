/* SPDX-License-Identifier: Apache-2.0 */
/* A language model in a .mill file; container.c has the file's layout. */
#include "gen/mill/mill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "gen/mill/container.h"
#include "gen/mill/frames.h"
#include "gen/mill/tape.h"
#include "host/tokenizer/tokenizer.h"

struct range {
    const char *name;
    uint32_t value, least, most;
};

static bool check_ranges(const struct range *range, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (range[i].value < range[i].least || range[i].value > range[i].most)
            return error_set(err, ERROR_INPUT, "shape: %s is %u, must be %u to %u", range[i].name,
                             range[i].value, range[i].least, range[i].most);
    return true;
}

static bool check_shape(const struct mill_shape *s, struct error *err)
{
    uint32_t attention = s->architecture == ARCHITECTURE_LLAMA;
    const struct range range[] = {
        {"dim", s->dim, 2, 16384},
        {"hidden_dim", s->hidden_dim, attention, attention * 32768},
        {"layers", s->layers, 1, 1024},
        {"heads", s->heads, attention, attention * 1024},
        {"kv_heads", s->kv_heads, attention, attention * 1024},
        {"head_dim", s->head_dim, attention * 2, attention * 128},
        {"vocab", s->vocab, 1, 65534},
        {"max_seq", s->max_seq, 1, 65535},
        {"weight_bits", s->weight_bits, 2, 8},
        {"act_bits", s->act_bits, 4, 8},
    };
    if (!check_ranges(range, sizeof range / sizeof range[0], err))
        return false;
    if (attention && (s->head_dim % 2 != 0 || s->heads % s->kv_heads != 0))
        return error_set(err, ERROR_INPUT,
                         "shape: head_dim %u must be even, heads %u a multiple of kv_heads %u",
                         s->head_dim, s->heads, s->kv_heads);
    return true;
}

static bool check_mixer(const struct mill_shape *s, struct error *err)
{
    const struct mixer_shape *m = &s->mixer;
    bool first = s->architecture == ARCHITECTURE_MAMBA;
    const struct range range[] = {
        {"architecture", s->architecture, ARCHITECTURE_MAMBA, ARCHITECTURE_MAMBA2},
        {"inner", m->inner, 16, 16384},
        {"state", m->state, 1, 1024},
        {"conv_width", m->conv_width, 1, 4},
        {"dt_rank", m->dt_rank, first, first * 16384},
        {"heads", m->heads, 1, m->inner},
        {"state_bits", s->state_bits, 8, 16},
    };
    if (!check_ranges(range, sizeof range / sizeof range[0], err))
        return false;
    if (m->inner % 16 != 0 || m->state % 16 != 0 || m->inner % m->heads != 0 ||
        (first ? m->heads != m->inner : m->inner / m->heads % 16 != 0))
        return error_set(err, ERROR_INPUT,
                         "shape: %u channels in %u heads with a state of %u are not whole blocks",
                         m->inner, m->heads, m->state);
    return true;
}

static bool read_mixer(struct mill *mill, const struct mill_section *section, struct error *err)
{
    struct mill_shape *s = &mill->shape;

    if (!section->data)
        return true;
    if (section->size != MIXER_BYTES)
        return error_set(err, ERROR_INPUT, "mixer: %zu bytes, must be %d", section->size,
                         MIXER_BYTES);
    s->architecture = (enum architecture)load_u32(section->data + (size_t)4 * MIXER_ARCHITECTURE);
    s->mixer = (struct mixer_shape){
        .inner = load_u32(section->data + (size_t)4 * MIXER_INNER),
        .state = load_u32(section->data + (size_t)4 * MIXER_STATE),
        .conv_width = load_u32(section->data + (size_t)4 * MIXER_CONV_WIDTH),
        .dt_rank = load_u32(section->data + (size_t)4 * MIXER_DT_RANK),
        .heads = load_u32(section->data + (size_t)4 * MIXER_HEADS),
    };
    s->state_bits = load_u32(section->data + (size_t)4 * MIXER_STATE_BITS);
    return check_mixer(s, err);
}

static bool read_shape(struct mill *mill, const struct mill_section *section, struct error *err)
{
    uint32_t field[SHAPE_FIELDS];

    if (section->size != SHAPE_BYTES)
        return error_set(err, ERROR_INPUT, "shape: %zu bytes, must be %d", section->size,
                         SHAPE_BYTES);
    for (int i = 0; i < SHAPE_FIELDS; i++)
        field[i] = load_u32(section->data + shape_offset((enum shape_field)i));
    mill->shape = (struct mill_shape){
        .dim = field[SHAPE_DIM],
        .hidden_dim = field[SHAPE_HIDDEN_DIM],
        .layers = field[SHAPE_LAYERS],
        .heads = field[SHAPE_HEADS],
        .kv_heads = field[SHAPE_KV_HEADS],
        .head_dim = field[SHAPE_HEAD_DIM],
        .vocab = field[SHAPE_VOCAB],
        .max_seq = field[SHAPE_MAX_SEQ],
        .weight_bits = field[SHAPE_WEIGHT_BITS],
        .act_bits = field[SHAPE_ACT_BITS],
    };
    mill->bos_token = field[SHAPE_BOS];
    mill->eos_token = field[SHAPE_EOS];
    mill->embed_shift = field[SHAPE_EMBED_SHIFT];
    mill->logit_fraction = field[SHAPE_LOGIT_FRACTION];
    mill->embedding_group = field[SHAPE_EMBEDDING_GROUP];
    mill->parameters = load_u64(section->data + SHAPE_PARAMETERS);
    memcpy(mill->name, section->data + SHAPE_NAME, sizeof mill->name);
    mill->name[sizeof mill->name - 1] = '\0';
    if (mill->embed_shift > 15 || mill->logit_fraction > 30 || mill->embedding_group < 1)
        return error_set(err, ERROR_INPUT, "shape: a fixed-point format is out of range");
    return true;
}

static bool read_features(struct mill *mill, const struct mill_section *section, struct error *err)
{
    struct mill_shape *s = &mill->shape;

    if (!section->data)
        return true;
    if (section->size != FEATURES_BYTES)
        return error_set(err, ERROR_INPUT, "features: %zu bytes, must be %d", section->size,
                         FEATURES_BYTES);
    const uint8_t *data = section->data;
    s->features = load_u32(data);
    mill->feature_scale = load_f32(data + 4);
    if (s->features < 1 || s->architecture == ARCHITECTURE_LLAMA || s->features >= s->dim ||
        frame_output_at(s->features) >= s->dim || s->vocab < 2)
        return error_set(err, ERROR_INPUT, "features: %u, the shape has no place for so many",
                         s->features);
    if (!(mill->feature_scale > 0 && mill->feature_scale < 1e30F))
        return error_set(err, ERROR_INPUT, "features: a scale of %g", (double)mill->feature_scale);
    return true;
}

static bool check_size(const char *name, const struct mill_section *section, uint64_t size,
                       struct error *err)
{
    if (section->size != size)
        return error_set(err, ERROR_INPUT, "%s: %zu bytes, the shape needs %llu", name,
                         section->size, (unsigned long long)size);
    return true;
}

static bool read_tables(struct mill *mill, const struct mill_section *section, struct error *err)
{
    const struct mill_shape *s = &mill->shape;
    uint64_t groups = (s->dim + mill->embedding_group - 1) / mill->embedding_group;

    uint64_t rows = s->features ? 0 : s->vocab;

    if (!check_size("embedding", &section[SECTION_EMBEDDING], rows * s->dim, err) ||
        !check_size("embedding scales", &section[SECTION_EMBEDDING_SCALE], rows * groups, err) ||
        !check_size("rope", &section[SECTION_ROPE], (uint64_t)s->max_seq * s->head_dim * 2, err))
        return false;
    mill->embedding = (const int8_t *)section[SECTION_EMBEDDING].data;
    mill->embedding_scale = section[SECTION_EMBEDDING_SCALE].data;
    mill->rope = (const int16_t *)(const void *)section[SECTION_ROPE].data;
    mill->tape = section[SECTION_TAPE].data;
    mill->tape_size = section[SECTION_TAPE].size;
    mill->floats = (const float *)(const void *)section[SECTION_FLOATS].data;
    mill->float_count = section[SECTION_FLOATS].size / sizeof(float);
    return true;
}

static bool read_mill(struct mill *mill, const struct mapped_file *file, struct error *err)
{
    struct mill_section section[SECTION_KINDS] = {{0}};

    if (!mill_read_sections(file, section, err))
        return false;
    if (section[SECTION_NETWORK].data)
        return error_set(err, ERROR_INPUT, "holds an image network; see millrace upscale");
    if (!read_shape(mill, &section[SECTION_SHAPE], err) ||
        !read_mixer(mill, &section[SECTION_MIXER], err) || !check_shape(&mill->shape, err) ||
        !read_features(mill, &section[SECTION_FEATURES], err) || !read_tables(mill, section, err) ||
        !tape_decode(mill, err))
        return false;
    if (mill->shape.features)
        return true;
    mill->tokenizer =
        tokenizer_load(section[SECTION_TOKENIZER].data, section[SECTION_TOKENIZER].size, err);
    return mill->tokenizer != NULL;
}

bool mill_read(struct mill *mill, const struct mapped_file *file, struct error *err)
{
    *mill = (struct mill){0};
    if (read_mill(mill, file, err))
        return true;
    mill_close(mill);
    return false;
}

bool mill_open(struct mill *mill, const char *path, struct error *err)
{
    struct mapped_file file;

    *mill = (struct mill){0};
    if (!mapped_file_open(&file, path, err))
        return false;
    if (!mill_read(mill, &file, err)) {
        mapped_file_close(&file);
        return error_prefix(err, "%s", path);
    }
    mill->file = file;
    return true;
}

void mill_close(struct mill *mill)
{
    tokenizer_free(mill->tokenizer);
    arena_free(&mill->arena);
    mapped_file_close(&mill->file);
    *mill = (struct mill){0};
}

uint32_t mill_inputs(const struct mill *mill)
{
    return mill->shape.features ? mill->frames : mill->shape.vocab;
}

void mill_embedding(const struct mill *mill, uint32_t token, int16_t *out)
{
    uint32_t dim = mill->shape.dim, group = mill->embedding_group;

    if (mill->shape.features) {
        memcpy(out, mill->frame + (size_t)token * dim, dim * sizeof *out);
        return;
    }
    uint32_t groups = (dim + group - 1) / group;
    const int8_t *mantissa = mill->embedding + (size_t)token * dim;
    const uint8_t *scale = mill->embedding_scale + (size_t)token * groups;

    for (uint32_t i = 0; i < dim; i++)
        out[i] = (int16_t)(mantissa[i] * scale[i / group]);
}
