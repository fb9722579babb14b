#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiling image networks and making pictures larger, from the command line.
set -u

: "${BUILD:=build}" "${MILLRACE_SHARED:=../shared}"
millgen=$BUILD/millgen
millrace=$BUILD/millrace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pictures=testbench/corpus/picture
onnx=$work/luma.onnx
cp testbench/corpus/onnx/shuffle "$onnx"
number=0
failed=0

# result STATUS NAME: one line of TAP.
result() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$work/said"
        failed=1
    fi
}

# holds NAME COMMAND...: it ends with 0.
holds() {
    name=$1
    shift
    "$@" >"$work/said" 2>&1
    result $? "$name"
}

# refuses WANTED COMMAND...: it ends with 2 and says so.
refuses() {
    wanted=$1
    shift
    "$@" >"$work/said" 2>&1
    status=$?
    { [ $status -eq 2 ] && grep -qF -- "$wanted" "$work/said"; }
    result $? "refused: $wanted"
}

# says WANTED FILTER COMMAND...: of its JSON, FILTER is that.
says() {
    wanted=$1 filter=$2
    shift 2
    got=$("$@" 2>"$work/said" | jq -c "$filter")
    [ "$got" = "$wanted" ] || { echo "got '$got'" >>"$work/said" && false; }
    result $? "$filter is $wanted"
}

holds 'compile essr_x2' "$millgen" compile models/essr/essr_x2.safetensors -o "$work/x2.mill"
holds 'compile an ONNX file' "$millgen" compile "$onnx" -o "$work/luma.mill"
holds 'compile it with 4-bit weights and 12-bit activations' \
    "$millgen" compile "$onnx" --weights 4 --acts 12 -o "$work/w4.mill"
holds 'compile the half subnet of essr_x2 alone' \
    "$millgen" compile models/essr/essr_x2.safetensors --half -o "$work/half.mill"
says 'true' '.macs * 3 < 45630 * 35' "$millrace" upscale "$work/half.mill" $pictures/rgb.png \
    -o "$work/o.png" --device ref --json
refuses 'has no subnets' "$millgen" compile "$onnx" --half -o "$work/no.mill"
refuses 'scales by 2, not by 4' \
    "$millgen" compile "$onnx" --scale 4 -o "$work/no.mill"
refuses '--weights: 3 is not 8 or 4' \
    "$millgen" compile "$onnx" --weights 3 -o "$work/no.mill"
refuses 'holds an image network' "$millrace" run "$work/x2.mill" --device ref
refuses 'image networks run on float, ref, sim:DIR or usb' \
    "$millrace" upscale "$work/x2.mill" $pictures/rgb.png -o "$work/o.png" --device fpga
refuses 'has no subnets' "$millrace" upscale "$work/luma.mill" $pictures/rgb.png \
    -o "$work/o.png" --device ref --subnets half
refuses 'the file ends too early' \
    "$millrace" upscale "$work/x2.mill" $pictures/cut-rgb.png -o "$work/o.png" --device ref
refuses 'neither PNG nor JPEG' \
    "$millrace" upscale "$work/x2.mill" LICENSE -o "$work/o.png" --device ref

for network in x2 luma; do
    for picture in rgb.png rgba.png grey.png grey-alpha.png palette.png colour.jpg; do
        for device in float ref; do
            says '[10,14]' '[.width, .height]' "$millrace" upscale "$work/$network.mill" \
                "$pictures/$picture" -o "$work/$network-$picture" --device $device --json
        done
    done
done
says '[10,14]' '[.width / 2, .height / 2]' "$millrace" upscale "$work/x2.mill" "$work/x2-rgb.png" \
    -o "$work/o.png" --device ref --json
says 'true' '.psnr_y > 10 and .ssim_y < 1' "$millrace" upscale "$work/luma.mill" \
    "$work/x2-rgb.png" --shrink --device ref --json

says 'true' '.macs <= 1e6 and .macs_skipped > 0 and .thresholds[0] > 0' "$millrace" upscale \
    "$work/x2.mill" "$work/x2-rgb.png" -o "$work/o.png" --device ref --budget 1000000 --json

refuses '--frame-rate is for --subnets auto on a design' "$millrace" upscale "$work/x2.mill" \
    $pictures/rgb.png -o "$work/o.png" --device ref --frame-rate 30
refuses '--clock is for --frame-rate' "$millrace" upscale "$work/x2.mill" \
    $pictures/rgb.png -o "$work/o.png" --device ref --clock 1000000
refuses '--budget is for --subnets auto' "$millrace" upscale "$work/luma.mill" $pictures/rgb.png \
    -o "$work/o.png" --device ref --budget 1000

# png N PAGE: its Nth picture, out of the page.
png() {
    grep -o 'base64,[^"]*' "$2" | sed -n "$1p" | cut -c8- | base64 -d
}

holds 'a page about a picture' "$millrace" upscale "$work/x2.mill" "$work/x2-rgb.png" --shrink \
    -o "$work/o.png" --device ref --report "$work/page.html"
png 2 "$work/page.html" | cmp - "$work/o.png" >"$work/said" 2>&1
result $? 'shows the picture as it was written'
png 3 "$work/page.html" | cmp - "$work/x2-rgb.png" >"$work/said" 2>&1
result $? 'and its reference'
says "$(grep -o 'essr_x2.safetensors: PSNR [0-9.]*' "$work/page.html" | cut -d ' ' -f 3)" \
    '.psnr_y * 100 | round / 100' "$millrace" upscale "$work/x2.mill" "$work/x2-rgb.png" --shrink \
    --device ref --json
holds 'measures the bicubic one' grep -q 'Bicubic: PSNR [0-9]' "$work/page.html"
refuses 'a video needs --output and has no' "$millrace" upscale "$work/x2.mill" - -o - \
    --device ref --report "$work/page.html" <testbench/corpus/y4m/420

cp testbench/corpus/y4m/420 "$work/in.y4m"
"$millrace" upscale "$work/luma.mill" "$work/in.y4m" 2>"$work/said" \
    -o "$work/a.y4m" --device ref &&
    "$millrace" upscale "$work/luma.mill" - -o - --device ref \
        <"$work/in.y4m" 2>"$work/said" >"$work/b.y4m" &&
    cmp "$work/a.y4m" "$work/b.y4m" >>"$work/said" &&
    [ "$(wc -c <"$work/a.y4m")" -eq $((35 + 2 * (6 + 60 + 2 * 15))) ]
result $? 'a video by name and by pipe are the same'
refuses 'the file ends in a frame' \
    "$millrace" upscale "$work/x2.mill" - -o - --device ref <testbench/corpus/y4m/cut

echo "1..$number"
exit $failed
