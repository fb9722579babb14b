#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The memories and their clock crossing: testbench/memory/. SEED may
# be given.
set -u
: "${BUILD:=build}" "${SEED:=1}"

[ -z "${SANITIZED:-}" ] || { echo 'ok - memories # SKIP no sanitizer sees Verilog'; exit 0; }
command -v iverilog >/dev/null || { echo 'ok - memories # SKIP iverilog is not here'; exit 0; }

root=$PWD
folder=$BUILD/memory
mkdir -p "$folder"
cd "$folder" || exit 1

# bench NAME PARAMETER=VALUE...: what it prints is TAP; a bench that says nothing failed.
bench() {
    name=$1
    shift
    parameters="-P${name}_tb.SEED=$SEED"
    for parameter; do parameters="$parameters -P${name}_tb.$parameter"; done
    # shellcheck disable=SC2086 # options, split on purpose
    iverilog -g2005 -Wall -y "$root/rtl" -o "$name.vvp" $parameters \
        "$root/testbench/memory/${name}_tb.v" >"$name.log" 2>&1
    if [ -s "$name.log" ]; then
        cat "$name.log"
        echo "not ok - $name does not compile cleanly"
    fi
    said=$(timeout 120 vvp -n "$name.vvp")
    echo "${said:-not ok - $name $* says nothing}"
}

for depth in 4 32; do
    bench async_fifo DEPTH=$depth
    bench async_fifo DEPTH=$depth OUT_PERIOD=2700
    bench async_fifo DEPTH=$depth IN_PERIOD=3100
done

bench phase_scan FIRST=10 COUNT=13
bench phase_scan FIRST=40 COUNT=16
bench phase_scan FIRST=0 COUNT=48
bench phase_scan FIRST=0 COUNT=0

# The chip's model: it has to see each rule broken.
"${CXX:-c++}" -std=c++17 -O1 -I"$root" -o sdram_model_test \
    "$root/testbench/memory/sdram_model_test.cpp" "$root/testbench/memory/sdram_model.cpp" \
    || echo 'not ok - the model of the SDRAM does not build'
timeout 60 ./sdram_model_test

# The memories with pins, in Verilator against models of their chips.
command -v verilator >/dev/null || { echo 'ok - chips # SKIP verilator is not here'; exit 0; }
export OBJCACHE="${OBJCACHE-ccache}"

# chip_bench TOP PREFIX FOLDER 'SOURCE...' PARAMETER=VALUE...: the bench of the C++ SOURCEs
# knows each parameter as PREFIX_PARAMETER. Those with an @ before them are the bench's alone.
# TOP is a module of rtl/ or of testbench/memory/.
chip_bench() {
    top=$1 prefix=$2 place=$3 sources=
    for source in $4; do sources="$sources $root/testbench/memory/$source.cpp"; done
    shift 4
    parameters=
    defines=
    for assignment; do
        case $assignment in
            @*) ;;
            *) parameters="$parameters -G$assignment" ;;
        esac
        defines="$defines -D${prefix}_${assignment#@}"
    done
    mkdir -p "$place"
    # shellcheck disable=SC2086 # options, split on purpose
    verilator --cc --exe --build -Wall --x-initial unique --x-assign unique -O3 \
        -y "$root/rtl" -y "$root/fpga" -y "$root/testbench/memory" \
        -y "$root/testbench/primitives" -Wno-PINMISSING \
        --top-module "$top" --Mdir "$place" $parameters \
        -CFLAGS "-O1 -I$root $defines" "$top.v" $sources \
        >"$place/build.log" 2>&1 && return
    cat "$place/build.log"
    echo "not ok - $place does not build"
    return 1
}

# A program that was killed has not said so itself.
run() {
    timeout 300 "$@"
    status=$?
    [ $status -le 1 ] || echo "not ok - $*: status $status"
}

# sdram FOLDER PARAMETER=VALUE...
sdram() {
    place=$1
    shift
    chip_bench sdram_memory SDRAM "$place" "sdram_test sdram_model" "$@"
}

