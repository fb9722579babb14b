#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proofs of what must never happen, with yosys-smtbmc and yosys: testbench/formal/. Each proof's
# properties module wraps the module that it is about. A copy of the module with a fault
# put in must fail the same proof.
. testbench/prove.sh

one_clock=

proof fifo 16 "$one_clock" 16
mutation fifo fifo 12 "$one_clock" 's/~stored\[BITS\]/1'"'"'b1/'
mutation fifo fifo 12 "$one_clock" 's/(stored != 0) & read_free/(stored != 0)/'


# The queue between two clocks, whose edges come in any order: all of 26 steps, with
# yosys's own solver, which is the quicker one here.
# crossing FOLDER: is there no fault?
crossing() {
    timeout 120 yosys -q -p "
        read_verilog -formal $root/testbench/formal/async_fifo_properties.v
        hierarchy -check -top async_fifo_properties -libdir $1
        proc; flatten; opt_clean; memory_nordff; memory_map; clk2fflogic; opt -fast
        setundef -undriven -anyseq; opt -full
        sat -verify -prove-asserts -set-assumes -seq 26 async_fifo_properties
        " >async_fifo.log 2>&1
}

crossing "$root/rtl"
result async_fifo 'holds for 26 steps of either clock' $?
for fault in 's/~full & /1 | /' 's/read_gray != write_gray_seen/1/'; do
    rm -rf broken
    mkdir -p broken
    cp "$root/rtl/skid_buffer.v" broken/
    sed "$fault" "$root/rtl/async_fifo.v" >broken/async_fifo.v
    if crossing broken || ! grep -q 'proof did fail' async_fifo.log; then
        tail -n 5 async_fifo.log
        echo "not ok - async_fifo: the fault $fault is not found"
    else
        echo "ok - async_fifo: the fault $fault is found"
    fi
done

# What follows is proved for all steps from a reset on. Yosys's own solver again: with these z3
# does not end.
# bounded NAME STEPS FOLDER: is there no fault in the modules of FOLDER?
bounded() {
    timeout 900 yosys -q -p "
        read_verilog -formal $root/testbench/formal/$1_properties.v
        hierarchy -check -top $1_properties -libdir $3
        proc; flatten; opt_clean; memory_map; opt -full; chformal -cover -remove
        setundef -undriven -anyseq; async2sync; opt -full
        sat -verify -prove-asserts -set-assumes -set-def-inputs -set-init-undef -seq $2 \
            $1_properties" >"$1.log" 2>&1
}

# bounded_mutation NAME STEPS FILE SED: the same with a fault in FILE.v.
bounded_mutation() {
    rm -rf broken
    mkdir -p broken
    cp "$root"/rtl/*.v broken/
    sed "$4" "$root/rtl/$3.v" >"broken/$3.v"
    if cmp -s "$root/rtl/$3.v" "broken/$3.v" || bounded "$1" "$2" broken ||
        ! grep -q 'proof did fail' "$1.log"; then
        tail -n 5 "$1.log"
        echo "not ok - $1: the fault $4 is not found"
    else
        echo "ok - $1: the fault $4 is found"
    fi
}

steps=18
bounded sdram_controller $steps "$root/rtl"
result sdram_controller "holds for $steps steps" $?
for fault in 's/TURN_WAIT = 8 + CAS_LATENCY/TURN_WAIT = 7 + CAS_LATENCY/' \
    's/~(blocked & issue_auto)/1/' 's/(rows\[prepare_bank\] == prepare_row)/1/'; do
    bounded_mutation sdram_controller $steps sdram_controller "$fault"
done
bounded_mutation sdram_controller $steps sdram_bank \
    's/AFTER_WRITE_AUTO = BURST + T_WR/AFTER_WRITE_AUTO = BURST/'

steps=16
bounded tape_reader $steps "$root/rtl"
result tape_reader "holds for $steps steps" $?
for fault in 's/if (lines_left == 1) state <= HEADER/if (lines_left == 0) state <= HEADER/' \
    's/(lines_left == 0) ? HEADER : PAYLOAD/PAYLOAD/' \
    's/(fault != 0) ? FAILED/(fault == 3) ? FAILED/'; do
    bounded_mutation tape_reader $steps tape_reader "$fault"
done
