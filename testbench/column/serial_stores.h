// SPDX-License-Identifier: Apache-2.0
//
// Where rtl/serial/serial_column.v, with two lanes, keeps what.
#ifndef MILLRACE_TESTBENCH_COLUMN_SERIAL_STORES_H
#define MILLRACE_TESTBENCH_COLUMN_SERIAL_STORES_H

#include <cstdint>
#include <cstring>

#include "Vserial_column.h"
#include "Vserial_column___024root.h"

extern "C" {
#include "gen/serial/cycles.h"
}

using Top = Vserial_column;

#define LANE(n)                                                                                    \
    serial_column__DOT__operands__DOT__lanes__BRA__##n##__KET____DOT__mantissas__DOT__memory

struct Stores {
    // Only what the operators' programs command.
    enum { fields_hold = 1, as_models_use_it = 1 };

    Vserial_column___024root &root;
    CData position = 0; // it has none of its own

    static uint64_t cycles(const column_shape &column, const micro_command &command)
    {
        static const serial_shape shape = {COLUMN_DIM,     COLUMN_HIDDEN,   COLUMN_WIDE_DEPTH,
                                           COLUMN_HEADS,   COLUMN_HEAD_DIM, COLUMN_MAX_SEQ,
                                           COLUMN_ACT_BITS};
        static serial_program program;
        if (!program.length)
            serial_program_build(&shape, &program);
        return serial_cycles(&program, &column, &command);
    }

    void clear()
    {
        wipe(root.LANE(0));
        wipe(root.LANE(1));
        wipe(root.serial_column__DOT__operands__DOT__exponents__DOT__memory);
        for (int i = 0; i < SERIAL_DIM; i++)
            root.serial_column__DOT__datapath__DOT__memory[SERIAL_X + i] = 0;
    }

    CData &load_position(Top &)
    {
        return position;
    }

    void set_wide(int i, int32_t value)
    {
        root.serial_column__DOT__datapath__DOT__memory[i] = (uint32_t)value;
    }

    int32_t at(size_t i) const
    {
        return (int32_t)root.serial_column__DOT__datapath__DOT__memory[i];
    }

    int32_t wide(size_t i) const
    {
        return at(i);
    }

    int32_t residual(size_t i) const
    {
        return at(SERIAL_X + i);
    }

    int32_t score(int t) const
    {
        return at(SERIAL_SCORES + t);
    }

    int value_exponent(int t) const
    {
        return at(SERIAL_EXPONENTS + t);
    }

    int exponent(size_t block) const
    {
        return root.serial_column__DOT__operands__DOT__exponents__DOT__memory[block];
    }

    int mantissa(size_t element) const
    {
        return (int8_t)(element % 2 ? root.LANE(1)[element / 2] : root.LANE(0)[element / 2]);
    }

  private:
    template <typename Memory> static void wipe(Memory &memory)
    {
        memset(&memory[0], 0, sizeof memory);
    }
};

#endif
