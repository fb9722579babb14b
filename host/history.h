/* SPDX-License-Identifier: Apache-2.0 */
/* What each slot of a device has been fed: enough to bring a device that has
 * lost its memory back to where it was. */
#ifndef MILLRACE_HOST_HISTORY_H
#define MILLRACE_HOST_HISTORY_H

#include <stddef.h>

#include "host/device.h"

struct history_slot {
    uint32_t *token; /* [room], owned: those of positions 0..count-1 */
    uint32_t count;
    size_t room;
};

struct history {
    struct history_slot *slot; /* [slots], owned */
    uint32_t slots;
};

/* All slots empty.  ERROR_FAILED where memory is out. */
bool history_open(struct history *history, uint32_t slots, struct error *err);
void history_close(struct history *history);

/* Add a pass that the device has done; a position that was there before is
 * written over and ends its slot, as a new text does that begins at 0. */
bool history_add(struct history *history, const struct pass *pass, struct error *err);

/* The pass that feeds `slot` again from position `from` on, at most `columns`
 * tokens of it in column[columns], without a result.  Its count is 0 at the end. */
struct pass history_pass(const struct history *history, uint32_t slot, uint32_t from,
                         uint32_t columns, struct pass_column *column);

#endif
