#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The column against its model, over a few shapes; see testbench/column/.
# SEED and ROUNDS may be given.
set -u
: "${BUILD:=build}" "${SEED:=1}" "${ROUNDS:=150}"
export OBJCACHE="${OBJCACHE-ccache}"

[ -z "${SANITIZED:-}" ] || { echo 'no sanitizer sees a simulation'; exit 77; }
command -v verilator >/dev/null || exit 77
root=$PWD

# What the model shares with the C reference.
mkdir -p "$BUILD/column"
objects=$(cd "$BUILD/column" && pwd)
for file in gen/op/function_table.c gen/op/micro_cycles.c gen/serial/*.c; do
    object=$objects/$(basename "$file" .c).o
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -O2 -c "$file" -o "$object" || exit 1
done

${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -O2 testbench/column/serial_program.c "$objects"/*.o \
    -lm -o "$objects/serial_program" || exit 1

# column NAME K R MULTIPLIER_BITS WEIGHT_BITS ACT_BITS DIM HIDDEN WIDE_DEPTH HEADS HEAD_DIM MAX_SEQ
column() {
    folder=$BUILD/column/$1
    mkdir -p "$folder"
    parameters=
    defines=-DCOLUMN_WEIGHT_BITS=$5
    for assignment in "K=$2" "R=$3" "MULTIPLIER_BITS=$4" "ACT_BITS=$6" "DIM=$7" "HIDDEN=$8" \
        "WIDE_DEPTH=$9" "HEADS=${10}" "HEAD_DIM=${11}" "MAX_SEQ=${12}"; do
        parameters="$parameters -G$assignment"
        defines="$defines -DCOLUMN_$assignment"
    done
    # shellcheck disable=SC2086 # options, split on purpose
    verilator --cc --exe --build -Wall --public-flat-rw --x-initial unique --x-assign unique \
        -y rtl -y rtl/primitive --top-module column --Mdir "$folder" $parameters \
        -GTABLE_FILE="\"$root/rtl/function_table.hex\"" -CFLAGS "-O1 -I$root $defines" \
        rtl/column.v "$root/testbench/column/column_test.cpp" "$objects"/*.o \
        >"$folder/build.log" 2>&1 || {
        cat "$folder/build.log"
        echo "not ok - column $1 does not build"
        return
    }
    "$folder/Vcolumn" "$SEED" "$ROUNDS" >"$folder/run.log" 2>&1
    status=$?
    sed "s/^\(not \)\{0,1\}ok -/& column $1,/" "$folder/run.log"
    # A program that was killed has not said so itself.
    [ $status -le 1 ] || echo "not ok - column $1, seed $SEED: status $status"
}

# mixer NAME INNER: a Mamba model's part of the column.
mixer() {
    folder=$BUILD/column/$1
    mkdir -p "$folder"
    verilator --cc --exe --build -Wall --public-flat-rw --x-initial unique --x-assign unique \
        -y rtl -y rtl/primitive --top-module mixer_column --Mdir "$folder" "-GINNER=$2" \
        -CFLAGS "-O1 -I$root -DCOLUMN_INNER=$2" rtl/mixer_column.v \
        "$root/testbench/column/mixer_column_test.cpp" "$objects/micro_cycles.o" \
        >"$folder/build.log" 2>&1 || {
        cat "$folder/build.log"
        echo "not ok - mixer column $1 does not build"
        return
    }
    "$folder/Vmixer_column" "$SEED" "$ROUNDS" >"$folder/run.log" 2>&1
    status=$?
    sed "s/^\(not \)\{0,1\}ok -/& mixer column $1,/" "$folder/run.log"
    [ $status -le 1 ] || echo "not ok - mixer column $1, seed $SEED: status $status"
}

# serial NAME R WEIGHT_BITS DIM HIDDEN WIDE_DEPTH HEADS HEAD_DIM MAX_SEQ: rtl/serial/, two lanes.
serial() {
    folder=$BUILD/column/$1
    mkdir -p "$folder"
    places=$("$objects/serial_program" "$4" "$5" "$6" "$7" "$8" "$9" 8 "$folder") || {
        echo "not ok - column $1 has no program"
        return
    }
    files=$(cd "$folder" && pwd)
    parameters="-GK=2 -GR=$2 -GMULTIPLIER_BITS=16 -GDIM=$4 -GHIDDEN=$5 -GHEADS=$7 -GHEAD_DIM=$8"
    defines="-DCOLUMN_SERIAL -DCOLUMN_K=2 -DCOLUMN_R=$2 -DCOLUMN_MULTIPLIER_BITS=16"
    defines="$defines -DCOLUMN_WEIGHT_BITS=$3 -DCOLUMN_ACT_BITS=8 -DCOLUMN_DIM=$4"
    defines="$defines -DCOLUMN_HIDDEN=$5 -DCOLUMN_WIDE_DEPTH=$6 -DCOLUMN_HEADS=$7"
    defines="$defines -DCOLUMN_HEAD_DIM=$8 -DCOLUMN_MAX_SEQ=$9 -DSERIAL_DIM=$4"
    parameters="$parameters -GMAX_SEQ=$9"
    name=$1
    # shellcheck disable=SC2086 # four numbers
    set -- $places
    parameters="$parameters -GX_AT=$1 -GROPE_AT=$2"
    defines="$defines -DSERIAL_X=$1 -DSERIAL_SCORES=$3 -DSERIAL_EXPONENTS=$4"
    # shellcheck disable=SC2086 # options, split on purpose
    verilator --cc --exe --build -Wall --public-flat-rw --x-initial unique --x-assign unique \
        -y rtl -y rtl/primitive -y rtl/serial --top-module serial_column --Mdir "$folder" \
        $parameters -GTABLE_FILE="\"$root/rtl/function_table.hex\"" \
        -GPROGRAM_FILE="\"$files/program.hex\"" -GDATA_FILE="\"$files/memory.hex\"" \
        -CFLAGS "-O1 -I$root $defines" rtl/serial/serial_column.v \
        "$root/testbench/column/column_test.cpp" "$objects"/*.o >"$folder/build.log" 2>&1 || {
        cat "$folder/build.log"
        echo "not ok - column $name does not build"
        return
    }
    "$folder/Vserial_column" "$SEED" "$ROUNDS" >"$folder/run.log" 2>&1
    status=$?
    sed "s/^\(not \)\{0,1\}ok -/& column $name,/" "$folder/run.log"
    [ $status -le 1 ] || echo "not ok - column $name, seed $SEED: status $status"
}

#      name        K R MUL W A DIM HID WIDE H HD SEQ
column small       2 1 18 8 8 10  12  64   2 6  20
column odd         4 2 18 3 4 33  50  128  3 18 40
column usual       8 2 18 4 8 64  96  256  4 16 33
column large      16 2 18 4 8 48  70  256  2 64 70
column narrow      4 2 16 4 8 33  50  128  3 18 40
column bytes      16 1 16 8 8 24  40  128  2 10 33

mixer mixer-48 48
mixer mixer-96 96

#      name         R W DIM HID WIDE H HD SEQ
serial serial-bytes 1 8 10  12  64   2 6  20
serial serial-pairs 2 4 33  50  128  3 18 40
