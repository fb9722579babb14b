// SPDX-License-Identifier: Apache-2.0
//
// Where rtl/column.v keeps what.
#ifndef MILLRACE_TESTBENCH_COLUMN_STORES_H
#define MILLRACE_TESTBENCH_COLUMN_STORES_H

#include <cstdint>
#include <cstring>

#include "Vcolumn.h"
#include "Vcolumn___024root.h"

using Top = Vcolumn;

extern "C" {
#include "gen/op/micro_cycles.h"
}

struct Stores {
    // A command's fields may change once it is taken.
    enum { fields_hold = 0, as_models_use_it = 0 };

    Vcolumn___024root &root;

    static uint64_t cycles(const column_shape &column, const micro_command &command)
    {
        return micro_cycles(&column, &command);
    }

    void clear()
    {
        wipe(root.column__DOT__quantised__DOT__operands__DOT__mantissas__DOT__memory);
        wipe(root.column__DOT__quantised__DOT__operands__DOT__exponents__DOT__memory);
        wipe(root.column__DOT__residual__DOT__values__DOT__memory);
    }

    static CData &load_position(Top &top)
    {
        return top.load_position_i;
    }

    void set_wide(int i, int32_t value)
    {
        root.column__DOT__wide__DOT__memory[i] = (uint32_t)value & 0x3ffff;
    }

    int32_t wide(size_t i) const
    {
        return (int32_t)(root.column__DOT__wide__DOT__memory[i] << 14) >> 14;
    }

    int32_t residual(size_t i) const
    {
        return (int32_t)root.column__DOT__residual__DOT__values__DOT__memory[i];
    }

    int32_t score(int t) const
    {
        return (int32_t)(root.column__DOT__scores__DOT__scores__DOT__memory[t] << 14) >> 14;
    }

    int value_exponent(int t) const
    {
        return (int)(root.column__DOT__scores__DOT__scores__DOT__memory[t] >> 18);
    }

    int exponent(size_t block) const
    {
        return root.column__DOT__quantised__DOT__operands__DOT__exponents__DOT__memory[block];
    }

    int mantissa(size_t element) const
    {
        return (
            (const int8_t *)&root
                .column__DOT__quantised__DOT__operands__DOT__mantissas__DOT__memory[0])[element];
    }

  private:
    template <typename Memory> static void wipe(Memory &memory)
    {
        memset(&memory[0], 0, sizeof memory);
    }
};

#endif
