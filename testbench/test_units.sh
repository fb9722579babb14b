#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The modules around the column, each alone, in Icarus Verilog with random stalls:
# testbench/unit/. SEED may be given.
set -u
: "${BUILD:=build}" "${CC:=cc}" "${SEED:=1}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - modules # SKIP no sanitizer sees Verilog'; exit 0; }
command -v iverilog >/dev/null || { echo 'ok - modules # SKIP iverilog is not here'; exit 0; }

root=$PWD
folder=$BUILD/units
mkdir -p "$folder"

# bench NAME PARAMETER=VALUE...: what it prints is TAP; a bench that says nothing failed.
bench() {
    name=$1
    shift
    parameters="-P${name}_tb.SEED=$SEED"
    for parameter; do parameters="$parameters -P${name}_tb.$parameter"; done
    # shellcheck disable=SC2086 # options, split on purpose
    iverilog -g2005 -Wall -I "$root/testbench/unit" -y "$root/rtl" -y "$root/rtl/primitive" \
        -y "$root/rtl/picture" -y "$root/rtl/mixer" -o "$name.vvp" $parameters \
        "$root/testbench/unit/${name}_tb.v" >"$name.log" 2>&1
    if [ -s "$name.log" ]; then
        cat "$name.log"
        echo "not ok - $name does not compile cleanly"
    fi
    said=$(timeout 120 vvp -n "$name.vvp")
    echo "${said:-not ok - $name $* says nothing}"
}

"$CC" -std=c11 -D_GNU_SOURCE -I. -O1 -o "$folder/tape_vectors" testbench/unit/tape_vectors.c \
    "$BUILD/libmillrace.a" -lz || exit 1
vectors=$(realpath "$BUILD/testbench/unit/edge_score_vectors")
cd "$folder" || exit 1

bench fifo DEPTH=4
bench fifo DEPTH=32
bench picture_edge_memory
bench picture_edge_memory DEPTH_BITS=4 BURST=4 QUEUE=8

bench width_fifo IN=32 OUT=8 DEPTH=4
bench width_fifo IN=16 OUT=64 DEPTH=16
bench width_fifo IN=32 OUT=32 DEPTH=8

bench state_stream T=32 LANES=2 STATE_BITS=8 STATE=32
bench state_stream T=16 LANES=8 STATE_BITS=16 STATE=16 GROUPS=2 COLUMNS=3
bench state_stream T=128 LANES=1 STATE_BITS=12 STATE=48 COLUMNS=1
bench state_stream T=64 LANES=4 STATE_BITS=8 STATE=128 COLUMNS=4

# A fault of 0 is none, 1 in a header, 2 in a payload.
for shape in '16 2 2' '16 16 1' '32 4 2' '64 8 2' '64 2 2' '128 16 2' '256 16 2' '256 2 1' \
    '256 4 2' '128 8 1'; do
    # shellcheck disable=SC2086 # three numbers
    set -- $shape
    for fault in 0 0 1 2; do
        SEED=$((SEED + 1))
        ./tape_vectors "$SEED" "$1" "$2" "$3" "$fault" || exit 1
        bench tape "T=$1" "K=$2" "R=$3"
    done
done

for shape in '1 1' '1 4' '3 2' '3 5'; do
    # shellcheck disable=SC2086 # two numbers
    set -- $shape
    SEED=$((SEED + 1))
    "$vectors" "$SEED" "$1" $((1 << $2)) || exit 1
    bench picture_edge_score "CHANNELS=$1" "TILE_BITS=$2"
done

bench packing BITS=18 K=4
bench packing BITS=16 K=4
bench wide_multiplier BITS=16

bench sampler TOP_K=1 VOCAB=3
bench sampler TOP_K=5 VOCAB=37
bench sampler TOP_K=3 VOCAB=37 SPACED=1

bench sampler TOP_K=16 VOCAB=16

bench link COLUMNS=1
bench link COLUMNS=3
bench link COLUMNS=9

bench link_stream T=16
bench link_stream T=64
bench link_stream T=256

bench pass_counters T=16
bench pass_counters T=256

bench uart DIVIDER=16
bench uart DIVIDER=8
bench uart DIVIDER=50 SKEW=1
bench uart DIVIDER=50 SKEW=-1
