#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `millgen fit` tells of a design against what Yosys makes of it: multipliers and
# block RAM exactly, LUTs within 15 %. RESOURCE_DESIGNS=all takes every design of the
# table in docs/fit.md (`make soak`), else the first alone.
set -u
: "${BUILD:=build}" "${RESOURCE_DESIGNS:=first}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - resources # SKIP no sanitizer sees Verilog'; exit 0; }
for tool in jq yosys; do
    command -v $tool >/dev/null || { echo "ok - resources # SKIP $tool is not here"; exit 0; }
done

work=$BUILD/resources
mkdir -p "$work"

# cells NAME: how many of them are in what Yosys printed last.
cells() {
    awk -v name="$1" '$1 == name { n += $2 } END { print n + 0 }' "$work/cells"
}

# compare MODEL BITS CONTEXT BOARD DESIGN-OPTION...
compare() {
    name="$(basename "$1" .bin) $2 bits, $4 $5 $6 $7 $8"
    model=$1 bits=$2 context=$3 board=$4
    shift 4
    mill=$work/design.mill
    "$BUILD/millgen" compile "$model" -o "$mill" --weights "$bits" --seq "$context" 2>/dev/null
    "$BUILD/millgen" fit "$mill" --board "$board" --json "$@" >"$work/fit.json" 2>/dev/null
    rm -rf "$work/design"
    "$BUILD/millgen" emit "$mill" --board "$board" -o "$work/design" "$@" 2>/dev/null
    if ! (cd "$work/design" && yosys -q -p "read_verilog -defer millrace_top.v rtl/*.v; \
        $(jq -r .synthesis ../board.json) -top millrace_top; \
        tee -o ../cells stat") >"$work/yosys.log" 2>&1; then
        echo "not ok - $name: not synthesised"
        return
    fi
    told="$(jq -r '.resources | "\(.multipliers.needed) \(.ram_blocks.needed) " +
        "\(.luts_estimate.needed)"' "$work/fit.json")"
    set -- "$(cells MULT18X18D)" "$(cells DP16KD)" \
        $(($(cells LUT4) + 2 * $(cells CCU2C) + 4 * $(cells TRELLIS_DPR16X4)))
    echo "# $name: $* (told $told)"
    # shellcheck disable=SC2086 # three numbers
    if echo "$* $told" | awk '{ exit !($1 == $4 && $2 == $5 && $6 > 0.85 * $3 && $6 < 1.15 * $3) }'
    then echo "ok - $name"; else echo "not ok - $name: $*, told $told"; fi
}

stories=models/stories260K/stories260K.bin
"$BUILD/millgen" boards --json | jq '.boards[] | select(.family == "ecp5") | {synthesis}' |
    jq -s '.[0]' >"$work/board.json"
compare $stories 4 128 ulx3s-12f --lanes 8 --columns 1 --top-k 4 --fifo 256
[ "$RESOURCE_DESIGNS" = all ] || exit 0
compare $stories 4 128 ulx3s-85f --lanes 8 --columns 2 --top-k 16 --fifo 1024
compare $stories 8 128 cynthion --lanes 8 --columns 1 --top-k 8 --fifo 512
compare models/llama-4m 4 64 ulx3s-85f --lanes 32 --columns 1 --top-k 16 --fifo 1024
compare models/mamba2-500k 4 32768 ulx3s-85f --lanes 8 --columns 1 --top-k 4 --fifo 256
