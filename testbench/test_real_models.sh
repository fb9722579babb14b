#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The models that ship, out of simulated Verilog: every logit against the
# reference, the published text, and a tape that was damaged after it was made.
set -u
: "${BUILD:=build}"
command -v verilator >/dev/null || exit 77
[ -z "${SANITIZED:-}" ] || exit 77

work=$BUILD/real
mkdir -p "$work"

# verdict STATUS NAME
verdict() {
    if [ "$1" -eq 0 ]; then
        echo "ok - $2"
    else
        echo "not ok - $2"
    fi
}

# simulate NAME MODEL BITS TOKENS DESIGN-FLAGS...: compiled with $options.
options=
simulate() {
    name=$1 model=$2 bits=$3 tokens=$4
    shift 4
    rm -rf "${work:?}/$name"
    # shellcheck disable=SC2086 # options, split on purpose
    "$BUILD/millgen" compile "$model" -o "$work/$name.mill" --weights "$bits" $options &&
        "$BUILD/millgen" emit "$work/$name.mill" --board sim -o "$work/$name" "$@" &&
        make -C "$work/$name" >"$work/$name.log" 2>&1 &&
        "$BUILD/millrace" run "$work/$name.mill" --device "sim:$work/$name" \
            -p 'Once upon a time' -n "$tokens" --check >"$work/$name.txt"
    verdict $? "$name: every logit of $tokens tokens"
}

stories=models/stories260K
simulate stories-w8 $stories/stories260K.bin 8 110 --lanes 8 --columns 1
simulate stories-w4 $stories/stories260K.bin 4 40 --columns 3
simulate stories-w2 $stories/stories260K.bin 2 20 --lanes 8 --columns 2 --bus 32
simulate llama-4m-w4 models/llama-4m 4 12 --columns 2
simulate mamba2-500k-w8 models/mamba2-500k 8 40 --lanes 8 --columns 3
simulate mamba1-3m-w4 models/mamba1-3m 4 8 --columns 2
options='--acts 4 --rotate'
simulate mamba2-4m-w4a4 models/mamba2-4m 4 6 --columns 2
options=

# 110 tokens are a little under 300 bytes of the published text.
published=$(head -c 270 $stories/expected_greedy.txt)
[ "$(head -c 270 "$work/stories-w8.txt")" = "$published" ]
verdict $? "stories-w8: the published text"

# One bit of a weight in the device's memory: its CRC must tell, and the host load the
# tape anew before anything runs.
cp "$work/stories-w4/tape.bin" "$work/whole.bin"
printf '\001' | dd of="$work/stories-w4/tape.bin" bs=1 seek=40000 conv=notrunc 2>/dev/null
! cmp -s "$work/stories-w4/tape.bin" "$work/whole.bin"
verdict $? "a tape is damaged"
"$BUILD/millrace" run "$work/stories-w4.mill" --device "sim:$work/stories-w4" -n 2 --check \
    >/dev/null 2>"$work/damaged.txt"
status=$?
cat "$work/damaged.txt"
verdict $status "a damaged tape is loaded anew"
