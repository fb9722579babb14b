/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image/frame_pace.h"

uint32_t frame_pace_first(const struct frame_pace *pace)
{
    return pace->step ? pace->step - 1 : 0;
}

uint64_t frame_pace_limit(const struct frame_pace *pace)
{
    return pace->cycles - pace->debt;
}

void frame_pace_take(struct frame_pace *pace, uint32_t step, uint64_t cycles)
{
    uint64_t taken = pace->debt + cycles;
    uint64_t beyond = taken > pace->cycles ? taken - pace->cycles : 0;

    pace->step = step;
    pace->frames++;
    pace->late += beyond > 0;
    pace->debt = beyond < pace->cycles ? beyond : pace->cycles;
}
