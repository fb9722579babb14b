#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What Yosys makes of the USB device core on an ECP5, held to what is asked of it. A carry
# cell (CCU2C) takes the place of two LUTs, and is counted so.
set -u
: "${BUILD:=build}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - usb size # SKIP no sanitizer sees Verilog'; exit 0; }
command -v yosys >/dev/null || { echo 'ok - usb size # SKIP yosys is not here'; exit 0; }
mkdir -p "$BUILD/usb"

# size TOP MOST
size() {
    stat=$BUILD/usb/$1.stat
    yosys -q -p "read_verilog rtl/usb/*.v rtl/async_fifo.v rtl/skid_buffer.v; \
        synth_ecp5 -top $1; tee -o $stat stat" \
        >"$BUILD/usb/$1.log" 2>&1 || {
        tail -n 5 "$BUILD/usb/$1.log"
        echo "not ok - $1 is not synthesised"
        return
    }
    awk -v top="$1" -v most="$2" '
        { count[$1] += $2 }
        END {
            luts = count["LUT4"] + 2 * count["CCU2C"]
            printf "%s - %s: %d LUTs of %d (%d LUT4, %d CCU2C), %d registers, %d block RAMs\n",
                (luts > 0 && luts <= most) ? "ok" : "not ok", top, luts, most, count["LUT4"],
                count["CCU2C"], count["TRELLIS_FF"], count["DP16KD"]
        }' "$stat"
}

size usb_full_speed 1100
size usb_high_speed 1500
