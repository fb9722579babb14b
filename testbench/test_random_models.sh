#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random models (shapes, heads, bits, lanes, columns, contexts) through the whole
# generator, and the simulated Verilog against the reference in every logit.
# RANDOM_MODELS says how many (default 24), RANDOM_SEED where they begin.
set -u
: "${BUILD:=build}" "${RANDOM_MODELS:=24}" "${RANDOM_SEED:=1}" "${PASSES:=40}"
command -v verilator >/dev/null || exit 77

# What a simulation of a few cycles wants is a fast build.
export OPT_FAST=${OPT_FAST:--O1}

try_seed() {
    folder=$BUILD/random/$1
    rm -rf "$folder"
    mkdir -p "$folder"
    "$BUILD/testbench/random_model" "$1" "$folder" >"$folder/options" 2>"$folder/log" || return 1
    compile=$(sed -n 's/^compile: //p' "$folder/options")
    emit=$(sed -n 's/^emit: //p' "$folder/options")
    echo "millgen compile $compile; millgen emit $emit" >>"$folder/log"
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" compile "$folder/model.bin" -o "$folder/model.mill" $compile >>"$folder/log" 2>&1 &&
        "$BUILD/millgen" emit "$folder/model.mill" --board sim -o "$folder/sim" $emit >>"$folder/log" 2>&1 &&
        make -C "$folder/sim" OPT_FAST="$OPT_FAST" >"$folder/build.log" 2>&1 &&
        "$BUILD/testbench/compare_devices" "$folder/model.mill" "sim:$folder/sim" "$1" "$PASSES" >>"$folder/log" 2>&1
}

# Two at a time, one a core.
run_seeds() {
    seed=$(($RANDOM_SEED + $1))
    last=$(($RANDOM_SEED + $RANDOM_MODELS))
    while [ "$seed" -lt "$last" ]; do
        if try_seed "$seed"; then
            echo "ok - random model, seed $seed"
            rm -rf "${BUILD:?}/random/$seed/sim/obj_dir"
        else
            echo "not ok - random model, seed $seed: $(tr '\n' ' ' <"$BUILD/random/$seed/log")"
            tail -n 5 "$BUILD/random/$seed/build.log" 2>/dev/null | sed 's/^/# /'
        fi
        seed=$((seed + 2))
    done
}

run_seeds 0 >"$BUILD/random.even" &
run_seeds 1
wait
cat "$BUILD/random.even"
