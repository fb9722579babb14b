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
    sed "$fault" "$root/rtl/async_fifo.v" >broken/async_fifo.v
    if crossing broken || ! grep -q 'proof did fail' async_fifo.log; then
        tail -n 5 async_fifo.log
        echo "not ok - async_fifo: the fault $fault is not found"
    else
        echo "ok - async_fifo: the fault $fault is found"
    fi
done
