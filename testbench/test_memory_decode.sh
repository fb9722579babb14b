#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Models decoded by whole designs, each with its board's memory controller and the model of
# its chip, which ends the run at a rule that is broken: the tokens are the reference's,
# and the memory's pins are busy enough. scripts/bench-boards measures the same of a
# transformer over a whole context.
set -u
: "${BUILD:=build}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - decode # SKIP no sanitizer sees Verilog'; exit 0; }
for tool in verilator jq; do
    command -v "$tool" >/dev/null || { echo "ok - decode # SKIP $tool is not here"; exit 0; }
done

folder=$BUILD/memory_decode
mkdir -p "$folder"

# run MODEL DEVICE NAME: 3 tokens, as JSON in NAME.json.
run() {
    "$BUILD/millrace" run "$folder/$1.mill" --device "$2" -p Once -n 3 --json \
        >"$folder/$3.json" 2>"$folder/$3.log"
}

# compile MODEL: and what the reference says.
compile() {
    "$BUILD/millgen" compile "models/$1" -o "$folder/$1.mill" --weights 4 --seq 64 \
        2>"$folder/log" && run "$1" ref "$1" && return
    cat "$folder/log" "$folder/$1.log"
    echo "not ok - $1: no reference"
    exit 1
}

# decode MODEL BOARD KIND LEAST [OPTION...]
decode() {
    model=$1 board=$2 kind=$3 least=$4 name=$1-$2
    shift 4
    if ! { "$BUILD/millgen" emit "$folder/$model.mill" --board "$board" --lanes 8 --columns 1 \
        --top-k 4 --fifo 4096 "$@" -o "$folder/$name" &&
        scripts/memory-sim "$folder/$name" "$kind" &&
        run "$model" "sim:$folder/$name/memory" "$name"; } >"$folder/build.log" 2>&1; then
        cat "$folder/build.log" "$folder/$name.log"
        echo "not ok - $model on $board: decode with its $kind"
        return
    fi
    wanted=$(jq -c .tokens "$folder/$model.json") found=$(jq -c .tokens "$folder/$name.json")
    busy=$(jq .tape_utilisation "$folder/$name.json")
    if [ "$found" != "$wanted" ]; then
        echo "not ok - $model on $board with its $kind: tokens $found, wanted $wanted"
    elif jq -e ".tape_utilisation < $least" "$folder/$name.json" >/dev/null; then
        echo "not ok - $model on $board: its $kind moves the tape for $busy of the time," \
            "wanted $least"
    else
        echo "ok - $model on $board: tokens as they should be, its $kind moves the tape for $busy" \
            "of the time"
    fi
}

compile llama-4m
decode llama-4m ulx3s-12f sdram 0.95
decode llama-4m cynthion hyperram 0.85
decode llama-4m icebreaker-flash flash 0.95
# The scan's state comes and goes through the same pins.
compile mamba2-500k
decode mamba2-500k ulx3s-12f sdram 0.7 --state memory
