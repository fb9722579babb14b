/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/serial/program.h"

#include <inttypes.h>
#include <string.h>

#include "gen/op/numerics.h"
#include "gen/serial/program_inside.h"

enum { ENTRIES = 32, IDLE = 31 };

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t power = 1;
    while (power < at_least)
        power *= 2;
    return power;
}

static uint32_t largest(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t serial_widest(const struct serial_shape *s)
{
    return largest(largest(s->dim, s->hidden), s->heads * s->head_dim);
}

/* The memory's free words: above the vector, and below it. */
struct free_words {
    uint32_t above, above_from, below;
};

/* From the end of either down, at a multiple of the size. */
static uint32_t place(struct free_words *f, uint32_t size)
{
    uint32_t above = (f->above - size) / size * size;

    if (f->above >= size && above >= f->above_from)
        return f->above = above;
    return f->below = (f->below - size) / size * size;
}

struct serial_layout serial_lay_out(const struct serial_shape *s)
{
    struct serial_layout at;
    uint32_t positions = power_of_two(s->max_seq);
    uint32_t widest = serial_widest(s);
    /* A short last block is filled up by 15 zeros. */
    uint32_t vector = power_of_two(largest(largest(widest, s->max_seq), s->head_dim) + 15);
    uint32_t end = s->inner ? MIXER_VARIABLES : VARIABLES;
    struct free_words free_words;

    if (s->inner) /* a scan's B and C lie in it too */
        vector = largest(vector, 256);
    at.vector = (end - vector) / vector * vector;
    free_words = (struct free_words){end, at.vector + vector, at.vector};
    if (s->inner) {
        at.scores = at.value_exponents = at.rope = at.vector;
        at.x = place(&free_words, s->dim);
        at.wide_words = free_words.below;
        return at;
    }
    at.scores = place(&free_words, positions);
    at.value_exponents = place(&free_words, positions);
    at.rope = place(&free_words, power_of_two(s->head_dim));
    at.x = at.wide_words = free_words.below - s->dim;
    return at;
}

uint32_t serial_state_words(const struct serial_shape *s)
{
    enum { STATE_WORDS = 17 };

    return s->layers * s->inner * (s->conv_width - 1 + STATE_WORDS);
}

bool serial_fits(const struct serial_shape *s)
{
    enum { MOST = 256, STATES = 16384 };
    /* Blocks of 4 bits have an exponent rule of their own, for which there are no words. */
    if (s->act_bits != 8 || serial_state_words(s) > STATES)
        return false;
    return s->heads && s->heads * s->head_dim <= MOST && s->head_dim <= 128 && s->max_seq <= 128 &&
           s->hidden <= MOST && s->dim <= MOST && s->vocab <= SERIAL_MEMORY &&
           s->wide_depth <= serial_lay_out(s).wide_words;
}

static void put_limit(uint32_t *memory, unsigned at, uint32_t limit)
{
    memory[at] = limit;
    memory[at + 1] = -limit;
}

static void fill_mixer_memory(const struct serial_shape *s, uint32_t *m)
{
    static const uint32_t eighths[] = {1, 5, 3, 7}; /* as gen/op/scan.c adds them */

    for (unsigned i = 0; i < 20; i++)
        m[DITHER + i] = eighths[(i + 3) % 4];
    m[DITHER_AT] = DITHER;
    m[LIMIT_SHIFT] = 63;
    m[LIMIT_SHIFT + 1] = 0;
    put_limit(m, LIMIT_EXP2, 18 << 16);
    put_limit(m, LIMIT_STATE, (1u << 30) - 1);
    m[TWO] = 2;
    m[FOUR] = 4;
    m[EIGHT] = 8;
    m[TEN] = 10;
    m[TWELVE] = 12;
    m[SEVENTEEN] = 17;
    m[TWENTY_EIGHT] = 28;
    m[MINUS_2_TO_16] = -65536u;
    m[EXP2_AT] = 256 << low_bits(s);
    m[SOFTPLUS_AT] = 384 << low_bits(s);
    m[KEPT] = s->conv_width - 1;
}

static void fill_memory(const struct serial_shape *s, struct serial_program *p)
{
    uint32_t *m = p->memory;
    uint32_t widest = serial_widest(s);

    memset(m, 0, sizeof p->memory);
    put_limit(m, LIMIT_WIDE, WIDE_MAX);
    put_limit(m, LIMIT_RESIDUAL, INT32_MAX);
    put_limit(m, LIMIT_NORM, 32767);
    put_limit(m, LIMIT_8_BITS, 127);
    put_limit(m, LIMIT_9_BITS, 255);
    put_limit(m, LIMIT_OPERAND, (1u << (s->act_bits - 1)) - 1);
    m[ONE] = 1;
    m[MINUS_ONE] = UINT32_MAX;
    m[FIFTEEN] = 15;
    m[SIXTEEN] = 16;
    m[EIGHTEEN] = 18;
    m[TWENTY_FOUR] = 24;
    m[THIRTY_TWO] = 32;
    m[MINUS_2_TO_15] = -32768u;
    m[BELOW_2_TO_16] = 65535;
    m[TWO_TO_16] = 65536;
    m[RECIPROCAL_AT] = 256 << low_bits(s);
    m[RSQRT_AT] = 384 << low_bits(s);
    m[QUERY_AT] = (widest + 15) / 16 * 16;
    m[QUERY_STRIDE] = power_of_two((s->head_dim + 15) / 16) * 16;
    m[HEAD_LENGTH] = (s->head_dim + 15) / 16 * 16;
    for (unsigned i = 0; i < 16; i++)
        m[POWERS + i] = 1u << i;
    if (s->inner)
        fill_mixer_memory(s, m);
}

void serial_program_build(const struct serial_shape *shape, struct serial_program *program)
{
    struct serial_builder b = {.shape = shape, .program = program};
    unsigned entry[ENTRIES];

    for (unsigned i = 0; i < ENTRIES; i++)
        entry[i] = IDLE;
    *program = (struct serial_program){.layout = serial_lay_out(shape),
                                       .mixes = mixes(&b),
                                       .words = mixes(&b) ? SERIAL_WORDS_MIXER : SERIAL_WORDS,
                                       .length = ENTRIES};
    b.label = ENTRIES;
    fill_memory(shape, program);
    build_routines(&b);
    build_norm(&b, entry);
    if (!mixes(&b)) {
        build_heads(&b, entry);
        build_attention(&b, entry);
        build_glu(&b, entry);
    }
    build_copy(&b, entry);
    build_silu(&b, entry);
    build_matrix(&b, entry);
    if (mixes(&b))
        build_mixer(&b, entry);
    for (unsigned i = 0; i < ENTRIES; i++)
        program->word[i] = (struct instruction){.branch = JUMP, .literal = entry[i]};
    program->word[IDLE] = (struct instruction){.branch = END};
}

void serial_program_write(const struct serial_program *program, FILE *file)
{
    for (unsigned i = 0; i < program->words; i++)
        fprintf(file, "%010" PRIx64 "\n", instruction_word(&program->word[i]));
}

void serial_memory_write(const struct serial_program *program, FILE *file)
{
    for (unsigned i = 0; i < SERIAL_MEMORY; i++)
        fprintf(file, "%08" PRIx32 "\n", program->memory[i]);
}
