#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random models (shapes, heads, bits, lanes, columns, contexts) through the whole
# generator, and the simulated Verilog against the reference in every logit.
# RANDOM_MODELS says how many (default 24), RANDOM_SEED where they begin.
set -u
: "${BUILD:=build}" "${RANDOM_MODELS:=24}" "${RANDOM_SEED:=1}" "${PASSES:=40}"
command -v verilator >/dev/null || exit 77

# What a simulation of a few cycles wants is a fast build.
export OPT_FAST="${OPT_FAST:--O1}"

try_seed() {
    seed=$1
    folder=$BUILD/random/$seed
    rm -rf "$folder"
    mkdir -p "$folder"
    "$BUILD/testbench/random_model" "$seed" "$folder" >"$folder/options" || return 1
    compile=$(sed -n 's/^compile: //p' "$folder/options")
    emit=$(sed -n 's/^emit: //p' "$folder/options")
    echo "millgen compile $compile; millgen emit $emit"
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" compile "$folder/model.bin" -o "$folder/model.mill" $compile || return 1
    # shellcheck disable=SC2086
    "$BUILD/millgen" emit "$folder/model.mill" --board sim -o "$folder/sim" $emit || return 1
    make -C "$folder/sim" OPT_FAST="$OPT_FAST" >"$folder/build.log" 2>&1 || return 1
    "$BUILD/testbench/compare_devices" "$folder/model.mill" "sim:$folder/sim" "$seed" "$PASSES"
}

# Two at a time, one a core.
run_seeds() {
    seed=$((RANDOM_SEED + $1))
    last=$((RANDOM_SEED + RANDOM_MODELS))
    while [ "$seed" -lt "$last" ]; do
        log=$BUILD/random/$seed.log
        if try_seed "$seed" >"$log" 2>&1; then
            echo "ok - random model, seed $seed"
            rm -rf "${BUILD:?}/random/$seed"
        else
            echo "not ok - random model, seed $seed"
            tail -n 5 "$log" "$BUILD/random/$seed/build.log" 2>/dev/null | sed 's/^/# /'
        fi
        seed=$((seed + 2))
    done
}

mkdir -p "$BUILD/random"
run_seeds 0 >"$BUILD/random/even" &
run_seeds 1
wait
cat "$BUILD/random/even"
