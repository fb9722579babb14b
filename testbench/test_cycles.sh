#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The predicted counters of passes against the simulation's: once where the array
# is the slowest and once where the memory is.
set -u
: "${BUILD:=build}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - cycles # SKIP they are the same'; exit 0; }
command -v verilator >/dev/null || exit 77

folder=$BUILD/cycles
model=models/stories260K/stories260K.bin
mkdir -p "$folder"
export OPT_FAST=-O1
"${MAKE:-make}" --no-print-directory "BUILD=$BUILD" "$BUILD/testbench/compare_cycles" || exit 1

# cycles NAME WEIGHTS EMIT-OPTION...
cycles() {
    name=$1 weights=$2
    shift 2
    if "$BUILD/millgen" compile "$model" --weights "$weights" --no-float \
        -o "$folder/$name.mill" 2>"$folder/log" &&
        "$BUILD/millgen" emit "$folder/$name.mill" --board sim -o "$folder/$name" "$@" \
            2>>"$folder/log" &&
        "$BUILD/testbench/compare_cycles" "$folder/$name.mill" "$folder/$name" 12 \
            >>"$folder/log" 2>&1; then
        echo "ok - cycles where the $name is the slowest"
    else
        cat "$folder/log"
        echo "not ok - cycles where the $name is the slowest"
    fi
}

cycles array 4 --columns 2 --lanes 8 --bus 128 --fifo 256
cycles memory 8 --columns 1 --lanes 8 --bus 32 --fifo 64 --memory 16,8,3
