/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/mill/mill_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "gen/mill/container.h"
#include "host/tokenizer/tokenizer.h"

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

bool mill_write(const struct mill *mill, const char *path, struct error *err)
{
    const struct mill_shape *s = &mill->shape;
    size_t groups = (s->dim + mill->embedding_group - 1) / mill->embedding_group;
    size_t rows = s->features ? 0 : s->vocab;
    uint8_t shape[SHAPE_BYTES], mixer[MIXER_BYTES], features[FEATURES_BYTES];
    size_t tokenizer_size = 0;
    uint8_t *tokenizer = s->features ? NULL : tokenizer_save(mill->tokenizer, &tokenizer_size);

    if (!tokenizer && !s->features)
        return error_set(err, ERROR_FAILED, "%s: out of memory", path);
    encode_shape(mill, shape);
    encode_mixer(s, mixer);
    store_u32(features, s->features);
    memcpy(features + 4, &mill->feature_scale, 4);
    const struct mill_section section[SECTION_KINDS] = {
        [SECTION_SHAPE] = {shape, sizeof shape},
        [SECTION_TAPE] = {mill->tape, mill->tape_size},
        [SECTION_EMBEDDING] = {rows ? mill->embedding : NULL, rows * s->dim},
        [SECTION_EMBEDDING_SCALE] = {rows ? mill->embedding_scale : NULL, rows * groups},
        [SECTION_ROPE] = {mill->rope, (size_t)s->max_seq * s->head_dim * sizeof *mill->rope},
        [SECTION_TOKENIZER] = {tokenizer, tokenizer_size},
        [SECTION_FLOATS] = {mill->floats, mill->float_count * sizeof *mill->floats},
        [SECTION_MIXER] = {s->architecture == ARCHITECTURE_LLAMA ? NULL : mixer, sizeof mixer},
        [SECTION_FEATURES] = {s->features ? features : NULL, sizeof features},
    };
    bool ok = mill_write_sections(section, path, err);
    free(tokenizer);
    return ok;
}
