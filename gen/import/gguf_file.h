/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GGUF container, versions 2 and 3 (ggml, docs/gguf.md): "GGUF", uint32
 * version, uint64 tensors, uint64 key/value pairs; the pairs; for each tensor
 * its name, dimensions, type and offset; padding; the tensors' bytes.
 */
#ifndef MILLRACE_GEN_IMPORT_GGUF_FILE_H
#define MILLRACE_GEN_IMPORT_GGUF_FILE_H

#include "base/reader.h"
#include "gen/import/tensor.h"

enum gguf_type {
    GGUF_U8,
    GGUF_I8,
    GGUF_U16,
    GGUF_I16,
    GGUF_U32,
    GGUF_I32,
    GGUF_F32,
    GGUF_BOOL,
    GGUF_STRING,
    GGUF_ARRAY,
    GGUF_U64,
    GGUF_I64,
    GGUF_F64,
    GGUF_TYPES
};

/* Bytes that are not NUL-ended; in the mapped file. */
struct gguf_text {
    const char *data;
    size_t length;
};

/* A value's bytes are checked: they are all in the file. */
struct gguf_value {
    struct gguf_text key;
    enum gguf_type type; /* of the value, or of an array's elements */
    bool is_array;
    uint64_t count; /* elements; 1 where it is no array */
    const uint8_t *data;
};

struct gguf {
    const char *name; /* the file's, for messages */
    struct gguf_value *value;
    size_t values;
    struct tensor_table tensors; /* sorted; shapes outermost first, unlike the file's */
};

/* Read and check all but the tensors' values.  `arena` owns what is made; the
 * rest stays in the file. */
bool gguf_read(struct gguf *g, const struct mapped_file *file, const char *path,
               struct arena *arena, struct error *err);

const struct gguf_value *gguf_find(const struct gguf *g, const char *key);

/* These leave *value alone where the key is absent. */
bool gguf_read_u32(const struct gguf *g, const char *key, uint32_t *value, struct error *err);
bool gguf_read_number(const struct gguf *g, const char *key, double *value, struct error *err);
bool gguf_read_flag(const struct gguf *g, const char *key, bool *value, struct error *err);
bool gguf_read_text(const struct gguf *g, const char *key, struct gguf_text *value,
                    struct error *err);

/* An array of this type.  *value NULL where the key is absent. */
bool gguf_read_array(const struct gguf *g, const char *key, enum gguf_type type,
                     const struct gguf_value **value, struct error *err);

/* The strings of an array of them, one after the other: start at value->data. */
struct gguf_text gguf_next_text(const uint8_t **at);

bool gguf_text_is(struct gguf_text text, const char *wanted);

#endif
