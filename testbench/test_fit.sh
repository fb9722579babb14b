#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Predicted cycles against the simulation's counters, each pass of some: every
# counter exactly, on random models and on stories260K, where the array is the
# bound and where the memory is, and in a serial column; and what `millgen fit` says of it.
set -u
: "${BUILD:=build}" "${MAKE:=make}" "${FIT_MODELS:=3}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - fit # SKIP cycles are the same'; exit 0; }
command -v verilator >/dev/null || exit 77

folder=$BUILD/fit
export OPT_FAST="${OPT_FAST:--O1}"
mkdir -p "$folder"
"$MAKE" --no-print-directory "BUILD=$BUILD" "$BUILD/testbench/compare_cycles" \
    "$BUILD/testbench/random_model" "$BUILD/testbench/random_mamba" || exit 1

# compare NAME BOARD MILL PASSES EMIT-OPTION...
compare() {
    name=$1 board=$2 mill=$3 passes=$4
    shift 4
    if "$BUILD/millgen" emit "$mill" --board "$board" -o "$folder/$name" "$@" >"$folder/log" 2>&1 &&
        said=$("$BUILD/testbench/compare_cycles" "$mill" "$folder/$name" "$passes" \
            2>>"$folder/log"); then
        echo "ok - cycles, $name: $said"
    else
        echo "not ok - cycles, $name ($*): $said $(tr '\n' ' ' <"$folder/log")"
    fi
}

# random model|mamba|serial SEED: a queue that is often empty, a memory that is often late.
random() {
    name=$1-$2 checkpoint=$folder/$1-$2 kind=$1 board=sim more=
    if [ "$1" = serial ]; then
        kind=model board=icebreaker-flash more='--lanes 4 --columns 1'
    fi
    rm -rf "$checkpoint"
    mkdir -p "$checkpoint"
    "$BUILD/testbench/random_$kind" "$2" "$checkpoint" >"$folder/options" 2>"$folder/log"
    compile=$(sed -n 's/^compile: //p' "$folder/options")
    [ "$1" != serial ] || compile="$compile --acts 8"
    emit=$(sed -n 's/^emit: //p' "$folder/options")
    mill=$checkpoint.mill
    [ "$1" = mamba ] || checkpoint=$checkpoint/model.bin
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" compile "$checkpoint" -o "$mill" $compile >"$folder/log" 2>&1 &&
        compare "$1-$2-sim" $board "$mill" 20 $emit $more --fifo 16 \
            --memory "9,$((4 + $2 % 5)),5"
    [ "$1" != serial ] || grep -q serial_column "$folder/$1-$2-sim/millrace_top.v" ||
        echo "not ok - cycles, $1-$2: the column is none"
}

stories=$folder/stories.mill
"$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$stories" 2>"$folder/log" || exit 1
compare array-bound sim "$stories" 5 --lanes 8 --columns 2 --bus 128
compare tape-bound sim "$stories" 5 --lanes 32 --columns 1 --bus 16 --fifo 64 --memory 16,8,3

# What fit prints is the model that was compared: a full queue at the start.
fit=$("$BUILD/millgen" fit "$stories" --board sim --lanes 8 --columns 2 --bus 128 --position 4 \
    --json)
for key in decode prefill cycles tokens_per_second multipliers; do
    case $fit in
        *"\"$key\":"*) echo "ok - fit prints $key" ;;
        *) echo "not ok - fit does not print $key: $fit" ;;
    esac
done

seed=100
while [ "$seed" -lt $((100 + FIT_MODELS)) ]; do
    random model "$seed"
    random mamba "$seed"
    [ $((seed % 3)) -ne 0 ] || random serial "$seed"
    seed=$((seed + 1))
done
