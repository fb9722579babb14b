#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The cost model against the simulation's counters, where the array is the slowest
# and where the memory is.
set -u
: "${BUILD:=build}" "${CC:=cc}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - cost # SKIP cycles are the same'; exit 0; }
command -v verilator >/dev/null || exit 77

folder=$BUILD/cost
model=models/stories260K/stories260K.bin
mkdir -p "$folder"
export OPT_FAST=-O1
"${MAKE:-make}" --no-print-directory "BUILD=$BUILD" "$BUILD/testbench/compare_cost" || exit 1

# cost NAME WEIGHTS COLUMNS INPUTS ROWS BUS FIFO BURST GAP
cost() {
    mill=$folder/$1.mill
    if ! "$BUILD/millgen" compile "$model" --weights "$2" --no-float -o "$mill" 2>"$folder/log" ||
        ! "$BUILD/millgen" emit "$mill" --board sim --columns "$3" --lanes $(($4 * $5)) --bus "$6" \
            --fifo "$7" --memory "16,$8,$9" -o "$folder/$1" 2>>"$folder/log"; then
        cat "$folder/log"
        echo "not ok - $1 is not emitted"
        return
    fi
    if said=$("$BUILD/testbench/compare_cost" "$mill" "$folder/$1" "$3" "$4" "$6" "$7" "$8" "$9" \
        2>"$folder/log"); then
        echo "ok - cost of $1: $said"
    else
        cat "$folder/log"
        echo "not ok - cost of $1: $said"
    fi
}

#    name    W columns K R bus FIFO burst gap
cost array   4 2       4 2 128 256  64    4
cost memory  8 1       8 1 32  64   8     3
