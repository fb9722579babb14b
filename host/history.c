/* SPDX-License-Identifier: Apache-2.0 */
#include "host/history.h"

#include <inttypes.h>
#include <stdlib.h>

enum { FIRST_ROOM = 64 };

bool history_open(struct history *history, uint32_t slots, struct error *err)
{
    *history = (struct history){calloc(slots, sizeof *history->slot), slots};
    return history->slot || error_set(err, ERROR_FAILED, "out of memory");
}

void history_close(struct history *history)
{
    for (uint32_t i = 0; history->slot && i < history->slots; i++)
        free(history->slot[i].token);
    free(history->slot);
}

static bool write(struct history_slot *slot, const struct pass_column *column, struct error *err)
{
    if (column->position > slot->count)
        return error_set(err, ERROR_INPUT, "a pass skips from position %" PRIu32 " to %" PRIu32,
                         slot->count, column->position);
    if (column->position == slot->room) {
        size_t room = slot->room == 0 ? FIRST_ROOM : 2 * slot->room;
        uint32_t *token = realloc(slot->token, room * sizeof *token);
        if (!token)
            return error_set(err, ERROR_FAILED, "out of memory");
        slot->token = token;
        slot->room = room;
    }
    slot->token[column->position] = column->token;
    slot->count = column->position + 1;
    return true;
}

bool history_add(struct history *history, const struct pass *pass, struct error *err)
{
    for (uint32_t c = 0; c < pass->count; c++) {
        uint32_t slot = pass->mode == PASS_DECODE ? c : pass->slot;
        if (!write(&history->slot[slot], &pass->column[c], err))
            return false;
    }
    return true;
}

struct pass history_pass(const struct history *history, uint32_t slot, uint32_t from,
                         uint32_t columns, struct pass_column *column)
{
    const struct history_slot *s = &history->slot[slot];
    struct pass pass = {.mode = PASS_PREFILL, .slot = slot, .column = column};

    for (; pass.count < columns && from + pass.count < s->count; pass.count++) {
        uint32_t position = from + pass.count;
        column[pass.count] = (struct pass_column){s->token[position], position};
    }
    return pass;
}
