/* SPDX-License-Identifier: Apache-2.0 */
#include "host/tokenizer/bpe.h"

#include <stdlib.h>
#include <string.h>

#include "host/tokenizer/tokenizer.h"

/* A merge that may be done, unless one of its symbols has changed meanwhile. */
struct bpe_candidate {
    double priority; /* the higher the sooner */
    uint32_t left, right;
    uint32_t left_length, right_length;
    uint32_t result;
};

/* llama2.c takes no merge with a score of -1e10 or below. */
static const double lowest_score = -1e10;

static bool grow(void **array, size_t *size, size_t item)
{
    size_t larger = *size ? *size * 2 : 64;
    void *memory = larger <= SIZE_MAX / 2 / item ? realloc(*array, larger * item) : NULL;

    if (!memory)
        return false;
    *array = memory;
    *size = larger;
    return true;
}

bool bpe_push(struct bpe_work *work, uint32_t id, uint32_t start, uint32_t length)
{
    if (work->count == work->size &&
        !grow((void **)&work->symbol, &work->size, sizeof *work->symbol))
        return false;
    work->symbol[work->count++] = (struct bpe_symbol){.id = id, .start = start, .length = length};
    return true;
}

void bpe_work_free(struct bpe_work *work)
{
    free(work->symbol);
    free(work->heap);
    *work = (struct bpe_work){0};
}

static bool before(const struct bpe_candidate *a, const struct bpe_candidate *b)
{
    return a->priority > b->priority || (a->priority == b->priority && a->left < b->left);
}

static bool heap_push(struct bpe_work *work, const struct bpe_candidate *candidate)
{
    if (work->heap_count == work->heap_size &&
        !grow((void **)&work->heap, &work->heap_size, sizeof *work->heap))
        return false;
    size_t at = work->heap_count++;
    while (at > 0 && before(candidate, &work->heap[(at - 1) / 2])) {
        work->heap[at] = work->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    work->heap[at] = *candidate;
    return true;
}

static struct bpe_candidate heap_pop(struct bpe_work *work)
{
    struct bpe_candidate *heap = work->heap, first = heap[0], last = heap[--work->heap_count];
    size_t at = 0, count = work->heap_count;

    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return first;
}

static uint32_t pair_hash(uint32_t left, uint32_t right)
{
    uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

static uint32_t *find_pair_slot(const struct bpe_merges *merges, uint32_t left, uint32_t right)
{
    for (uint32_t i = pair_hash(left, right) & merges->slot_mask;;
         i = (i + 1) & merges->slot_mask) {
        uint32_t rank = merges->slot[i];
        if (rank == TOKEN_NONE ||
            (merges->merge[rank].left == left && merges->merge[rank].right == right))
            return &merges->slot[i];
    }
}

bool bpe_merges_index(struct bpe_merges *merges, struct arena *arena)
{
    size_t slots = 4;

    while (slots < 2 * (size_t)merges->count)
        slots *= 2;
    merges->slot = arena_alloc(arena, slots, sizeof *merges->slot);
    if (!merges->slot)
        return false;
    merges->slot_mask = (uint32_t)(slots - 1);
    memset(merges->slot, 0xff, slots * sizeof *merges->slot);
    for (uint32_t rank = 0; rank < merges->count; rank++) {
        const struct bpe_merge *m = &merges->merge[rank];
        uint32_t *slot = find_pair_slot(merges, m->left, m->right);
        if (*slot == TOKEN_NONE)
            *slot = rank;
    }
    return true;
}

static bool rank_pair(const struct vocabulary *v, const struct bpe_merges *merges, const char *text,
                      const struct bpe_symbol *left, const struct bpe_symbol *right,
                      double *priority, uint32_t *result)
{
    if (merges) {
        uint32_t rank = *find_pair_slot(merges, left->id, right->id);
        if (rank == TOKEN_NONE)
            return false;
        *priority = -(double)rank;
        *result = merges->merge[rank].result;
        return true;
    }
    *result = vocabulary_find(v, text + left->start, (size_t)left->length + right->length);
    if (*result == TOKEN_NONE)
        return false;
    *priority = v->token[*result].score;
    return *priority > lowest_score;
}

/* Put the merge of symbol `at` with the next on the heap, if there is one. */
static bool consider(struct bpe_work *work, const struct vocabulary *v,
                     const struct bpe_merges *merges, const char *text, uint32_t at)
{
    const struct bpe_symbol *left = &work->symbol[at];
    if (left->next == TOKEN_NONE)
        return true;
    const struct bpe_symbol *right = &work->symbol[left->next];
    struct bpe_candidate c = {.left = at,
                              .right = left->next,
                              .left_length = left->length,
                              .right_length = right->length};

    if (left->length == 0 || right->length == 0 ||
        !rank_pair(v, merges, text, left, right, &c.priority, &c.result))
        return true;
    return heap_push(work, &c);
}

/* Symbols only grow, so one with its old length is as it was. */
static bool is_current(const struct bpe_work *work, const struct bpe_candidate *c)
{
    const struct bpe_symbol *left = &work->symbol[c->left], *right = &work->symbol[c->right];
    return left->length == c->left_length && right->length == c->right_length &&
           left->next == c->right;
}

static void apply(struct bpe_work *work, const struct bpe_candidate *c)
{
    struct bpe_symbol *left = &work->symbol[c->left], *right = &work->symbol[c->right];

    left->id = c->result;
    left->length += right->length;
    left->next = right->next;
    if (right->next != TOKEN_NONE)
        work->symbol[right->next].previous = c->left;
    right->length = 0; /* no candidate that names it is current any more */
}

bool bpe_merge(struct bpe_work *work, const struct vocabulary *v, const struct bpe_merges *merges,
               const char *text)
{
    uint32_t count = (uint32_t)work->count;

    work->heap_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        work->symbol[i].previous = i ? i - 1 : TOKEN_NONE;
        work->symbol[i].next = i + 1 < count ? i + 1 : TOKEN_NONE;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!consider(work, v, merges, text, i))
            return false;
    while (work->heap_count > 0) {
        struct bpe_candidate c = heap_pop(work);
        if (!is_current(work, &c))
            continue;
        apply(work, &c);
        uint32_t previous = work->symbol[c.left].previous;
        if ((previous != TOKEN_NONE && !consider(work, v, merges, text, previous)) ||
            !consider(work, v, merges, text, c.left))
            return false;
    }
    return true;
}
