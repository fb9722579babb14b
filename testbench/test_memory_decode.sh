#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A model of 4 million parameters decoded by whole designs, each with its board's memory
# controller and the model of its chip, which ends the run at a rule that is broken: the
# tokens are the reference's, and the memory's pins are busy enough. scripts/bench-boards
# measures the same over a whole context.
set -u
: "${BUILD:=build}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - decode # SKIP no sanitizer sees Verilog'; exit 0; }
for tool in verilator jq; do
    command -v "$tool" >/dev/null || { echo "ok - decode # SKIP $tool is not here"; exit 0; }
done

folder=$BUILD/memory_decode
model=$folder/llama-4m.mill
mkdir -p "$folder"

# run DEVICE NAME: 3 tokens, as JSON in NAME.json.
run() {
    "$BUILD/millrace" run "$model" --device "$1" -p Once -n 3 --json \
        >"$folder/$2.json" 2>"$folder/$2.log"
}

# decode BOARD KIND LEAST
decode() {
    if ! { "$BUILD/millgen" emit "$model" --board "$1" --lanes 8 --columns 1 --top-k 4 \
        --fifo 4096 -o "$folder/$1" && scripts/memory-sim "$folder/$1" "$2" &&
        run "sim:$folder/$1/memory" "$1"; } >"$folder/build.log" 2>&1; then
        cat "$folder/build.log" "$folder/$1.log"
        echo "not ok - $1: decode with its $2"
        return
    fi
    wanted=$(jq -c .tokens "$folder/ref.json") found=$(jq -c .tokens "$folder/$1.json")
    busy=$(jq .tape_utilisation "$folder/$1.json")
    if [ "$found" != "$wanted" ]; then
        echo "not ok - $1 with its $2: tokens $found, wanted $wanted"
    elif jq -e ".tape_utilisation < $3" "$folder/$1.json" >/dev/null; then
        echo "not ok - $1: its $2 is busy for $busy of the time, wanted $3"
    else
        echo "ok - $1: tokens as they should be, its $2 busy for $busy of the time"
    fi
}

if ! { "$BUILD/millgen" compile models/llama-4m -o "$model" --weights 4 --seq 64 \
    2>"$folder/ref.log" && run ref ref; }; then
    cat "$folder/ref.log"
    exit 1
fi
decode ulx3s-12f sdram 0.95
decode cynthion hyperram 0.85
decode icebreaker-flash flash 0.95