# The ULX3S's chip as it is; then small ones whose rows and banks end soon.
sdram sdram16 T=32 D=16 BANK_BITS=2 ROW_BITS=13 COLUMN_BITS=9 CAS_LATENCY=3 READ_DELAY=1 \
    INIT_CYCLES=22500 TAPE_LINES=4096 @RETENTION_PART=64 \
    && run sdram16/Vsdram_memory "$SEED" 40 300000 10000 8888 \
    && for line in 3 7 9 12; do run sdram16/Vsdram_memory "$SEED" 0 0 10000 8888 "$line"; done
sdram sdram16_small T=64 D=16 BANK_BITS=2 ROW_BITS=5 COLUMN_BITS=6 CAS_LATENCY=2 READ_DELAY=2 \
    INIT_CYCLES=100 TAPE_LINES=333 T_RCD=2 T_RP=2 T_RC=6 T_RFC=7 T_REFI=780 @RETENTION_PART=64 \
    && run sdram16_small/Vsdram_memory "$SEED" 200 200000 21000 10000
sdram sdram32_small T=128 D=32 BANK_BITS=2 ROW_BITS=7 COLUMN_BITS=5 CAS_LATENCY=3 READ_DELAY=1 \
    INIT_CYCLES=100 TAPE_LINES=1025 T_REFI=1035 @RETENTION_PART=64 T_RAS=6 T_RC=9 T_RFC=9 \
    && run sdram32_small/Vsdram_memory "$SEED" 200 200000 17000 7500

# local_memory TOP FOLDER BYTES PARAMETER=VALUE...
local_memory() {
    top=$1 place=$2 bytes=$3
    shift 3
    chip_bench "$top" LOCAL "$place" local_test "$@" "@BYTES=$bytes" "@MODULE=V$top" \
        "@HEADER='\"V$top.h\"'" && run "$place/V$top" "$SEED" 100
}
local_memory spram_memory spram64 131072 T=64 TAPE_LINES=1000
local_memory spram_memory spram32 131072 T=32 TAPE_LINES=64
local_memory spram_memory spram16 131072 T=16 TAPE_LINES=3000
local_memory block_memory block32 16384 T=32 TAPE_LINES=99

# hyperram FOLDER PARAMETER=VALUE...
hyperram() {
    place=$1
    shift
    chip_bench hyperram_memory HYPERRAM "$place" "hyperram_test hyperram_model" "$@"
}
hyperram hyperram T=32 A=22 LATENCY=6 FIXED=1 T_CSM=400 GAP=4 INIT_CYCLES=15000 TAPE_LINES=2048 \
    && run hyperram/Vhyperram_memory "$SEED" 100 200000 9000 10000 4 \
    && run hyperram/Vhyperram_memory "$SEED" 100 200000 9000 10000 5
hyperram hyperram_variable T=64 A=14 LATENCY=7 FIXED=0 T_CSM=400 GAP=4 INIT_CYCLES=99 \
    TAPE_LINES=511 && run hyperram_variable/Vhyperram_memory "$SEED" 100 100000 21000 10000 3

# The same through the ECP5's pins.
chip_bench hyperram_bench HYPERRAM hyperram_pins "hyperram_pins_test hyperram_model" T=32 A=14 \
    LATENCY=6 FIXED=1 T_CSM=240 GAP=3 INIT_CYCLES=99 TAPE_LINES=300 \
    && run hyperram_pins/Vhyperram_bench "$SEED" 60 17000 16667

# flash FOLDER PARAMETER=VALUE...: through the iCE40's pins.
flash() {
    place=$1
    shift
    chip_bench flash_bench FLASH "$place" "flash_test flash_model" "$@"
}
flash flash16 T=16 TAPE_LINES=100 TAPE_OFFSET=1048576 WAKE_CYCLES=72 GAP=2 \
    && run flash16/Vflash_bench "$SEED" 400 50000 41666 0 \
    && run flash16/Vflash_bench "$SEED" 400 50000 41666 1
flash flash64 T=64 TAPE_LINES=5 TAPE_OFFSET=70000 WAKE_CYCLES=300 GAP=5 \
    && run flash64/Vflash_bench "$SEED" 400 50000 10000 0
