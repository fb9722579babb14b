#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Predicted cycles against the simulation's counters, each pass of some: every
# counter exactly, on random models and on stories260K, where the array is the
# bound and where the memory is; and what `millgen fit` says of it.
set -u
: "${BUILD:=build}" "${MAKE:=make}" "${FIT_MODELS:=3}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - fit # SKIP cycles are the same'; exit 0; }
command -v verilator >/dev/null || exit 77

folder=$BUILD/fit
export OPT_FAST="${OPT_FAST:--O1}"
mkdir -p "$folder"
"$MAKE" --no-print-directory "BUILD=$BUILD" "$BUILD/testbench/compare_cycles" \
    "$BUILD/testbench/random_model" || exit 1

# compare NAME MILL PASSES EMIT-OPTION...
compare() {
    name=$1 mill=$2 passes=$3
    shift 3
    if "$BUILD/millgen" emit "$mill" --board sim -o "$folder/$name" "$@" >"$folder/log" 2>&1 &&
        said=$("$BUILD/testbench/compare_cycles" "$mill" "$folder/$name" "$passes" 2>>"$folder/log"); then
        echo "ok - cycles, $name: $said"
    else
        echo "not ok - cycles, $name ($*): $said $(tr '\n' ' ' <"$folder/log")"
    fi
}

# A queue that is often empty, a memory that is often late.
random_model() {
    mkdir -p "$folder/model-$1"
    "$BUILD/testbench/random_model" "$1" "$folder/model-$1" >"$folder/options" 2>"$folder/log"
    compile=$(sed -n 's/^compile: //p' "$folder/options")
    emit=$(sed -n 's/^emit: //p' "$folder/options")
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" compile "$folder/model-$1/model.bin" -o "$folder/model-$1.mill" $compile \
        >"$folder/log" 2>&1 &&
        compare "seed-$1" "$folder/model-$1.mill" 20 $emit --fifo 16 --memory "9,$((4 + $1 % 5)),5"
}

stories=$folder/stories.mill
"$BUILD/millgen" compile models/stories260K/stories260K.bin -o "$stories" 2>"$folder/log" || exit 1
compare array-bound "$stories" 5 --lanes 8 --columns 2 --bus 128
compare tape-bound "$stories" 5 --lanes 32 --columns 1 --bus 16 --fifo 64 --memory 16,8,3

# What fit prints is the model that was compared: a full queue at the start.
fit=$("$BUILD/millgen" fit "$stories" --board sim --lanes 8 --columns 2 --bus 128 --position 4 --json)
for key in decode prefill cycles tokens_per_second multipliers; do
    case $fit in
        *"\"$key\":"*) echo "ok - fit prints $key" ;;
        *) echo "not ok - fit does not print $key: $fit" ;;
    esac
done

seed=100
while [ "$seed" -lt $((100 + FIT_MODELS)) ]; do
    random_model "$seed"
    seed=$((seed + 1))
done
