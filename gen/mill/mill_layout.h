/* SPDX-License-Identifier: Apache-2.0 */
/* Where things stand in a .mill file; shared by its reader and its writer. */
#ifndef MILLRACE_GEN_MILL_LAYOUT_H
#define MILLRACE_GEN_MILL_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define MILL_MAGIC "MILLRACE"

enum { MILL_VERSION = 1, MILL_HEADER_BYTES = 16, MILL_SECTION_BYTES = 24, MILL_ALIGNMENT = 64 };

enum section_kind {
    SECTION_SHAPE,
    SECTION_TAPE,
    SECTION_EMBEDDING,
    SECTION_EMBEDDING_SCALE,
    SECTION_ROPE,
    SECTION_TOKENIZER,
    SECTION_FLOATS,
    SECTION_MIXER,   /* of a Mamba model alone */
    SECTION_NETWORK, /* of an image network, here and below */
    SECTION_INTEGERS,
    SECTION_FEATURES, /* of a classifier alone */
    SECTION_KINDS
};

/* The shape section: these u32, then u64 parameters, then the name. */
enum shape_field {
    SHAPE_DIM,
    SHAPE_HIDDEN_DIM,
    SHAPE_LAYERS,
    SHAPE_HEADS,
    SHAPE_KV_HEADS,
    SHAPE_HEAD_DIM,
    SHAPE_VOCAB,
    SHAPE_MAX_SEQ,
    SHAPE_WEIGHT_BITS,
    SHAPE_ACT_BITS,
    SHAPE_BOS,
    SHAPE_EOS,
    SHAPE_EMBED_SHIFT,
    SHAPE_LOGIT_FRACTION,
    SHAPE_EMBEDDING_GROUP,
    SHAPE_RESERVED,
    SHAPE_FIELDS
};

enum {
    SHAPE_PARAMETERS = 4 * SHAPE_FIELDS,
    SHAPE_NAME = SHAPE_PARAMETERS + 8,
    SHAPE_BYTES = SHAPE_NAME + 64,
};

/* The mixer section: these u32. */
enum mixer_field {
    MIXER_ARCHITECTURE,
    MIXER_INNER,
    MIXER_STATE,
    MIXER_CONV_WIDTH,
    MIXER_DT_RANK,
    MIXER_HEADS,
    MIXER_STATE_BITS,
    MIXER_FIELDS
};

enum { MIXER_BYTES = 4 * MIXER_FIELDS };

/* The features section: how many there are, u32, and the scale, f32. */
enum { FEATURES_BYTES = 8 };

/* Byte of the shape section where `field` stands. */
static inline size_t shape_offset(enum shape_field field)
{
    return (size_t)field * sizeof(uint32_t);
}

#endif
