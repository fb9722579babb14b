#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The mixer against the C operators, over a few shapes; see testbench/mixer/.
# SEED and ROUNDS may be given.
set -u
: "${BUILD:=build}" "${SEED:=1}" "${ROUNDS:=60}"
export OBJCACHE="${OBJCACHE-ccache}"

[ -z "${SANITIZED:-}" ] || { echo 'no sanitizer sees a simulation'; exit 77; }
command -v verilator >/dev/null || exit 77
root=$PWD

mkdir -p "$BUILD/mixer"
objects=$(cd "$BUILD/mixer" && pwd)
for source in gen/op/function_table.c gen/op/mixer_cycles.c gen/op/conv.c gen/op/scan.c \
    gen/fit/mixer_steps.c gen/fit/state_steps.c testbench/mixer/model.c; do
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -O2 -c "$source" \
        -o "$objects/$(basename "$source" .c).o" || exit 1
done

# mixer NAME T COLUMNS LAYERS INNER STATE HEADS CONV_WIDTH EVERY STATE_BITS LANES [IN_MEMORY]
mixer() {
    folder=$BUILD/mixer/$1
    mkdir -p "$folder"
    parameters=
    defines=
    for assignment in "T=$2" "COLUMNS=$3" "LAYERS=$4" "INNER=$5" "STATE=$6" "HEADS=$7" \
        "CONV_WIDTH=$8" "EVERY=$9" "STATE_BITS=${10}" "LANES=${11}" \
        "IN_MEMORY=${12:-0}"; do
        parameters="$parameters -G$assignment"
        defines="$defines -DMIXER_$assignment"
    done
    rm -f "$folder/Vmixer" # which Verilator's makefile does not link again for an object
    # shellcheck disable=SC2086 # options, split on purpose
    verilator --cc --exe --build -Wall --x-initial unique --x-assign unique \
        -y rtl -y rtl/primitive -y rtl/mixer --top-module mixer --Mdir "$folder" $parameters \
        -GTABLE_FILE="\"$root/rtl/function_table.hex\"" -CFLAGS "-O1 -I$root $defines" \
        rtl/mixer/mixer.v "$root/testbench/mixer/mixer_test.cpp" "$objects"/*.o \
        >"$folder/build.log" 2>&1 || {
        cat "$folder/build.log"
        echo "not ok - mixer $1 does not build"
        return
    }
    "$folder/Vmixer" "$SEED" "$ROUNDS" >"$folder/run.log" 2>&1
    status=$?
    sed "s/^\(not \)\{0,1\}ok -/& mixer $1,/" "$folder/run.log"
    # A program that was killed has not said so itself.
    [ $status -le 1 ] || echo "not ok - mixer $1, seed $SEED: status $status"
}

#     name      T COLS LAYERS INNER STATE HEADS WIDTH EVERY BITS LANES
mixer usual    16 2    3      128   32    4     4     0     8    2
mixer one      32 1    1      16    16    1     2     0     16   1
mixer wide     64 4    2      96    64    2     4     0     12   4
mixer widest  256 3    5      64    16    4     3     0     8    8
mixer every    16 2    3      64    16    64    4     1     8    1
mixer fast     64 3    2      48    32    48    3     1     8    4
mixer narrow  128 1    2      32    16    32    4     1     16   2
# With the state in the memory.
mixer memory   32 2    3      128   64    4     4     0     8    2   1
mixer memory1  16 1    2      64    16    1     2     0     16   1   1
mixer memory12 64 4    2      96    48    2     4     0     12   4   1
mixer memory8 128 3    5      64    16    4     3     0     8    8   1
mixer memorys  32 2    3      64    16    64    4     1     8    4   1
