#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Image networks on their design: random ones and ESSR, pictures of one pixel, odd
# ones and such as are longer than the design's rows, the simulated Verilog against
# the reference in every pixel. RANDOM_PICTURES says how many networks (default 12),
# RANDOM_SEED where they begin.
set -u
: "${BUILD:=build}" "${RANDOM_PICTURES:=12}" "${RANDOM_SEED:=1}"
command -v verilator >/dev/null || exit 77

# What a simulation of a few cycles wants is a fast build.
export OPT_FAST="${OPT_FAST:--O1}"

# check NET.mill FOLDER OPTION...: each of FOLDER's pictures, on the design and in C, and
# the cycles that were predicted: exact, but for a part where a tick waits for pixels.
check() {
    network=$1 folder=$2
    shift 2
    for picture in "$folder"/[0-9].png; do
        "$BUILD/millrace" upscale "$network" "$picture" -o "$folder/out.png" \
            --device "sim:$folder/sim" --check --json "$@" >"$folder/out.json" || return 1
        jq -e '(.cycles_predicted - .cycles | fabs) <= 0.05 * .cycles + 100' \
            "$folder/out.json" || return 1
    done
}

try_seed() {
    folder=$BUILD/pictures/$1
    rm -rf "$folder"
    mkdir -p "$folder"
    emit=$("$BUILD/testbench/random_picture" "$1" "$folder") || return 1
    echo "millgen emit $emit"
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" emit "$folder/net.mill" --board sim -o "$folder/sim" $emit || return 1
    make -C "$folder/sim" OPT_FAST="$OPT_FAST" >"$folder/build.log" 2>&1 || return 1
    check "$folder/net.mill" "$folder" || return 1
    # However the memory of kept edges stalls.
    EDGE_STALLS=70 "$BUILD/millrace" upscale "$folder/net.mill" "$folder/2.png" \
        -o "$folder/out.png" --device "sim:$folder/sim" --check
}

# A design of a board whose strips leave each other their edges in its SDRAM, at the board's
# clocks: a random network, and of pictures at last what it has made of the one before.
try_board() {
    folder=$BUILD/pictures/board
    rm -rf "$folder"
    mkdir -p "$folder"
    "$BUILD/testbench/random_picture" 2 "$folder" &&
        "$BUILD/millgen" emit "$folder/net.mill" --board ulx3s-85f --lanes 4 --columns 7 --row 14 \
            --keep-edges -o "$folder/board" &&
        scripts/memory-sim "$folder/board" sdram >"$folder/build.log" 2>&1 || return 1
    for picture in 0 1 2 out; do
        cp "$folder/$picture.png" "$folder/in.png" &&
            "$BUILD/millrace" upscale "$folder/net.mill" "$folder/in.png" -o "$folder/out.png" \
                --device "sim:$folder/board/memory" --check || return 1
    done
}

try_essr() {
    folder=$BUILD/pictures/essr
    rm -rf "$folder"
    mkdir -p "$folder"
    "$BUILD/testbench/random_picture" 1 "$folder" >/dev/null &&
        "$BUILD/millgen" compile models/essr/essr_x4.safetensors -o "$folder/essr.mill" &&
        "$BUILD/millgen" emit "$folder/essr.mill" --board sim --columns 15 --row 30 \
            --keep-edges -o "$folder/sim" || return 1
    for subnet in bilinear half full auto; do
        check "$folder/essr.mill" "$folder" --subnets "$subnet" || return 1
    done
    score_patches "$folder" && keep_rate "$folder"
}

# score_patches FOLDER: four patches, two subnets by the device's own scores.
score_patches() {
    "$BUILD/millrace" upscale "$1/essr.mill" testbench/corpus/picture/rgb.png --device ref \
        -o "$1/large.png" || return 1
    "$BUILD/millrace" upscale "$1/essr.mill" "$1/large.png" -o "$1/out.png" --json --check \
        --device "sim:$1/sim" --threshold-half 0 --threshold-full 30000 >"$1/out.json" || return 1
    cat "$1/out.json"
    jq -e '.score_cycles > 3 * 20 * 28 and .patches.half > 0 and .patches.full > 0' "$1/out.json"
}

# keep_rate FOLDER: a frame has the cycles that the half subnet takes of a picture full of edges.
keep_rate() {
    half=$("$BUILD/millrace" upscale "$1/essr.mill" "$1/1.png" -o "$1/out.png" --json \
        --device "sim:$1/sim" --subnets half | jq .cycles) || return 1
    "$BUILD/millrace" upscale "$1/essr.mill" "$1/1.png" -o "$1/out.png" --json --check \
        --device "sim:$1/sim" --frame-rate 2 --clock $((2 * half)) >"$1/out.json" || return 1
    jq -e ".cycles <= $half and .frame_cycles == $half and .patches.full == 0" "$1/out.json"
}

# report NAME COMMAND...
report() {
    name=$1
    shift
    log=$BUILD/pictures/${name##* }.log
    if "$@" >"$log" 2>&1; then
        echo "ok - $name"
        rm -rf "${BUILD:?}/pictures/${name##* }"
    else
        echo "not ok - $name"
        tail -n 5 "$log" "$BUILD/pictures/${name##* }/build.log" 2>/dev/null | sed 's/^/# /'
    fi
}

mkdir -p "$BUILD/pictures"
seed=$RANDOM_SEED
while [ "$seed" -lt $((RANDOM_SEED + RANDOM_PICTURES)) ]; do
    report "random image network, seed $seed" try_seed "$seed"
    seed=$((seed + 1))
done
report "image network essr" try_essr
report "image network on a board" try_board
