#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random models (shapes, heads, bits, lanes, columns, contexts) through the whole
# generator, and the simulated Verilog against the reference in every logit.
# RANDOM_MODELS says how many transformers (default 24) and RANDOM_MAMBAS how many Mamba
# models (default half as many, less two), RANDOM_SERIALS how many Mamba models on a serial
# column (default two), RANDOM_SEED where they begin.
set -u
: "${BUILD:=build}" "${RANDOM_MODELS:=24}" "${RANDOM_SEED:=1}" "${PASSES:=40}"
: "${RANDOM_MAMBAS:=$((RANDOM_MODELS / 2 - 2))}" "${RANDOM_SERIALS:=2}"
command -v verilator >/dev/null || exit 77

# What a simulation of a few cycles wants is a fast build.
export OPT_FAST="${OPT_FAST:--O1}"

# draw model|mamba|serial SEED FOLDER
draw() {
    case $1 in
        serial) "$BUILD/testbench/random_mamba" "$2" "$3" serial ;;
        *) "$BUILD/testbench/random_$1" "$2" "$3" ;;
    esac
}

# try_seed model|mamba|serial SEED
try_seed() {
    seed=$2
    folder=$BUILD/random/$1-$seed
    rm -rf "$folder"
    mkdir -p "$folder"
    draw "$1" "$seed" "$folder" >"$folder/options" || return 1
    checkpoint=$folder
    [ "$1" != model ] || checkpoint=$folder/model.bin
    compile=$(sed -n 's/^compile: //p' "$folder/options")
    emit=$(sed -n 's/^emit: //p' "$folder/options")
    echo "millgen compile $compile; millgen emit $emit"
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" compile "$checkpoint" -o "$folder/model.mill" $compile || return 1
    # shellcheck disable=SC2086
    "$BUILD/millgen" emit "$folder/model.mill" --board sim -o "$folder/sim" $emit || return 1
    [ "$1" != serial ] || [ -f "$folder/sim/serial_program.hex" ] || return 1
    make -C "$folder/sim" OPT_FAST="$OPT_FAST" >"$folder/build.log" 2>&1 || return 1
    "$BUILD/testbench/compare_devices" "$folder/model.mill" "sim:$folder/sim" "$seed" "$PASSES"
}

# run_seeds model|mamba|serial FIRST COUNT: every second one from FIRST on.
run_seeds() {
    kind=$1 seed=$((RANDOM_SEED + $2))
    last=$((RANDOM_SEED + $3))
    while [ "$seed" -lt "$last" ]; do
        name=$kind-$seed
        log=$BUILD/random/$name.log
        if try_seed "$kind" "$seed" >"$log" 2>&1; then
            echo "ok - random $kind, seed $seed"
            rm -rf "${BUILD:?}/random/$name"
        else
            echo "not ok - random $kind, seed $seed"
            tail -n 5 "$log" "$BUILD/random/$name/build.log" 2>/dev/null | sed 's/^/# /'
        fi
        seed=$((seed + 2))
    done
}

# Two at a time, one a core.
run_half() {
    run_seeds model "$1" "$RANDOM_MODELS"
    run_seeds mamba "$1" "$RANDOM_MAMBAS"
    run_seeds serial "$1" "$RANDOM_SERIALS"
}

mkdir -p "$BUILD/random"
run_half 0 >"$BUILD/random/even" &
run_half 1
wait
cat "$BUILD/random/even"
