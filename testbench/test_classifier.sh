#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The keyword spotter that ships, as its user meets it: the sample's class, the
# published logits out of the float device, what is refused, and an iCEBreaker's design in
# simulation.  CLASSIFIER_FRAMES says how many of the sample's 100 frames that is given.
set -u
: "${BUILD:=build}" "${CLASSIFIER_FRAMES:=4}"

model=models/mambakws-10
work=$BUILD/classifier
mkdir -p "$work"

verdict() {
    if [ "$1" -eq 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi
}

# classify DEVICE OPTION...: into $work/DEVICE.json
classify() {
    device=$1
    shift
    "$BUILD/millrace" run "$work/keywords.mill" --device "$device" \
        --input $model/sample_input.npy --json "$@" >"$work/$device.json"
}

# refuses NAME MESSAGE COMMAND...: status 2 and one message that says so
refuses() {
    name=$1 message=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] && [ ! -s "$work/out" ] && grep -qF -- "$message" "$work/err"
    verdict $? "$name"
}

"$BUILD/millgen" compile $model -o "$work/keywords.mill" --weights 8 \
    --calibration $model/sample_input.npy 2>"$work/err"
verdict $? 'compile'
classify float
verdict $? 'float device'
classify ref --check
verdict $? 'integer device'

# Two digits behind the point are published.
jq -e '[.logits, [2.79, 5.16, -1.28, 8.51, -17.43, -6.07, -8.79, -15.06, -14.50, 25.27]]
    | transpose | all(.[0] - .[1] | fabs < 0.01)' "$work/float.json" >/dev/null
verdict $? 'float device: the published logits'
jq -e '.class == 9 and .frames == 100 and .equal' "$work/ref.json" >/dev/null
verdict $? 'integer device: the class'

# The sample's first frames: 128 bytes of header, then 40 floats each.
shortened() {
    head -c 128 $model/sample_input.npy | LC_ALL=C sed "s/(100, 40)/($(printf %3d "$1"), 40)/"
    tail -c +129 $model/sample_input.npy | head -c $(($1 * 160))
}

# on_icebreaker: every logit of the serial column's.
on_icebreaker() {
    rm -rf "$work/icebreaker"
    "$BUILD/millgen" emit "$work/keywords.mill" --board icebreaker-flash -o "$work/icebreaker" \
        --lanes 2 --columns 1 --top-k 1 --fifo 16 &&
        [ -f "$work/icebreaker/serial_program.hex" ] &&
        make -C "$work/icebreaker" OPT_FAST=-O1 >"$work/icebreaker.log" 2>&1 &&
        "$BUILD/millrace" run "$work/keywords.mill" --device "sim:$work/icebreaker" \
            --input "$work/frames.npy" --json --check >"$work/icebreaker.json"
}

if [ -z "${SANITIZED:-}" ] && command -v verilator >/dev/null; then
    shortened "$CLASSIFIER_FRAMES" >"$work/frames.npy"
    on_icebreaker
    verdict $? "icebreaker-flash: every logit of $CLASSIFIER_FRAMES frames"
    jq -e ".frames == $CLASSIFIER_FRAMES and .equal and (.frames < 100 or .class == 9)" \
        "$work/icebreaker.json" >/dev/null
    verdict $? 'icebreaker-flash: the class'
fi

refuses 'text for a classifier' 'give frames' \
    "$BUILD/millrace" run "$work/keywords.mill" --device ref -p hello
refuses 'a classifier in eval' 'is a classifier' \
    "$BUILD/millrace" eval "$work/keywords.mill" README.md --device ref
refuses 'no calibration' '--calibration FILE.npy' \
    "$BUILD/millgen" compile $model -o "$work/none.mill"
refuses 'a rotated classifier' 'cannot be rotated' \
    "$BUILD/millgen" compile $model -o "$work/none.mill" --rotate \
    --calibration $model/sample_input.npy
refuses 'an input that is no .npy file' 'is no .npy file' \
    "$BUILD/millrace" run "$work/keywords.mill" --device ref --input README.md
