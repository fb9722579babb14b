/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to token ids and back.  Three kinds of vocabulary, one interface:
 *  - SentencePiece BPE with scores (llama2.c's tokenizer.bin, GGUF "llama");
 *  - SentencePiece-style BPE with merges (Hugging Face, byte_fallback);
 *  - byte-level BPE with merges (GPT-2's; Hugging Face ByteLevel, GGUF "gpt2").
 */
#ifndef MILLRACE_HOST_TOKENIZER_H
#define MILLRACE_HOST_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TOKEN_NONE UINT32_MAX

struct tokenizer;

/* Longest text of one token, in bytes, that tokenizer_decode can write. */
#define TOKEN_TEXT_MAX 1024

/* From a file: llama2.c's tokenizer.bin, which must hold exactly `vocab` tokens,
 * or Hugging Face's tokenizer.json, which may hold fewer, for models are padded.
 * `vocab` 0 takes as many as the file has.  NULL on failure. */
struct tokenizer *tokenizer_open(const char *path, uint32_t vocab, struct error *err);

/* Say which tokens are BOS and EOS, for tokenizer.json does not.  An id outside
 * the vocabulary stands for none. */
void tokenizer_set_special(struct tokenizer *t, uint32_t bos, uint32_t eos);

/* To and from the form that a .mill file holds. tokenizer_save returns malloc'd
 * bytes (caller frees) and their count; NULL where memory is short. */
uint8_t *tokenizer_save(const struct tokenizer *t, size_t *size);
struct tokenizer *tokenizer_load(const uint8_t *data, size_t size, struct error *err);

void tokenizer_free(struct tokenizer *t);

uint32_t tokenizer_vocab(const struct tokenizer *t);
uint32_t tokenizer_bos(const struct tokenizer *t); /* TOKEN_NONE where there is none */
uint32_t tokenizer_eos(const struct tokenizer *t);

/* Ids of `text`, BOS not added; special tokens in the text are plain text.
 * *ids is malloc'd (caller frees).  Fails only for want of memory or on text
 * that no token covers (the message gives the byte offset). */
bool tokenizer_encode(const struct tokenizer *t, const char *text, size_t length, uint32_t **ids,
                      size_t *count, struct error *err);

/* Bytes that `id` adds after `previous` (TOKEN_NONE at the start) into `out`
 * (room for TOKEN_TEXT_MAX); returns their number.  SentencePiece drops the
 * space after BOS or at the start.  Control tokens add nothing. */
size_t tokenizer_decode(const struct tokenizer *t, uint32_t previous, uint32_t id, char *out);

#endif
