#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write unicode_ranges.h: the code points of the general categories L* and N*.

    python3 host/tokenizer/unicode_ranges.py > host/tokenizer/unicode_ranges.h
"""
import unicodedata


def ranges(initial):
    """[first, last] of each run of code points whose category begins with `initial`."""
    runs = []
    for point in range(0x110000):
        if unicodedata.category(chr(point))[0] != initial:
            continue
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return runs


def write_table(name, initial):
    print(f"static const struct code_range {name}[] = {{")
    line = "   "
    for first, last in ranges(initial):
        item = f" {{0x{first:x}, 0x{last:x}}},"
        if len(line) + len(item) > 100:
            print(line)
            line = "   "
        line += item
    print(line)
    print("};")


print("/* SPDX-License-Identifier: Apache-2.0 */")
print(f"/* Written by unicode_ranges.py from Unicode {unicodedata.unidata_version};"
      " for unicode_class.c alone. */")
print("/* clang-format off */")
write_table("letters", "L")
print()
write_table("numbers", "N")
