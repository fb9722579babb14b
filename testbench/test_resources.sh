#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `millgen fit` tells of a design against what Yosys makes of it: multipliers and
# block RAM exactly, LUTs within 15 %: of an iCE40 the logic cells that nextpnr packs its
# netlist into. RESOURCE_DESIGNS=all takes every design of the table in docs/fit.md
# (`make soak`), else the first of each family alone.
set -u
: "${BUILD:=build}" "${MAKE:=make}" "${RESOURCE_DESIGNS:=first}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - resources # SKIP no sanitizer sees Verilog'; exit 0; }
for tool in jq yosys; do
    command -v $tool >/dev/null || { echo "ok - resources # SKIP $tool is not here"; exit 0; }
done

work=$BUILD/resources
mkdir -p "$work"
"$BUILD/millgen" boards --json >"$work/boards.json"

# cells NAME...: how many of them are in what Yosys printed last.
cells() {
    awk -v names=" $* " 'index(names, " " $1 " ") { n += $2 } END { print n + 0 }' "$work/cells"
}

# Multipliers, block RAMs, large RAMs and LUTs of the netlist made last, of an ECP5 ...
ecp5_cells() {
    echo "$(cells MULT18X18D) $(cells DP16KD PDPW16KD) 0" \
        $(($(cells LUT4) + 2 * $(cells CCU2C) + 4 * $(cells TRELLIS_DPR16X4)))
}

# ... and of an iCE40.
ice40_cells() {
    nextpnr-ice40 --up5k --package sg48 --pcf-allow-unconstrained --pack-only \
        --json "$work/design/netlist.json" >"$work/pack.log" 2>&1 || return
    echo "$(cells SB_MAC16) $(cells SB_RAM40_4K) $(cells SB_SPRAM256KA)" \
        "$(awk '$2 == "ICESTORM_LC:" { print $3 + 0 }' "$work/pack.log")"
}

# synthesise BOARD: the design as its board's `synthesis` makes it.
synthesise() {
    command=$(jq -r ".boards[] | select(.name == \"$1\") | .synthesis" "$work/boards.json")
    (cd "$work/design" && yosys -q -p "read_verilog -defer millrace_top.v rtl/*.v; \
        $command -top millrace_top -json netlist.json; tee -o ../cells stat") \
        >"$work/yosys.log" 2>&1
}

# compare MODEL BOARD COMPILE-OPTIONS DESIGN-OPTIONS
compare() {
    name="$(basename "$1" .bin) ($3) on $2, $4"
    family=$(jq -r ".boards[] | select(.name == \"$2\") | .family" "$work/boards.json")
    mill=$work/design.mill
    if [ "$family" = ice40 ] && ! command -v nextpnr-ice40 >/dev/null; then
        echo "ok - $name # SKIP nextpnr-ice40 is not here"
        return
    fi
    rm -rf "$work/design"
    # shellcheck disable=SC2086 # options, split on purpose
    if ! { "$BUILD/millgen" compile "$1" -o "$mill" $3 2>"$work/log" &&
        "$BUILD/millgen" emit "$mill" --board "$2" -o "$work/design" $4 2>"$work/log"; }; then
        echo "not ok - $name: $(tr '\n' ' ' <"$work/log")"
        return
    fi
    # Its exit status says whether the design fits.
    # shellcheck disable=SC2086
    "$BUILD/millgen" fit "$mill" --board "$2" --json $4 >"$work/fit.json"
    if ! synthesise "$2" || ! found=$("${family}_cells"); then
        echo "not ok - $name: not synthesised"
        return
    fi
    told=$(jq -r '.resources | "\(.multipliers.needed) \(.ram_blocks.needed) " +
        "\(.large_rams.needed) \(.luts_estimate.needed)"' "$work/fit.json")
    echo "# $name: $found (told $told)"
    if echo "$found $told" | awk '{
        exit !($1 > 0 && $1 == $5 && $2 == $6 && $3 == $7 && $8 > 0.85 * $4 && $8 < 1.15 * $4)
    }'; then echo "ok - $name"; else echo "not ok - $name: $found, told $told"; fi
}

# random SEED: a transformer of another shape, its checkpoint in $random.
random() {
    random=$work/random-$1
    mkdir -p "$random"
    "$BUILD/testbench/random_model" "$1" "$random" >"$work/log" 2>&1
    random=$random/model.bin
}

stories=models/stories260K/stories260K.bin
compare $stories ulx3s-12f '--weights 4 --seq 128' '--lanes 8 --columns 1 --top-k 4 --fifo 256'
compare $stories icebreaker-flash '--weights 8 --seq 64' \
    '--lanes 2 --columns 1 --top-k 1 --fifo 16'
[ "$RESOURCE_DESIGNS" = all ] || exit 0

"$MAKE" --no-print-directory "BUILD=$BUILD" "$BUILD/testbench/random_model" || exit 1
mamba=models/mamba2-500k
compare $mamba ulx3s-12f '--weights 4' '--lanes 4 --columns 1 --top-k 4 --fifo 256'
compare models/mambakws-10 ulx3s-12f \
    '--weights 8 --calibration models/mambakws-10/sample_input.npy' \
    '--lanes 4 --columns 1 --top-k 4 --fifo 256'
compare $stories ulx3s-85f '--weights 4 --seq 128' '--lanes 8 --columns 2 --top-k 16 --fifo 1024'
compare models/llama-4m ulx3s-85f '--weights 4 --seq 64' \
    '--lanes 32 --columns 1 --top-k 16 --fifo 1024'
compare $mamba ulx3s-85f '--weights 4' '--lanes 8 --columns 1 --top-k 4 --fifo 256'
compare $stories cynthion '--weights 8 --seq 128' '--lanes 8 --columns 1 --top-k 8 --fifo 512'
compare models/llama-4m cynthion '--weights 8 --seq 32' \
    '--lanes 4 --columns 1 --top-k 4 --fifo 256'
compare $mamba cynthion '--weights 8' '--lanes 4 --columns 1 --top-k 8 --fifo 512'
random 102
compare "$random" icebreaker-flash '--weights 8' '--lanes 4 --columns 1 --top-k 8 --fifo 256'
random 103
compare "$random" icebreaker '--weights 3' '--lanes 4 --columns 1 --top-k 4 --fifo 64'
