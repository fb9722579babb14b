/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/mill/mill_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/little_endian.h"
#include "gen/mill/mill_layout.h"
#include "host/tokenizer/tokenizer.h"

struct part {
    const void *data;
    size_t size;
};

static void encode_shape(const struct mill *mill, uint8_t out[SHAPE_BYTES])
{
    const struct mill_shape *s = &mill->shape;
    const uint32_t field[SHAPE_FIELDS] = {
        [SHAPE_DIM] = s->dim,
        [SHAPE_HIDDEN_DIM] = s->hidden_dim,
        [SHAPE_LAYERS] = s->layers,
        [SHAPE_HEADS] = s->heads,
        [SHAPE_KV_HEADS] = s->kv_heads,
        [SHAPE_HEAD_DIM] = s->head_dim,
        [SHAPE_VOCAB] = s->vocab,
        [SHAPE_MAX_SEQ] = s->max_seq,
        [SHAPE_WEIGHT_BITS] = s->weight_bits,
        [SHAPE_ACT_BITS] = s->act_bits,
        [SHAPE_BOS] = mill->bos_token,
        [SHAPE_EOS] = mill->eos_token,
        [SHAPE_EMBED_SHIFT] = mill->embed_shift,
        [SHAPE_LOGIT_FRACTION] = mill->logit_fraction,
        [SHAPE_EMBEDDING_GROUP] = mill->embedding_group,
    };
    for (int i = 0; i < SHAPE_FIELDS; i++)
        store_u32(out + shape_offset((enum shape_field)i), field[i]);
    store_u64(out + SHAPE_PARAMETERS, mill->parameters);
    memcpy(out + SHAPE_NAME, mill->name, sizeof mill->name);
}

static void encode_mixer(const struct mill_shape *s, uint8_t out[MIXER_BYTES])
{
    const uint32_t field[MIXER_FIELDS] = {
        [MIXER_ARCHITECTURE] = s->architecture, [MIXER_INNER] = s->mixer.inner,
        [MIXER_STATE] = s->mixer.state,         [MIXER_CONV_WIDTH] = s->mixer.conv_width,
        [MIXER_DT_RANK] = s->mixer.dt_rank,     [MIXER_HEADS] = s->mixer.heads,
        [MIXER_STATE_BITS] = s->state_bits,
    };
    for (int i = 0; i < MIXER_FIELDS; i++)
        store_u32(out + 4 * (size_t)i, field[i]);
}

static uint64_t align_up(uint64_t offset)
{
    return (offset + MILL_ALIGNMENT - 1) / MILL_ALIGNMENT * MILL_ALIGNMENT;
}

static bool write_parts(FILE *file, const struct part part[SECTION_KINDS])
{
    uint8_t head[MILL_HEADER_BYTES + SECTION_KINDS * MILL_SECTION_BYTES] = MILL_MAGIC;
    static const uint8_t zero[MILL_ALIGNMENT];
    uint32_t count = 0;

    for (int kind = 0; kind < SECTION_KINDS; kind++)
        count += part[kind].data != NULL;
    uint64_t at = MILL_HEADER_BYTES + (uint64_t)count * MILL_SECTION_BYTES, offset = align_up(at);
    uint8_t *entry = head + MILL_HEADER_BYTES;
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        if (!part[kind].data)
            continue;
        store_u32(entry, (uint32_t)kind);
        store_u64(entry + 8, offset);
        store_u64(entry + 16, part[kind].size);
        offset = align_up(offset + part[kind].size);
        entry += MILL_SECTION_BYTES;
    }
    store_u32(head + 8, MILL_VERSION);
    store_u32(head + 12, count);
    fwrite(head, 1, (size_t)at, file);
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        if (!part[kind].data)
            continue;
        fwrite(zero, 1, (size_t)(align_up(at) - at), file);
        fwrite(part[kind].data, 1, part[kind].size, file);
        at = align_up(at) + part[kind].size;
    }
    return !ferror(file);
}

static bool write_file(const char *path, const struct part *part, struct error *err)
{
    char temporary[4096];

    if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", path);
    FILE *file = fopen(temporary, "wb");
    if (!file)
        return error_set(err, ERROR_FAILED, "%s: %s", temporary, strerror(errno));
    bool written = write_parts(file, part);
    if (fclose(file) != 0 || !written || rename(temporary, path) != 0) {
        error_set(err, ERROR_FAILED, "%s: cannot write: %s", path, strerror(errno));
        unlink(temporary);
        return false;
    }
    return true;
}

bool mill_write(const struct mill *mill, const char *path, struct error *err)
{
    const struct mill_shape *s = &mill->shape;
    size_t groups = (s->dim + mill->embedding_group - 1) / mill->embedding_group;
    uint8_t shape[SHAPE_BYTES], mixer[MIXER_BYTES];
    size_t tokenizer_size;
    uint8_t *tokenizer = tokenizer_save(mill->tokenizer, &tokenizer_size);

    if (!tokenizer)
        return error_set(err, ERROR_FAILED, "%s: out of memory", path);
    encode_shape(mill, shape);
    encode_mixer(s, mixer);
    const struct part part[SECTION_KINDS] = {
        [SECTION_SHAPE] = {shape, sizeof shape},
        [SECTION_TAPE] = {mill->tape, mill->tape_size},
        [SECTION_EMBEDDING] = {mill->embedding, (size_t)s->vocab * s->dim},
        [SECTION_EMBEDDING_SCALE] = {mill->embedding_scale, s->vocab * groups},
        [SECTION_ROPE] = {mill->rope, (size_t)s->max_seq * s->head_dim * sizeof *mill->rope},
        [SECTION_TOKENIZER] = {tokenizer, tokenizer_size},
        [SECTION_FLOATS] = {mill->floats, mill->float_count * sizeof *mill->floats},
        [SECTION_MIXER] = {s->architecture == ARCHITECTURE_LLAMA ? NULL : mixer, sizeof mixer},
    };
    bool ok = write_file(path, part, err);
    free(tokenizer);
    return ok;
}
